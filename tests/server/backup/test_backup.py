"""A backup brings back what was there at its moment, whole or not at all, and nothing taken back since."""

import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from server.audit_store import OnConnection
from server.backup.archive import Manifest, read_manifest
from server.backup.make import make_backup
from server.backup.restore import Restored, restore_backup
from server.backup.store import fingerprints
from server.cities import City
from server.database import Database, connect
from server.endings_log import Ending, EndingsLog, read_endings
from server.errors import Conflict, Invalid, Unavailable
from server.intake.content import AuditContent
from server.secret_key import secret_key
from server.services.erase_device import erase_device
from server.services.submit_audits import Sender, submit_audits
from server.services.withdraw_audit import withdraw_audit
from server.settings import Settings
from tests.server.services.test_submit_audits import NOW, _content, _enrol

PHOTO = b"\xff\xd8 a street \xff\xd9" * 999


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """The HOME of a server with a photo, a release, and a photo that is being written."""
    folder = tmp_path / "home"
    for name, content in {
        "photos/0a.jpg": PHOTO,
        "photos/.0b.jpg.part": b"half",
        "releases/testville/r1/rows.csv": b"cell,quarter\n",
        "postgres/data/PG_VERSION": b"15",
        "postgres.lease": b"",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def sender(database: Database, city: City) -> Sender:
    return _enrol(database, city)


def submit(database: Database, city: City, home: Path, sender: Sender, *contents: AuditContent) -> None:
    secret = secret_key(Settings(home=home)).encode()
    with database.transaction() as connection:
        submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=contents, secret=secret, now=NOW
        )


def back_up(database: Database, url: str, home: Path, file: Path) -> Manifest:
    settings = Settings(home=home)
    secret = secret_key(settings).encode()
    return make_backup(database, file, url=url, settings=settings, secret=secret, progress=lambda _: None)


def restore(file: Path, home: Path, url: str, *endings: Ending, secret: str | None = None) -> Restored:
    settings = Settings(home=home, database_url=url, secret_key=secret)
    return restore_backup(file, settings=settings, endings=endings, progress=lambda _: None)


def files(home: Path) -> dict[str, bytes]:
    return {
        path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


def test_what_people_send_meanwhile_does_not_blur_the_moment(
    database: Database,
    database_url: str,
    city: City,
    home: Path,
    sender: Sender,
    tmp_path: Path,
    empty_url: str,
) -> None:
    done = threading.Event()

    def go_on() -> None:
        while not done.is_set():
            submit(database, city, home, sender, _content(city))

    submit(database, city, home, sender, *(_content(city) for _ in range(50)))
    phone = threading.Thread(target=go_on)
    phone.start()
    try:
        manifest = back_up(database, database_url, home, tmp_path / "backup")
    finally:
        done.set()
        phone.join()
    with database.transaction() as connection:
        assert fingerprints(connection)["public.audit"].rows > manifest.tables["public.audit"].rows >= 50
    restored = restore(tmp_path / "backup", tmp_path / "new", empty_url)
    assert restored.manifest == manifest
    found = files(tmp_path / "new")
    assert found == {
        "secret-key": (home / "secret-key").read_bytes(),
        "photos/0a.jpg": PHOTO,
        "releases/testville/r1/rows.csv": b"cell,quarter\n",
    }
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0


def test_what_was_taken_back_since_is_taken_back_anew(
    database: Database,
    database_url: str,
    city: City,
    home: Path,
    sender: Sender,
    tmp_path: Path,
    empty_url: str,
) -> None:
    leaving, kept, withdrawn, later = _enrol(database, city), *(_content(city) for _ in range(3))
    submit(database, city, home, sender, kept, withdrawn)
    submit(database, city, home, leaving, _content(city), _content(city))
    back_up(database, database_url, home, tmp_path / "backup")
    submit(database, city, home, sender, later)
    log, city_id = EndingsLog(tmp_path / "endings.log"), city.city_id
    with database.transaction() as connection:
        withdraw_audit(connection, city_id=city_id, device_id=sender.device_id, audit_id=withdrawn.id)
        withdraw_audit(connection, city_id=city_id, device_id=sender.device_id, audit_id=later.id)
        erase_device(connection, city_id=city_id, device_id=leaving.device_id)
    for audit_id in (withdrawn.id, later.id):
        log.note(city_id=city_id, device_id=sender.device_id, audit_id=audit_id)
    log.note(city_id=city_id, device_id=leaving.device_id)
    restored = restore(tmp_path / "backup", tmp_path / "new", empty_url, *read_endings(log.path))
    assert restored.ended_anew == 2
    again = connect(empty_url, pool_size=1)
    with again.transaction() as connection:
        content = text("SELECT audit_id FROM audit WHERE comment IS NOT NULL")
        assert connection.scalars(content).all() == [kept.id]
        states = text("SELECT state, count(*) FROM audit GROUP BY state ORDER BY state")
        assert connection.execute(states).all() == [("erased", 2), ("kept", 4), ("withdrawn", 1)]
        gone = text("SELECT count(*) FROM device WHERE device_id = :id")
        assert connection.scalar(gone, {"id": leaving.device_id}) == 0
    again.dispose()


@pytest.fixture
def backup(database: Database, database_url: str, city: City, home: Path, tmp_path: Path) -> Path:
    assert city.slug == "testville"
    back_up(database, database_url, home, tmp_path / "backup")
    return tmp_path / "backup"


@pytest.mark.parametrize("where", ["dump", "photo", "manifest", "end", "start", "nothing", "text"])
def test_a_damaged_file_is_refused_and_home_left_empty(
    backup: Path, tmp_path: Path, empty_url: str, where: str
) -> None:
    whole = backup.read_bytes()
    at = {
        "dump": whole.index(b"PGDMP") + 2000,
        "photo": whole.index(b" a street ") + 500,
        "manifest": whole.rindex(b'"sha256":"') + 12,
    }
    if where in at:
        damaged = bytearray(whole)
        damaged[at[where]] ^= 1
    else:
        cut = {
            "end": whole[: len(whole) // 2],
            "start": whole[1000:],
            "nothing": b"",
            "text": b"hello\n" * 999,
        }
        damaged = bytearray(cut[where])
    backup.write_bytes(damaged)
    with pytest.raises(Invalid, match=str(backup)):
        restore(backup, tmp_path / "new", empty_url)
    assert not (tmp_path / "new").exists() or not list((tmp_path / "new").iterdir())


def test_a_member_that_leads_out_of_the_backup_is_refused(
    backup: Path, tmp_path: Path, empty_url: str
) -> None:
    before, name, after = backup.read_bytes().rpartition(b"home/photos/0a.jpg")
    backup.write_bytes(before + b"../../photos/0.jpg" + after)
    assert name
    with pytest.raises(Invalid, match="leads out"):
        restore(backup, tmp_path / "new", empty_url)
    assert not (tmp_path.parent / "photos").exists()


def test_what_is_not_empty_or_not_ours_is_left_alone(
    backup: Path, home: Path, tmp_path: Path, empty_url: str, database_url: str
) -> None:
    before = files(home)
    with pytest.raises(Conflict, match="is not empty: it has photos, postgres"):
        restore(backup, home, empty_url)
    assert files(home) == before
    with pytest.raises(Conflict, match="name an empty one"):
        restore(backup, tmp_path / "new", database_url)
    with pytest.raises(Conflict, match="another secret key"):
        restore(backup, tmp_path / "new", empty_url, secret="x" * 40)
    assert not list((tmp_path / "new").iterdir())


def test_a_table_that_differs_is_named(backup: Path, tmp_path: Path, empty_url: str) -> None:
    told = read_manifest(backup).tables["public.city"].sum
    backup.write_bytes(backup.read_bytes().replace(told.encode(), str(int(told) ^ 1).encode()))
    with pytest.raises(Invalid, match=r"not what was backed up: public\.city"):
        restore(backup, tmp_path / "new", empty_url)


def test_a_backup_of_a_newer_program_is_refused(backup: Path, tmp_path: Path, empty_url: str) -> None:
    told = read_manifest(backup)
    content = backup.read_bytes()
    backup.write_bytes(content.replace(f'"schema":"{told.schema}"'.encode(), b'"schema":"9999"'))
    with pytest.raises(Conflict, match="upgrade safeaudit"):
        restore(backup, tmp_path / "new", empty_url)


def test_no_file_is_written_over_and_none_is_half_written(
    backup: Path, database: Database, database_url: str, home: Path, tmp_path: Path
) -> None:
    before = backup.read_bytes()
    with pytest.raises(Conflict, match="is there already"):
        back_up(database, database_url, home, backup)
    assert backup.read_bytes() == before
    with pytest.raises(Unavailable, match="cannot be written: No such file or directory"):
        back_up(database, database_url, home, tmp_path / "nowhere" / "backup")
    with pytest.raises(Unavailable, match="pg_dump failed"):
        back_up(database, f"{database_url}x", home, tmp_path / "other")
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"home", "backup"}


def test_the_log_of_endings_is_read_as_it_was_written(tmp_path: Path) -> None:
    log, first, second = EndingsLog(tmp_path / "deep" / "endings.log"), uuid4(), uuid4()
    log.note(city_id=1, device_id=first, audit_id=second)
    log.note(city_id=2, device_id=second)
    found = read_endings(log.path)
    assert [(one.city_id, one.device_id, one.audit_id) for one in found] == [
        (1, first, second),
        (2, second, None),
    ]
    assert all(abs((datetime.now(UTC) - one.at).total_seconds()) < 60 for one in found)
    whole = log.path.read_bytes()
    log.path.write_bytes(whole[:-9])  # the machine lost power as it was written
    assert read_endings(log.path) == found[:1]
    log.path.write_bytes(whole[9:])
    with pytest.raises(Invalid, match="line 1"):
        read_endings(log.path)
    with pytest.raises(Unavailable, match="nothing was changed"):
        replace(log, path=tmp_path / "deep").note(city_id=1, device_id=first)
