"""Move the embedded database to another PostgreSQL: filled anew, compared with the old one, put in place."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, text

from server.backup.archive import Manifest
from server.backup.make import make_backup
from server.backup.nightly import folder_of
from server.backup.store import dump, fingerprints, require_equal, undump
from server.cluster import data_folder
from server.cluster.binaries import Binaries, find
from server.cluster.embedded import Cluster
from server.database import connect
from server.errors import Conflict, Unavailable
from server.secret_key import secret_key
from server.services.migrate import migrate
from server.settings import Settings

_SNAPSHOT = text("SELECT pg_export_snapshot()")


@dataclass(frozen=True)
class Upgraded:
    """What was done: from which to which major version, the backup made before, the old data, still there."""

    before: int
    after: int
    backup: Path
    kept: Path
    rows: int


def upgrade_database(settings: Settings, *, rebuild: bool, progress: Callable[[str], None]) -> Upgraded:
    """Leave the embedded database in the newest PostgreSQL here, with every table as it was, hash by hash.

    A backup precedes it; the old data folder is kept. `rebuild` does it too where the version stays the same.
    Raises Conflict where there is nothing to do or the database is not ours, Unavailable where there is no
    room, Invalid where the new tables differ, ClusterError where programs are missing or the database is in
    use. In each of these nothing has been changed but the schema, which is this program's.
    """
    old, new = _programs(settings, rebuild=rebuild)
    cluster = Cluster(settings.home, pg_bin=old.folder)
    _require_room(cluster.data)
    name = f"before-postgresql-{new.major}-{datetime.now(UTC):%Y%m%dT%H%M%S}.safeaudit"
    backup = folder_of(settings) / name
    with (
        cluster.for_us_alone(),
        tempfile.TemporaryDirectory(dir=cluster.home, prefix=".upgrading-") as folder,
    ):
        manifest = _back_up(cluster, backup, settings, progress)
        if os.geteuid() == 0:  # who lends PostgreSQL another account, which must be able to pass through
            Path(folder).chmod(0o755)
        filled = Cluster(Path(folder, "home"), pg_bin=new.folder)
        _fill(filled, cluster, new, manifest, progress)
        kept = cluster.put_in_place(filled.data)
    rows = sum(table.rows for table in manifest.tables.values())
    return Upgraded(old.major, new.major, backup, kept, rows)


def remove_replaced(settings: Settings) -> list[Path]:
    """Remove the data folders that earlier upgrades kept, and return them.

    Raises ClusterError where one of them is all there is.
    """
    data = Cluster(settings.home).data
    data_folder.major(data)
    replaced = data_folder.kept(data)
    for folder in replaced:
        shutil.rmtree(folder)
    return replaced


def _programs(settings: Settings, *, rebuild: bool) -> tuple[Binaries, Binaries]:
    """Return the programs of the database that is there, and those of the one to come."""
    if settings.database_url is not None:
        raise Conflict(
            "SAFEAUDIT_DATABASE_URL names a PostgreSQL of your own: upgrade it with its own tools, on Debian "
            "pg_upgradecluster"
        )
    before = data_folder.major(Cluster(settings.home).data)
    if before is None:
        raise Conflict(f"there is no database in {settings.home} yet: the first command makes one")
    new = find(settings.pg_bin)
    if new.major < before or (new.major == before and not rebuild):
        raise Conflict(
            f"the database is of PostgreSQL {before}, and the newest with PostGIS here is {new.major}: "
            "install the newer one beside it first, or name its programs with SAFEAUDIT_PG_BIN"
        )
    return (new if new.major == before else find(major=before)), new


def _require_room(data: Path) -> None:
    """A dump inside the backup, one beside it and the new folder: less than three times the old folder."""
    size = sum(file.stat().st_size for file in data.rglob("*") if file.is_file())
    free = shutil.disk_usage(data).free
    if free < 3 * size:
        raise Unavailable(
            f"the disk of {data} has {free / 1e6:.0f} MB left, and the move may need {3 * size / 1e6:.0f}: "
            "make room"
        )


def _back_up(cluster: Cluster, file: Path, settings: Settings, progress: Callable[[str], None]) -> Manifest:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = connect(cluster.url, pool_size=2)
    try:
        migrate(database)
        return make_backup(
            database, file, url=cluster.url, settings=settings,
            secret=secret_key(settings).encode(), progress=progress,
        )  # fmt: skip
    finally:
        database.dispose()


def _fill(
    filled: Cluster, old: Cluster, programs: Binaries, manifest: Manifest, progress: Callable[[str], None]
) -> None:
    """Leave a new cluster, ended, with every table as the manifest tells it; Invalid where one differs."""
    file = filled.home.with_name("database.dump")
    progress(f"dump by PostgreSQL {programs.major}")
    with _opened(old.url) as connection:
        dump(old.url, file, program=programs["pg_dump"], snapshot=str(connection.scalar(_SNAPSHOT)))
    with filled:
        filled.start()
        progress(f"filling PostgreSQL {programs.major}")
        undump(filled.url, file, program=programs["pg_restore"])
        progress("fingerprints of the tables")
        with _opened(filled.url) as connection:
            require_equal(fingerprints(connection), manifest)


@contextmanager
def _opened(url: str) -> Iterator[Connection]:
    database = connect(url, pool_size=1)
    try:
        with database.transaction() as connection:
            yield connection
    finally:
        database.dispose()
