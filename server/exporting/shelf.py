"""Finished files of public layers, kept in memory: everybody asks for the same few."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock


class Shelf:
    """The files last asked for, up to a number of bytes; makes one file at a time."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._making = Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return the file of a key, made if it is not here; a key must always mean the same bytes."""
        found = self._files.get(key)
        if found is not None:
            return found
        with self._making:
            if key not in self._files:
                self._files[key] = make()
            self._files.move_to_end(key)
            found = self._files[key]
            while sum(map(len, self._files.values())) > self._limit_bytes:
                self._files.popitem(last=False)
        return found
