"""What was made of layers, kept in memory: everybody asks for the same few."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Shelf(Generic[T]):
    """The things last asked for, up to a number of bytes; makes one at a time."""

    def __init__(self, limit_bytes: int, *, size_of: Callable[[T], int]) -> None:
        self._limit_bytes = limit_bytes
        self._size_of = size_of
        self._kept: OrderedDict[str, T] = OrderedDict()
        self._size_bytes = 0
        self._making = Lock()
        self._arranging = Lock()

    def get(self, key: str, make: Callable[[], T]) -> T:
        """Return the thing of a key, made if it is not here; a key must always mean the same."""
        found = self._find(key)
        if found is not None:
            return found
        with self._making:
            found = self._find(key)
            return self._put(key, make()) if found is None else found

    def _find(self, key: str) -> T | None:
        with self._arranging:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def _put(self, key: str, made: T) -> T:
        with self._arranging:
            self._kept[key] = made
            self._size_bytes += self._size_of(made)
            while self._size_bytes > self._limit_bytes:
                _, gone = self._kept.popitem(last=False)
                self._size_bytes -= self._size_of(gone)
        return made
