"""The way from the first schema to this program's, with rows, while others go on writing.

    python -m tests.migrations.upgrade [--rows 1000000]

Prints how long the migrations took, how long a writer waited at most, and how many writes were lost.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
from alembic import command

from server.cluster.embedded import Cluster
from server.database import connect
from server.services.migrate import _config, migrate

WRITERS = 4
_CITY = """INSERT INTO city (slug, name, time_zone, languages, resolution, k)
           VALUES ('oldtown', 'Oldtown', 'UTC', '{en}', 9, 5)"""
_DEVICES = """INSERT INTO device (city_id, device_id, origin)
              SELECT 1, gen_random_uuid(), 'phone' FROM generate_series(1, 1000)"""
_AUDITS = """
INSERT INTO audit (city_id, audit_id, version, device_id, content_hash, instrument_id, instrument_version,
                   cell, observed_at, daypart, ratings, used, flags)
SELECT 1, gen_random_uuid(), 1, device_id, sha256(n::text::bytea), 'safetipin-9', 1,
       626801283387834367, now(), 1, '{1,2,3,0,1,2,3,0,1}', true, '{}'
FROM generate_series(1, %s) AS n
JOIN (SELECT device_id, row_number() OVER () AS d FROM device) AS own ON d = 1 + n %% 1000
"""
_WRITE = """INSERT INTO audit (city_id, audit_id, version, device_id, used, flags)
            SELECT 1, %s, 1, min(device_id::text)::uuid, false, '{}' FROM device WHERE city_id = 1
            ON CONFLICT DO NOTHING"""


@dataclass(frozen=True)
class Upgrade:
    """What an upgrade came to."""

    rows: int
    took_s: float
    longest_write_s: float
    written: int
    lost: int
    altered: bool


def upgrade(cluster: Cluster, *, rows: int, database: str = "test_upgrade") -> Upgrade:
    """Return what became of `rows` audits and of those that came meanwhile."""
    cluster.create_database(database)
    url = cluster.database_url(database)
    address = url.replace("+psycopg", "")
    try:
        with psycopg.connect(address) as connection:
            _fill(url, connection, rows)
            before = _hash(connection)
        with _writing(address) as writes:
            time.sleep(1)
            owner = connect(url, pool_size=1)
            began = time.monotonic()
            migrate(owner)
            took_s = time.monotonic() - began
            owner.dispose()
            time.sleep(1)
        with psycopg.connect(address) as connection:
            kept = {id for (id,) in connection.execute("SELECT audit_id FROM audit WHERE NOT used")}
            after = _hash(connection)
    finally:
        cluster.drop_database(database)
    written = {id for id, _ in writes}
    longest_s = max(seconds for _, seconds in writes)
    return Upgrade(rows, took_s, longest_s, len(written), len(written - kept), before != after)


def _fill(url: str, connection: psycopg.Connection, rows: int) -> None:
    owner = connect(url, pool_size=1)
    with owner.transaction() as first:
        command.upgrade(_config(first), "0001")
    owner.dispose()
    connection.execute(_CITY)
    connection.execute(_DEVICES)
    connection.execute(_AUDITS, [rows])
    connection.commit()


def _hash(connection: psycopg.Connection) -> object:
    hashed = "hashtextextended((audit_id, cell, ratings, observed_at)::text, 0)"
    return connection.execute(f"SELECT count(*), sum({hashed}) FROM audit WHERE used").fetchone()


@contextmanager
def _writing(address: str) -> Iterator[list[tuple[UUID, float]]]:
    """Let writers write meanwhile; yield what was acknowledged, with the seconds it took."""
    done, told = threading.Event(), list[tuple[UUID, float]]()

    def write() -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            while not done.is_set():
                id, began = uuid4(), time.monotonic()
                connection.execute(_WRITE, [id])
                told.append((id, time.monotonic() - began))
                time.sleep(0.01)

    writers = [threading.Thread(target=write) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    try:
        yield told
    finally:
        done.set()
        for writer in writers:
            writer.join(60)


def main() -> None:
    """Print what an upgrade came to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home")
        cluster.start()
        try:
            print(upgrade(cluster, rows=options.rows))
        finally:
            cluster.stop()


if __name__ == "__main__":
    main()
