"""Where drawn photos lie: files under names that tell nothing, in a folder of this machine or in a bucket.

A name is new for each photo and never used again.
"""

import os
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

from server.errors import Unavailable
from server.settings import Settings


class Album(Protocol):
    """The store of photo files."""

    def put(self, name: str, content: bytes) -> None:
        """Keep a file; on return it survives a loss of power. Unavailable where there is no room."""
        ...

    def read(self, name: str) -> bytes:
        """Return a file; FileNotFoundError where it is not there."""
        ...

    def remove(self, name: str) -> None:
        """Delete a file, if it is there; OSError where that cannot be done now."""
        ...


def open_album(settings: Settings) -> Album:
    """Return the album of a server: a folder under its HOME unless the settings name a bucket."""
    return Bucket(settings.photo_bucket) if settings.photo_bucket else Folder(settings.home / "photos")


def new_name() -> str:
    """Return a name for a photo that is about to be put."""
    return f"{uuid4().hex}.jpg"


@dataclass(frozen=True)
class Folder:
    """A folder that only the server's account may enter."""

    path: Path

    def put(self, name: str, content: bytes) -> None:
        """Write beside, flush, rename, flush the folder: a name is there whole or not at all."""
        part = self.path / _part(name)
        try:
            self._make()
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.rename(self.path / name)
            _flush_folder(self.path)
        except OSError as error:
            with suppress(OSError):
                part.unlink(missing_ok=True)
            raise Unavailable(
                f"photos cannot be written just now: {error.strerror}; send the same again"
            ) from error

    def read(self, name: str) -> bytes:
        """Return a file; FileNotFoundError where it is not there."""
        return (self.path / name).read_bytes()

    def remove(self, name: str) -> None:
        """Delete a file, and what is left of one that was being written."""
        for left in (name, _part(name)):
            (self.path / left).unlink(missing_ok=True)

    def _make(self) -> None:
        if not self.path.is_dir():
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            _flush_folder(self.path.parent)


@dataclass(frozen=True)
class Bucket:
    """A folder of an object store, such as s3://bucket/folder, by fsspec; a put object is there whole."""

    url: str

    @cached_property
    def _files(self) -> tuple[Any, str]:
        from fsspec.core import url_to_fs  # noqa: PLC0415 - the extra `s3`

        files, root = url_to_fs(self.url)
        return files, root.rstrip("/")

    def put(self, name: str, content: bytes) -> None:
        """Keep a file; the store answers when it is safe."""
        files, root = self._files
        try:
            files.pipe_file(f"{root}/{name}", content)
        except Exception as error:  # s3fs lets errors of its own library through, which are no OSError
            raise Unavailable("photos cannot be written just now; send the same again") from error

    def read(self, name: str) -> bytes:
        """Return a file; FileNotFoundError where it is not there."""
        files, root = self._files
        content: bytes = files.cat_file(f"{root}/{name}")
        return content

    def remove(self, name: str) -> None:
        """Delete a file, if it is there."""
        files, root = self._files
        try:
            files.rm_file(f"{root}/{name}")
        except FileNotFoundError:
            return
        except Exception as error:  # as above
            raise OSError("the bucket cannot be reached") from error


def _part(name: str) -> str:
    return f"{name}.part"


def _flush_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
