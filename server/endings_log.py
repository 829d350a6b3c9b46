"""What people took back, noted beside the store, so that an older backup does not bring it back to life."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import msgspec

from server.errors import Invalid, Unavailable
from server.settings import Settings


class Ending(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One audit that was withdrawn, or, without `audit_id`, a device that was erased with all it sent."""

    at: datetime
    city_id: int
    device_id: UUID
    audit_id: UUID | None = None


def endings_log(settings: Settings) -> "EndingsLog":
    """Return the log of a server."""
    return EndingsLog(settings.endings_log or settings.home / "endings.log")


@dataclass(frozen=True)
class EndingsLog:
    """A file with a line for each ending; it holds numbers alone, never content."""

    path: Path

    def note(self, *, city_id: int, device_id: UUID, audit_id: UUID | None = None) -> None:
        """Add an ending; on return it is on disk. Called before its commit: one too many is harmless.

        Unavailable where it cannot be written.
        """
        ending = Ending(at=datetime.now(UTC), city_id=city_id, device_id=device_id, audit_id=audit_id)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                # One short write to a file opened for appending is whole, whoever else writes.
                os.write(descriptor, msgspec.json.encode(ending) + b"\n")
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise Unavailable(
                f"what is taken back cannot be noted just now: {error.strerror}; nothing was changed, "
                "send the same again"
            ) from error


def read_endings(path: Path) -> list[Ending]:
    """Return the endings in a file, oldest first. Invalid, naming the line, where one cannot be read."""
    return list(_endings(path))


def _endings(path: Path) -> Iterator[Ending]:
    lines = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            yield msgspec.json.decode(line, type=Ending)
        except msgspec.DecodeError:
            if number == len(lines):  # cut off while it was written, and never acknowledged
                return
            raise Invalid(f"{path} is damaged in line {number}; mend or remove that line") from None
