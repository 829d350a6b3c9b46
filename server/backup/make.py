"""Make a backup while the server runs."""

import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import text

from server.backup.archive import FORMAT, Manifest, write_archive
from server.backup.sealing import seal
from server.backup.store import dump, fingerprints
from server.cluster.binaries import find
from server.database import Database
from server.errors import Conflict, Unavailable
from server.queries.rights import sees_all_cities
from server.services.migrate import head
from server.settings import Settings

DUMP, SECRET_KEY, HOME = "database.dump", "home/secret-key", "home"
# Of HOME: what the dump holds, what only says who runs, the key, which may come from the environment, what is
# hidden, and backups themselves.
_NOT_FILES = ("", "postgres", "secret-key", "backups")
_SNAPSHOT = text("SELECT pg_export_snapshot(), current_setting('server_version_num')::int / 10000")


def make_backup(
    database: Database,
    file: Path,
    *,
    url: str,
    settings: Settings,
    secret: bytes,
    progress: Callable[[str], None],
) -> Manifest:
    """Write database, secret key and all files of HOME into one file, as of one moment; return its manifest.

    It is sealed to the recipient of the settings, if they name one.

    People go on sending meanwhile. Files are read after the database, so that each photo in a row is there,
    unless it was taken back. Raises Conflict where `file` is there, Unavailable where it cannot be written or
    the database cannot be read; then there is no file.
    """
    if file.exists():
        raise Conflict(f"{file} is there already; name another file, or remove that one")
    try:
        # What is to be sealed lies open on the server's own disk alone.
        beside = settings.home if settings.backup_recipient else file.parent
        with tempfile.TemporaryDirectory(dir=beside, prefix=".safeaudit-backup-") as folder:
            return _make(database, file, Path(folder), url, settings, secret, progress)
    except FileExistsError:
        raise Conflict(f"{file} was made by somebody else meanwhile; name another file") from None
    except OSError as error:
        raise Unavailable(f"{file} cannot be written: {error.strerror}") from error


def _make(
    database: Database,
    file: Path,
    folder: Path,
    url: str,
    settings: Settings,
    secret: bytes,
    progress: Callable[[str], None],
) -> Manifest:
    program = find(settings.pg_bin)["pg_dump"]
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot, postgresql = connection.execute(_SNAPSHOT).one()
        if not sees_all_cities(connection):
            raise Unavailable(
                "a backup needs the role that owns the tables: name it in SAFEAUDIT_DATABASE_URL"
            )
        progress(DUMP)
        dump(url, folder / DUMP, program=program, snapshot=snapshot)
        progress("fingerprints of the tables")
        tables = fingerprints(connection)
    manifest = Manifest(
        format=FORMAT,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        program=version("safeaudit"),
        schema=head(),
        postgresql=postgresql,
        tables=tables,
    )
    (folder / "secret-key").write_bytes(secret + b"\n")
    sources = [(DUMP, folder / DUMP), (SECRET_KEY, folder / "secret-key"), *_files_of(settings.home)]
    if settings.backup_recipient is None:
        return write_archive(file, manifest, sources, progress=progress)
    written = write_archive(folder / "plain", manifest, sources, progress=progress)
    part = file.with_name(f".{file.name}.part")
    try:
        seal(folder / "plain", part, recipient=settings.backup_recipient)
        os.link(part, file)
    finally:
        part.unlink(missing_ok=True)
    return written


def _files_of(home: Path) -> Iterator[tuple[str, Path]]:
    """Yield (name in the backup, path) of photos, releases, maps and the rest, but what is half written."""
    for top in sorted(home.iterdir()):
        if top.name.split(".")[0] in _NOT_FILES or top.is_socket():
            continue
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.endswith(".part"):
                yield f"{HOME}/{path.relative_to(home).as_posix()}", path
