"""What changes the whole store: migrations, backup and restore, analyses."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import psycopg
from alembic import command
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from server.cluster import ensure
from server.database import Database, connect
from server.services.migrate import _config, migrate
from tests.faults.phones import GaveUpError, Ledger, document, enrol, exchange, rows, sending
from tests.faults.server import CITY, Running
from tests.faults.strikes import fill

LONGEST_LOCK_S = 3.0
SIMULATED = ("--audits", "4000", "--auditors", "150", "--seed", "1")
_TOWN = (
    "layertown",
    "--name",
    "Layertown",
    "--timezone",
    "Asia/Kolkata",
    "--boundary",
    "77.2,28.5,77.25,28.55",
)
_LAYERS = """SELECT instrument_id, layer, feature_id, md5(properties::text) FROM layer_row
             WHERE run_id = {} ORDER BY 1, 2, 3"""
_AUDITS = "SELECT audit_id, md5(a::text) FROM audit AS a"


def migrating(*, held_s: float = 0.0) -> Callable[[Running, Ledger], None]:
    """Return what goes a revision down and up again while phones send, holding the table a while longer."""

    def strike(up: Running, ledger: Ledger) -> None:
        database = connect(up.database, pool_size=1)
        with sending(up.address, ledger):
            ledger.await_recovery()
            ledger.longest_silence_s = 0.0
            for _ in range(4):
                _go_down(database, held_s)
                migrate(database)
                time.sleep(1)
            ledger.await_recovery()
        database.dispose()
        waited = ledger.longest_silence_s
        ledger.require(waited < LONGEST_LOCK_S, "waited", f"for {waited:.1f} s")

    return strike


def _go_down(database: Database, held_s: float) -> None:
    """Undo the last migration, again where somebody was in the way."""
    while True:
        try:
            with database.transaction() as connection:
                connection.execute(text("SET LOCAL lock_timeout = '3s'"))
                command.downgrade(_config(connection), "-1")
                if held_s:
                    connection.execute(text("LOCK TABLE audit"))
                    time.sleep(held_s)
            return
        except OperationalError:
            time.sleep(0.5)


def backed_up(up: Running, ledger: Ledger) -> None:
    """Back up while phones send, and restore elsewhere: what was acknowledged before is there, as it is."""
    file, other = up.home.parent / "backup.safeaudit", up.home.parent / "other"
    with sending(up.address, ledger):
        ledger.await_recovery()
        time.sleep(2)
        before = set(ledger.acknowledged)
        up.commands.command("backup", str(file))
        ledger.await_recovery()
    environ = up.commands.environ | {"SAFEAUDIT_HOME": str(other)}
    began = time.monotonic()
    replace(up.commands, path=other, environ=environ).command("restore", str(file))
    ledger.recovery_s = time.monotonic() - began
    with ensure(other) as cluster, psycopg.connect(cluster.url.replace("+psycopg", "")) as connection:
        restored = dict(connection.execute(_AUDITS).fetchall())
    here = dict(rows(up, _AUDITS))
    lost = before - restored.keys()
    ledger.require(not lost, "restored", f"{len(lost)} are not in the backup")
    altered = sum(here[id] != content for id, content in restored.items())
    ledger.require(not altered, "alike", f"{altered} rows came back otherwise")


def analysed(*, tampered: bool = False) -> Callable[[Running, Ledger], None]:
    """Return what analyses a city twice: the published layers are what the raw audits give, row by row."""

    def strike(up: Running, ledger: Ledger) -> None:
        audits, truth = up.home.parent / "audits.csv", up.home.parent / "truth.geojson"
        run = up.commands.command
        run("city", "create", *_TOWN)
        run("simulate", "layertown", *SIMULATED, "--out", str(audits), "--truth", str(truth))
        run("import", "layertown", str(audits))
        for _ in range(2):
            run("analyze", "layertown")
        [(last,), (first,)] = rows(up, "SELECT run_id FROM run ORDER BY run_id DESC LIMIT 2")
        if tampered:
            changed = """UPDATE layer_row SET properties = properties || '{"score": 5}'
                         WHERE feature_id = (SELECT min(feature_id) FROM layer_row)"""
            up.as_superuser(f"{changed} AND run_id = {first}")
        published, computed = rows(up, _LAYERS.format(first)), rows(up, _LAYERS.format(last))
        if len(published) < 100:
            raise GaveUpError(f"{len(published)} rows were published")
        other = sum(one != two for one, two in zip(published, computed, strict=False))
        other += abs(len(published) - len(computed))
        ledger.require(not other, "equal", f"{other} rows are not what the audits give")
        ledger.operations += len(published)

    return strike


def full_album(up: Running, ledger: Ledger) -> None:
    """Send photos while their disk is full and when there is room again: no 2xx without a file."""
    token, ballast = enrol(up.address), up.home / "photos" / "ballast"
    id, answers = uuid4(), (1,) * 7
    ledger.send({id: answers})
    sent = json.dumps(document(id, answers)).encode()
    assert exchange(up.address, "POST", f"{CITY}/audits", sent, token)[0] == 201
    ledger.told({id})
    pictures = [_picture(shade) for shade in range(4)]
    fill(ballast)
    refused = [_put(up, token, str(id), picture) for picture in pictures]
    ledger.require(all(status in (503, 507) for status in refused), "refused", f"on a full disk: {refused}")
    ballast.unlink()
    began = time.monotonic()
    taken = [_put(up, token, str(id), picture) for picture in pictures]
    ledger.recovery_s = time.monotonic() - began
    ledger.require(all(status in (200, 201) for status in taken), "taken", f"with room again: {taken}")
    names = [name for (name,) in rows(up, "SELECT name FROM photo")]
    sizes = {file.name: file.stat().st_size for file in (up.home / "photos").iterdir()}
    whole = [sizes.get(name, 0) > 0 for name in names]
    ledger.require(len(whole) == len(pictures) and all(whole), "whole", f"{sum(whole)} of {len(pictures)}")


def _picture(shade: int) -> bytes:
    from PIL import Image  # noqa: PLC0415 - of the extra

    drawn = BytesIO()
    Image.new("RGB", (640, 480), (shade * 40, 90, 60)).save(drawn, "JPEG")
    return drawn.getvalue()


def _put(up: Running, token: str, audit: str, picture: bytes) -> int:
    from hashlib import sha256  # noqa: PLC0415

    path = f"{CITY}/audits/{audit}/photos/{sha256(picture).hexdigest()}"
    for _ in range(20):
        status, _body = exchange(up.address, "PUT", path, picture, token, Content_Type="image/jpeg")
        if status not in (429,):
            return status
        time.sleep(0.5)
    return status


def spare_room(home: Path) -> dict[str, tuple[Path, int]]:
    """Return which folders of HOME get a disk of their own for which fault, and how much room in MB."""
    data = home / "postgres" / "data"
    return {"data": (data / "base", 40), "log": (data / "pg_wal", 100), "photos": (home / "photos", 4)}
