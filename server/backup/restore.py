"""Bring a backup to life in an empty HOME, and see that it is what was backed up."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from server.backup.archive import Manifest, read_manifest, unpack
from server.backup.make import DUMP, HOME, SECRET_KEY
from server.backup.replay import apply_endings
from server.backup.sealing import is_sealed, unseal
from server.backup.store import fingerprints, is_empty, require_equal, undump
from server.cluster import ensure
from server.cluster.binaries import find
from server.database import Database, connect
from server.endings_log import Ending
from server.errors import Conflict
from server.services.migrate import migrate, require_known
from server.settings import Settings


@dataclass(frozen=True)
class Restored:
    """What came back."""

    manifest: Manifest
    ended_anew: int
    """Audits and devices that had been taken back since the backup."""


def restore_backup(
    file: Path,
    *,
    settings: Settings,
    endings: Sequence[Ending],
    progress: Callable[[str], None],
    key: Path | None = None,
) -> Restored:
    """Fill HOME and its database from a backup, migrate them to this program, and apply `endings` anew.

    `key` is the file with the key of a sealed backup.

    Raises Conflict where HOME or the database is not empty, where the settings name another secret key, or
    where the backup is of a newer program; Invalid where a file or a table is not what was backed up. HOME
    and the embedded database are then empty as before.
    """
    home = settings.home
    _require_empty(home)
    unpacked, plain = home / "restoring", home / "restoring.tar"
    with _emptied_on_error(home):
        if is_sealed(file):
            unseal(file, plain, key=key)
            file = plain
        manifest = read_manifest(file)
        require_known(manifest.schema)
        unpack(file, manifest, unpacked, progress=progress)
        plain.unlink(missing_ok=True)
        _require_same_key(settings, (unpacked / SECRET_KEY).read_text(encoding="ascii").strip())
        with _store(settings) as (database, url):
            _fill(database, url, unpacked / DUMP, manifest, settings, progress)
            progress("migration")
            migrate(database)
            ended = apply_endings(database, endings)
        for path in sorted((unpacked / HOME).iterdir()):
            path.rename(home / path.name)
        shutil.rmtree(unpacked)
    return Restored(manifest, ended)


def _require_empty(home: Path) -> None:
    found = sorted(path.name for path in home.iterdir()) if home.exists() else []
    if found:
        raise Conflict(
            f"SAFEAUDIT_HOME={home} is not empty: it has {', '.join(found[:5])}. Stop what runs there, and "
            "move its content away or set SAFEAUDIT_HOME to another folder"
        )


def _require_same_key(settings: Settings, key: str) -> None:
    if settings.secret_key not in (None, key):
        raise Conflict(
            "the backup was made with another secret key than SAFEAUDIT_SECRET_KEY: with a wrong one no "
            "receipt and no resent audit would be known again. Unset it, or set it to the key of the backup"
        )


@contextmanager
def _emptied_on_error(home: Path) -> Iterator[None]:
    home.mkdir(mode=0o755, parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        for path in home.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        raise


@contextmanager
def _store(settings: Settings) -> Iterator[tuple[Database, str]]:
    """Yield an empty database: the one in the settings, else the embedded one, made and running meanwhile."""
    cluster = None if settings.database_url else ensure(settings.home, pg_bin=settings.pg_bin)
    url = settings.database_url or (cluster.url if cluster else "")
    database = connect(url, pool_size=2)
    try:
        with database.transaction() as connection:
            if not is_empty(connection):
                raise Conflict("the database in SAFEAUDIT_DATABASE_URL is not empty; name an empty one")
        yield database, url
    finally:
        database.dispose()
        if cluster:
            cluster.stop()


def _fill(
    database: Database,
    url: str,
    file: Path,
    manifest: Manifest,
    settings: Settings,
    progress: Callable[[str], None],
) -> None:
    progress(DUMP)
    undump(url, file, program=find(settings.pg_bin)["pg_restore"])
    progress("fingerprints of the tables")
    with database.transaction() as connection:
        require_equal(fingerprints(connection), manifest)
