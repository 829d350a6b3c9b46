"""The file of a backup: a tar whose last member, the manifest, tells size and SHA-256 of all others."""

import hashlib
import io
import os
import tarfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import msgspec

from server.errors import Invalid

FORMAT = 1
MANIFEST = "manifest.json"
_CHUNK = 1 << 20


class Member(msgspec.Struct, frozen=True):
    """One file within."""

    name: str
    size: int
    sha256: str


class Fingerprint(msgspec.Struct, frozen=True):
    """The rows of a table, in any order: how many, and the sum of their hashes."""

    rows: int
    sum: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds."""

    format: int
    made_at: str
    program: str
    schema: str
    postgresql: int
    tables: Mapping[str, Fingerprint]
    members: tuple[Member, ...] = ()


def write_archive(
    file: Path, manifest: Manifest, sources: Iterable[tuple[str, Path]], *, progress: Callable[[str], None]
) -> Manifest:
    """Write a backup that only its owner may read, put in place whole and on disk; return its manifest.

    A source that is gone by now is left out. OSError where the disk is full.
    """
    part = file.with_name(f".{file.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
                members = tuple(_added(tar, sources, progress))
                whole = msgspec.structs.replace(manifest, members=members)
                _add(tar, MANIFEST, io.BytesIO(told := msgspec.json.encode(whole)), len(told))
            raw.flush()
            os.fsync(raw.fileno())
        # Links refuse to take the place of a file that somebody made meanwhile; renaming would not.
        os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    return whole


def read_manifest(file: Path) -> Manifest:
    """Return the manifest of a backup; Invalid where the file is none, is cut off or of a later format."""
    with _opened(file) as tar:
        try:
            found = _within(tar, MANIFEST)
            manifest = msgspec.json.decode(found.read(), type=Manifest)
        except (KeyError, msgspec.DecodeError):
            raise Invalid(f"{file} is cut off or no backup: it has no manifest at its end") from None
    if manifest.format != FORMAT:
        raise Invalid(
            f"{file} is of format {manifest.format}, this program reads {FORMAT}: upgrade safeaudit"
        )
    return manifest


def unpack(file: Path, manifest: Manifest, folder: Path, *, progress: Callable[[str], None]) -> None:
    """Write all members below a folder, flushed to disk, and see that each is as it was when backed up.

    Raises Invalid naming the first that is missing, altered, or would lie elsewhere.
    """
    with _opened(file) as tar:
        for member in manifest.members:
            progress(member.name)
            path = PurePosixPath(member.name)
            if path.is_absolute() or ".." in path.parts:
                raise Invalid(f"{file} is damaged: {member.name} leads out of it")
            target = folder / path
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                source = _within(tar, member.name)
            except KeyError:
                raise Invalid(f"{file} is damaged: {member.name} is missing") from None
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
                digest = _copied(source, sink)
                sink.flush()
                os.fsync(sink.fileno())
            if digest != member.sha256:
                raise Invalid(f"{file} is damaged: {member.name} is not what was backed up")


@contextmanager
def _opened(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(file, mode="r:") as tar:
            yield tar
    except (tarfile.TarError, EOFError) as error:
        raise Invalid(f"{file} is cut off, damaged, or no backup: {error}") from None


def _within(tar: tarfile.TarFile, name: str) -> IO[bytes]:
    found = tar.extractfile(tar.getmember(name))
    if found is None:  # a folder or a link, which backups do not hold
        raise KeyError(name)
    return found


def _added(
    tar: tarfile.TarFile, sources: Iterable[tuple[str, Path]], progress: Callable[[str], None]
) -> Iterator[Member]:
    for name, path in sources:
        progress(name)
        try:
            with path.open("rb") as source:
                size = os.fstat(source.fileno()).st_size
                yield Member(name, size, _add(tar, name, source, size))
        except FileNotFoundError:
            continue


def _add(tar: tarfile.TarFile, name: str, source: IO[bytes], size: int) -> str:
    """Add the first `size` bytes, for a log may grow meanwhile; return their SHA-256."""
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    reading = _Hashing(source)
    tar.addfile(entry, reading)  # type: ignore[arg-type] # it only reads
    return reading.sha256.hexdigest()


def _copied(source: IO[bytes], sink: IO[bytes]) -> str:
    """Copy all, and return its SHA-256."""
    reading = _Hashing(source)
    while chunk := reading.read(_CHUNK):
        sink.write(chunk)
    return reading.sha256.hexdigest()


class _Hashing:
    """A source that is hashed as it is read."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self.sha256 = hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._source.read(size)
        self.sha256.update(chunk)
        return chunk
