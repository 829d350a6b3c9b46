"""Folders that are whole or not there: written aside, brought to disk, renamed into place."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from server.errors import Unavailable

SUMS = "SHA256SUMS"
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FULL_BELOW_BYTES = 1 << 20  # GDAL and Arrow tell of a full disk in words of their own
_BLOCK = 1 << 20


@contextmanager
def aside(final: Path) -> Iterator[Path]:
    """Yield an empty folder beside `final`, for `move_into_place`; it is gone afterwards, whatever happens.

    What an earlier crash left of it goes first. Unavailable where there is no room on the disk.
    """
    folder = final.with_name(f".{final.name}.being-made")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
    except Exception as error:
        if _is_full(error, final.parent):
            raise Unavailable(
                f"no room left in {final.parent}: nothing was made; free some and ask again"
            ) from error
        raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def bring_to_disk(folder: Path) -> None:
    """Return once all files of a folder, and its list of them, are on disk."""
    for path in sorted(folder.iterdir()):
        _sync(path)
    _sync(folder)


def move_into_place(folder: Path, final: Path) -> None:
    """Let a folder stand at `final`, for good; one that stands there goes."""
    shutil.rmtree(final, ignore_errors=True)
    folder.rename(final)
    _sync(final.parent)


def sha256_of(path: Path) -> tuple[int, str]:
    """Return the size of a file in bytes and its SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            size += len(block)
    return size, digest.hexdigest()


def write_sums(folder: Path) -> None:
    """Write the hash of every file of a folder, as `sha256sum -c` reads it."""
    lines = [f"{sha256_of(path)[1]}  {path.name}\n" for path in sorted(folder.iterdir())]
    (folder / SUMS).write_text("".join(lines), encoding="utf-8")


def _is_full(error: Exception, folder: Path) -> bool:
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    return folder.is_dir() and shutil.disk_usage(folder).free < _FULL_BELOW_BYTES


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
