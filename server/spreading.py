"""Work of a run on other machines: the workers of a dask scheduler."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING

from analysis.each import Each, Made, Shared, here
from server.errors import Refusal

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_WITHIN_S = 10


class NoCluster(Refusal):
    """The work cannot be spread over other machines."""


@contextmanager
def spread(address: str | None) -> Iterator[Each]:
    """Yield what has work done by the workers of a scheduler such as `tcp://10.0.0.5:8786`; None: here.

    Raises NoCluster where dask is not installed, nobody answers, no worker is there or one has another
    version of this program, whose numbers could differ.
    """
    if address is None:
        yield here
        return
    with _client(address) as client:
        _check_workers(client)

        def each(
            function: Callable[..., Made], shared: Shared, *differing: Iterable[object]
        ) -> Iterable[Made]:
            # Once to every worker, not with each task; never remembered: the same name stands for one call.
            known = client.scatter(shared, broadcast=True, hash=False)
            tasks = [client.submit(function, known, *one, pure=False) for one in zip(*differing, strict=True)]
            found: list[Made] = client.gather(tasks)
            return found

        yield each


@contextmanager
def _client(address: str) -> "Iterator[Client]":
    try:
        from distributed import Client  # noqa: PLC0415 - an extra, and slow to load
    except ImportError:
        raise NoCluster("work on a cluster needs dask: `make cluster` installs it") from None
    try:
        client = Client(address, timeout=_CONNECT_WITHIN_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as fault:
        raise NoCluster(
            f"no dask scheduler answers at {address} ({fault}); start one by `dask scheduler` and workers by "
            f"`dask worker {address} --nthreads 1`"
        ) from None
    with client:
        yield client


def _check_workers(client: "Client") -> None:
    """Refuse a scheduler without workers, and workers of another version."""
    own, theirs = _own_version(), client.run(_own_version, on_error="return")
    if not theirs:
        raise NoCluster("the scheduler has no workers yet; start some by `dask worker ADDRESS --nthreads 1`")
    for worker, found in theirs.items():
        if found != own:
            raise NoCluster(
                f"the worker {worker} has {found!r} of safeaudit, this machine {own}; install alike"
            )


def _own_version() -> str:
    return version("safeaudit")
