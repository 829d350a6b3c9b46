"""Where work that is alike is done: here one after another, or by whoever is passed in."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol, TypeVar

Shared = TypeVar("Shared")
Made = TypeVar("Made")


class Each(Protocol):
    """Apply a function to what all share and to each of what differs; results in order.

    The function is of a module's top level and all arguments can be pickled, for it may run elsewhere.
    """

    def __call__(
        self, function: Callable[..., Made], shared: Shared, *differing: Iterable[object]
    ) -> Iterable[Made]:
        """Return what the function makes of `(shared, *one)` for each tuple of the zipped iterables."""


def here(function: Callable[..., Made], shared: Shared, *differing: Iterable[object]) -> Iterable[Made]:
    """Work in this process."""
    return map(partial(function, shared), *differing)
