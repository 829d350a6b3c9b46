"""A backup each night, and no more of them than are wanted."""

import os
from datetime import datetime
from pathlib import Path

import structlog

from server.backup.make import make_backup
from server.database import Database
from server.settings import Settings

_PREFIX, _SUFFIX = "nightly-", ".safeaudit"

log = structlog.get_logger("backup")


def folder_of(settings: Settings) -> Path:
    """Return where nightly backups lie."""
    return settings.backup_folder or settings.home / "backups"


def nightly_backups(settings: Settings) -> list[Path]:
    """Return the nightly backups that are there, the oldest first."""
    return sorted(folder_of(settings).glob(f"{_PREFIX}*{_SUFFIX}"))


def back_up_nightly(
    database: Database, *, url: str, settings: Settings, secret: bytes, now: datetime
) -> Path | None:
    """Return tonight's backup, made now unless it is there; the oldest beyond `backups_kept` are gone then.

    None where none are kept. Raises as `make_backup`, and then removes none.
    """
    if not settings.backups_kept:
        return None
    folder = folder_of(settings)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = folder / f"{_PREFIX}{now:%Y-%m-%d}{_SUFFIX}"
    if not file.exists():
        made = make_backup(database, file, url=url, settings=settings, secret=secret, progress=lambda _: None)
        rows = sum(table.rows for table in made.tables.values())
        log.info("backup", rows=rows, files=len(made.members), bytes=file.stat().st_size)
    for old in nightly_backups(settings)[: -settings.backups_kept]:
        os.unlink(old)
    return file
