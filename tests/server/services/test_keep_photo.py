"""Photos through crashes, and through withdrawals and erasures in the very same moment."""

import signal
import subprocess
import sys
from functools import partial
from hashlib import sha256
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, insert, text

from server.audit_store import OnConnection
from server.cities import City
from server.database import Database
from server.errors import Refusal
from server.intake.reading import Reader
from server.models.device import device
from server.photos.album import Folder
from server.photos.drawing import Drawn
from server.services import keep_photo as door
from server.services.change_device import change_device, forget_comments_and_photos
from server.services.erase_device import erase_device
from server.services.find_audit import hold_own_audit
from server.services.keep_photo import Place, Studio, keep_photo
from server.services.remove_loose_photos import remove_loose_photos
from server.services.submit_audits import Sender, submit_audits
from server.services.withdraw_audit import withdraw_audit
from tests.collect.painting import grey_jpeg
from tests.conftest import Meanwhile
from tests.server.services.test_submit_audits import NOW, SECRET

PHOTO = grey_jpeg(b"one")


class Mirror:
    """A darkroom whose pictures come out as they went in; the real one is tried elsewhere."""

    def develop(self, content: bytes) -> tuple[Drawn, bytes]:
        return Drawn(width=8, height=8, faces=0), content


@pytest.fixture
def studio(database: Database, tmp_path: Path) -> Studio:
    return Studio(database=database, album=Folder(tmp_path / "photos"), darkroom=Mirror())  # type: ignore[arg-type]


@pytest.fixture
def place(database: Database, city: City) -> Place:
    """An audit that stands, and the device that made it."""
    sender, audit_id = Sender(device_id=uuid4()), uuid4()
    document = {
        "id": str(audit_id),
        "location": {"lat": 28.6139, "lng": 77.2090},
        "observed_at": "2026-11-20T19:42:00+05:30",
        "answers": {"lighting": 1},
    }
    content = Reader(city.instruments).audit(document)
    with database.transaction() as connection:
        connection.execute(
            insert(device).values(city_id=city.city_id, device_id=sender.device_id, origin="phone")
        )
        submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=[content], secret=SECRET, now=NOW
        )
    return place_of(city.city_id, sender.device_id, audit_id)


def place_of(city_id: int, device_id: UUID, audit_id: UUID) -> Place:
    hold = partial(hold_own_audit, city_id=city_id, device_id=device_id, audit_id=audit_id)
    return Place(city_id=city_id, device_id=device_id, audit_id=audit_id, hold=hold)


def names(database: Database, table: str) -> set[str]:
    with database.transaction() as connection:
        return set(connection.scalars(text(f"SELECT name FROM {table}")))


def files(studio: Studio) -> set[str]:
    assert isinstance(studio.album, Folder)
    return {path.name for path in studio.album.path.iterdir()} if studio.album.path.is_dir() else set()


# --- kill -9 ---

MOMENTS = {
    "before the file is written": "Folder.put = lambda *_: die()",
    "while it is written": "os.fsync = lambda *_: die()",
    "between file and row": "put = Folder.put; Folder.put = lambda *told: (put(*told), die())",
    "between row and answer": "keep_photo.remove_loose_photos = lambda *_: die()",
}
SCRIPT = """
import os, signal, sys
from hashlib import sha256
from pathlib import Path
from uuid import UUID
from server.database import connect
from server.photos.album import Folder
from server.services import keep_photo
from tests.server.services.test_keep_photo import Mirror, place_of

url, folder, city_id, device_id, audit_id, moment = sys.argv[1:]
studio = keep_photo.Studio(database=connect(url), album=Folder(Path(folder)), darkroom=Mirror())
place = place_of(int(city_id), UUID(device_id), UUID(audit_id))
die = lambda: os.kill(os.getpid(), signal.SIGKILL)
for content in (b"first", b"second", b"third"):
    if content == b"third":
        exec(moment)
    kept = keep_photo.keep_photo(studio, place, content)
    print(kept.sha256, flush=True)
"""


@pytest.mark.parametrize("moment", MOMENTS)
def test_kill_9_at_any_moment_loses_no_acknowledged_photo_and_leaves_no_unknown_file(
    studio: Studio, place: Place, database_url: str, moment: str
) -> None:
    assert isinstance(studio.album, Folder)
    told = [place.city_id, place.device_id, place.audit_id, MOMENTS[moment]]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, database_url, studio.album.path, *map(str, told)],
        cwd=Path(__file__).parents[3],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    acknowledged = done.stdout.split()
    assert acknowledged == [sha256(content).hexdigest() for content in (b"first", b"second")]
    assert_whole(studio, acknowledged)
    # It is sent again, as it was not acknowledged; what the crash left goes when it is due.
    again = keep_photo(studio, place, b"third")
    assert again.status == ("duplicate" if moment == "between row and answer" else "created")
    with studio.database.transaction() as connection:
        connection.execute(text("UPDATE loose_photo SET due_at = now() - interval '1 second'"))
    remove_loose_photos(studio.database, studio.album)
    assert files(studio) == names(studio.database, "photo")
    assert names(studio.database, "loose_photo") == set()
    assert_whole(studio, [*acknowledged, again.sha256])


def assert_whole(studio: Studio, acknowledged: list[str]) -> None:
    """Fail unless each acknowledged photo has its row and, byte by byte, its file, and each file is known."""
    with studio.database.transaction() as connection:
        query = text("SELECT encode(sha256, 'hex') AS sent, name, stored_sha256 FROM photo")
        kept = {row.sent: row for row in connection.execute(query)}
    for sent in acknowledged:
        assert sha256(studio.album.read(kept[sent].name)).digest() == bytes(kept[sent].stored_sha256)
    unknown = {name.removesuffix(".part") for name in files(studio)} - names(studio.database, "photo")
    assert unknown <= names(studio.database, "loose_photo")


def test_a_file_swept_as_too_old_is_not_taken_over(studio: Studio, place: Place) -> None:
    class Slow(Folder):
        def put(self, name: str, content: bytes) -> None:
            super().put(name, content)
            with studio.database.transaction() as connection:
                connection.execute(text("UPDATE loose_photo SET due_at = now() - interval '1 second'"))
            assert remove_loose_photos(studio.database, self) == 1

    assert isinstance(studio.album, Folder)
    slow = Studio(database=studio.database, album=Slow(studio.album.path), darkroom=studio.darkroom)
    with pytest.raises(Refusal, match="took too long"):
        keep_photo(slow, place, PHOTO)
    assert (names(studio.database, "photo"), files(studio)) == (set(), set())


# --- the very same moment ---


ACTS = ("withdrawn", "erased", "under 18")


def act_on(place: Place, connection: Connection, act: str) -> None:
    own = {"city_id": place.city_id, "device_id": place.device_id}
    if act == "withdrawn":
        withdraw_audit(connection, **own, audit_id=place.audit_id)  # type: ignore[arg-type]
    elif act == "erased":
        erase_device(connection, **own)  # type: ignore[arg-type]
    else:
        forget_comments_and_photos(connection, **own)  # type: ignore[arg-type]


def say_under_18(studio: Studio, place: Place) -> None:
    with studio.database.transaction() as connection:
        own = {"city_id": place.city_id, "device_id": place.device_id}
        change_device(connection, **own, values={}, profile={"age_band": "under_18"})  # type: ignore[arg-type]


@pytest.mark.parametrize("act", ACTS)
def test_a_photo_that_came_just_before_goes_too(
    studio: Studio, place: Place, meanwhile: Meanwhile, act: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hold the photo's transaction open just before its commit, and begin the act then."""
    results = []

    def take_back() -> None:
        if act == "under 18":
            say_under_18(studio, place)
        with studio.database.transaction() as connection:
            act_on(place, connection, act)
        remove_loose_photos(studio.database, studio.album)

    real = door.insert_photo

    def insert_and_wait(*told: object, **named: object) -> object:
        row = real(*told, **named)  # type: ignore[arg-type]
        results.append(meanwhile(take_back))
        return row

    monkeypatch.setattr(door, "insert_photo", insert_and_wait)
    assert keep_photo(studio, place, PHOTO).status == "created"
    results[0]()
    assert (names(studio.database, "photo"), files(studio)) == (set(), set())


@pytest.mark.parametrize("act", ACTS)
def test_a_photo_that_comes_just_after_is_not_kept(
    studio: Studio, place: Place, meanwhile: Meanwhile, act: str
) -> None:
    """Begin the act, let the photo come while it is not committed, and commit."""

    def send() -> object:
        try:
            return keep_photo(studio, place, PHOTO).status
        except Refusal as refusal:
            return type(refusal).__name__

    if act == "under 18":
        say_under_18(studio, place)
    with studio.database.transaction() as connection:
        act_on(place, connection, act)
        result = meanwhile(send)
    assert result() == {"withdrawn": "Conflict", "erased": "NotAuthenticated", "under 18": "dropped"}[act]
    assert (names(studio.database, "photo"), files(studio)) == (set(), set())
