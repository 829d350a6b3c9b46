"""What one process may believe for some seconds without asking the store again."""

from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class ShortMemory(Generic[K, V]):
    """Values by key, each for `lasts_s` seconds after it was put there, and at most `most` of them."""

    def __init__(self, *, lasts_s: float, most: int) -> None:
        self._lasts_s = lasts_s
        self._most = most
        self._kept: dict[K, tuple[V, float]] = {}
        self._lock = Lock()

    def get(self, key: K) -> V | None:
        """Return what is still believed of a key."""
        value, until = self._kept.get(key, (None, 0.0))
        return value if monotonic() < until else None

    def put(self, key: K, value: V) -> None:
        """Believe this from now on; where too much would be kept, all else is forgotten."""
        with self._lock:
            self._put(key, value)

    def keep(self, key: K, value: V) -> V:
        """Return what is believed of a key; where that is nothing, believe this from now on."""
        with self._lock:
            found = self.get(key)
            if found is None:
                self._put(key, value)
            return value if found is None else found

    def forget(self, key: K) -> None:
        """Believe nothing of a key; again is no error."""
        self._kept.pop(key, None)

    def _put(self, key: K, value: V) -> None:
        if len(self._kept) >= self._most:
            self._kept.clear()
        self._kept[key] = value, monotonic() + self._lasts_s
