"""Photos by the API: sent by their auditor, seen by moderators alone, gone when they are taken back."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from werkzeug.test import TestResponse

from server.actors import Role
from server.cities import City
from server.database import Database
from server.services.forget_exact_places import forget_exact_places
from server.services.keep_photo import MOST_PHOTOS
from server.services.remove_loose_photos import remove_loose_photos
from server.settings import Settings
from tests.collect.painting import grey_jpeg
from tests.server.api.collectors import Phone, Rows
from tests.server.api.conftest import Work
from tests.server.api.people import Person, audit
from tests.server.photos.pictures import CANARIES, betraying, encoded, street
from tests.server.services.test_forget_exact_places import NOW

PHOTO = grey_jpeg(b"one")

pytestmark = pytest.mark.usefixtures("photos_on")


def put(
    person: Person, audit_id: str, content: bytes, *, digest: str | None = None, **sent: Any
) -> TestResponse:
    address = f"audits/{audit_id}/photos/{digest or sha256(content).hexdigest()}"
    return person.ask("PUT", address, data=content, headers={"Content-Type": "image/jpeg"}, **sent)


def send_audit(person: Person) -> str:
    sent = audit()
    assert person.post("audits", sent).status_code == 201
    id: str = sent["id"]
    return id


def files(settings: Settings) -> list[Path]:
    folder = settings.home / "photos"
    return sorted(folder.iterdir()) if folder.is_dir() else []


@pytest.fixture
def own(amina: Person) -> str:
    """An audit of Amina's."""
    return send_audit(amina)


@pytest.fixture
def moira(give_key: Callable[..., Person]) -> Person:
    """Moira moderates."""
    return give_key(Role.MODERATOR)


def test_a_photo_is_kept_once_however_often_it_is_sent(
    amina: Person, own: str, rows: Rows, settings: Settings
) -> None:
    sent = betraying()
    first, again = put(amina, own, sent), put(amina, own, sent)
    assert (first.status_code, again.status_code) == (201, 200)
    assert (first.json["status"], again.json["status"]) == ("created", "duplicate")
    assert {**again.json, "status": "created"} == first.json
    [file] = files(settings)
    assert sha256(file.read_bytes()).hexdigest() == first.json["stored_sha256"]
    assert (first.json["width"], first.json["height"]) == (320, 240)
    [row] = rows("SELECT name, sha256, bytes FROM photo")
    assert (row["name"], bytes(row["sha256"])) == (file.name, sha256(sent).digest())
    assert rows("SELECT * FROM loose_photo") == []
    assert amina.get(f"audits/{own}").json["photos"] == [sha256(sent).hexdigest()]
    assert amina.get("devices/me/audits").json["audits"][0]["photos"] == [sha256(sent).hexdigest()]


def test_nothing_of_what_was_sent_is_kept_but_its_hash(
    amina: Person, own: str, settings: Settings, rows: Rows
) -> None:
    sent = betraying()
    assert put(amina, own, sent).status_code == 201
    stored = b"".join(path.read_bytes() for path in settings.home.rglob("*") if path.is_file())
    stored += str(rows("SELECT * FROM photo")).encode() + str(rows("SELECT * FROM audit")).encode()
    assert [name for name, trace in CANARIES.items() if trace in stored] == []


def test_moderators_see_photos_and_each_look_is_logged(
    amina: Person, bela: Person, own: str, moira: Person, rows: Rows, settings: Settings
) -> None:
    digest = put(amina, own, PHOTO).json["sha256"]
    seen = moira.get(f"audits/{own}/photos/{digest}")
    assert seen.status_code == 200
    assert seen.data == files(settings)[0].read_bytes()
    assert seen.mimetype == "image/jpeg"
    assert seen.headers["Content-Disposition"].startswith("attachment; filename=")
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Cache-Control"] == "private, no-store"
    [event] = rows("SELECT actor, action, detail FROM event WHERE action LIKE 'photo%'")
    assert event["actor"].startswith("key:")
    assert event["detail"] == {"audit": own, "photo": digest}
    listed = moira.get(f"audits/{own}/photos").json["photos"]
    assert [photo["sha256"] for photo in listed] == [digest]
    for person in (amina, bela, replace(amina, token=None)):
        assert person.get(f"audits/{own}/photos/{digest}").status_code in (401, 403)


def test_a_photo_that_is_not_there_is_not_there(amina: Person, own: str, moira: Person) -> None:
    digest = put(amina, own, PHOTO).json["sha256"]
    other = send_audit(amina)
    for path in (f"{other}/photos/{digest}", f"{own}/photos/{'0' * 64}", f"{own}/photos/x", "x/photos/x"):
        assert moira.get(f"audits/{path}").status_code == 404


def test_a_file_changed_behind_the_servers_back_is_not_shown(
    amina: Person, own: str, moira: Person, settings: Settings
) -> None:
    digest = put(amina, own, PHOTO).json["sha256"]
    files(settings)[0].write_bytes(b"something else")
    assert moira.get(f"audits/{own}/photos/{digest}").status_code == 500


# --- refusals: each keeps nothing ---


@pytest.fixture
def nothing_kept(rows: Rows, settings: Settings) -> Any:
    yield
    assert rows("SELECT count(*) AS n FROM photo") == [{"n": 0}]
    assert files(settings) == []


@pytest.mark.usefixtures("nothing_kept")
def test_bytes_of_another_hash_are_refused(amina: Person, own: str) -> None:
    answer = put(amina, own, PHOTO, digest="0" * 64)
    assert answer.status_code == 422
    assert sha256(PHOTO).hexdigest() in answer.json["errors"][0]["detail"]


@pytest.mark.usefixtures("nothing_kept")
def test_anothers_audit_and_an_unknown_one_are_not_there_alike(amina: Person, bela: Person, own: str) -> None:
    told = [put(bela, id, PHOTO) for id in (own, "00000000-0000-4000-8000-000000000000")]
    assert [answer.status_code for answer in told] == [404, 404]
    first, second = ({**answer.json, "instance": ""} for answer in told)
    assert first == second


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 415),
        (b"\0\0\0\x18ftypheic", 415),
        (b"<svg/>", 415),
        (PHOTO[:60], 422),
        (encoded(street((16, 16)), "GIF"), 415),
    ],
)
def test_what_makes_no_photo_is_refused(amina: Person, own: str, content: bytes, status: int) -> None:
    answer = put(amina, own, content)
    assert answer.status_code == status


@pytest.mark.usefixtures("nothing_kept")
def test_more_bytes_than_the_limit_are_refused_announced_or_not(
    amina: Person, own: str, settings: Settings, app_with: Callable[[Settings], Person]
) -> None:
    small = replace(app_with(replace(settings, max_photo_bytes=2**16)), token=amina.token)
    content = grey_jpeg(bytes(2**16))
    assert put(small, own, content).status_code == 413
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    assert put(small, own, content, environ_overrides=chunked, content_length=None).status_code == 413


@pytest.mark.usefixtures("nothing_kept")
def test_a_city_that_takes_no_photos_says_so(
    amina: Person, own: str, database: Database, app_with: Callable[[Settings], Person], settings: Settings
) -> None:
    assert amina.get("").json["photos"] is True
    with database.transaction() as connection:
        connection.execute(text("UPDATE city SET settings = '{}'"))
    later = app_with(settings)
    later.client.application.extensions["safeaudit"].cities.read_again()
    answer = put(replace(later, token=amina.token), own, PHOTO)
    assert (answer.status_code, answer.json["type"]) == (409, "/problems/conflict")
    assert "takes no photos" in answer.json["detail"]
    assert later.get("").json["photos"] is False


def test_an_audit_has_so_many_photos_and_no_more(
    amina: Person, own: str, rows: Rows, database: Database
) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    with database.transaction() as connection:
        more = (
            "INSERT INTO photo SELECT city_id, audit_id, device_id, sha256(n::text::bytea), n::text,"
            f" stored_sha256, bytes, width, height, faces FROM photo, generate_series(2, {MOST_PHOTOS}) AS n"
        )
        connection.execute(text(more))
    assert put(amina, own, grey_jpeg(b"one too many")).status_code == 409
    assert put(amina, own, PHOTO).status_code == 200, "what is there is there"


# --- under 18 ---


def test_of_somebody_under_18_no_photo_is_kept_and_the_flags_say_so(
    enrol: Callable[..., Person], rows: Rows, settings: Settings
) -> None:
    minor = enrol(profile={"age_band": "under_18"})
    id = send_audit(minor)
    for _ in range(2):
        answer = put(minor, id, PHOTO)
        assert (answer.status_code, answer.json["status"]) == (200, "dropped")
    assert minor.get(f"audits/{id}").json["flags"] == ["dropped"]
    assert rows("SELECT * FROM photo") == []
    assert files(settings) == []


def test_who_turns_out_to_be_under_18_leaves_no_photo(amina: Person, own: str, settings: Settings) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    assert amina.patch("devices/me", {"profile": {"age_band": "under_18"}}).status_code == 200
    assert files(settings) == []
    found = amina.get(f"audits/{own}").json
    assert (found["photos"], found["flags"]) == ([], ["dropped"])


def test_dropped_photos_of_collect_are_told_by_the_flags_too(
    enrol: Callable[..., Person], stranger: Person, rows: Rows
) -> None:
    minor = enrol(profile={"age_band": "under_18"})
    phone = Phone(stranger, minor.token or "")
    assert phone.send(phone.filled(photos__photo_1="1.jpg"), ("1.jpg", PHOTO)).status_code == 201
    assert rows("SELECT flags FROM audit") == [{"flags": ["dropped"]}]
    assert rows("SELECT * FROM photo") == []


# --- taking back ---


@pytest.mark.parametrize("act", ["withdraw", "receipt", "erase"])
def test_what_is_taken_back_is_gone_from_disk_at_once(
    amina: Person, bela: Person, own: str, settings: Settings, rows: Rows, act: str
) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    assert put(bela, send_audit(bela), PHOTO).status_code == 201
    receipt = amina.get(f"audits/{own}").json["receipt"]
    [kept] = rows("SELECT name FROM photo ORDER BY received_at DESC LIMIT 1")
    acts = {
        "withdraw": lambda: amina.delete(f"audits/{own}"),
        "receipt": lambda: amina.post("/api/v1/receipts", {"receipt": receipt, "action": "withdraw"}),
        "erase": lambda: amina.delete("devices/me"),
    }
    assert len(files(settings)) == 2
    assert acts[act]().status_code == 204
    assert [file.name for file in files(settings)] == [kept["name"]], "another's same picture stays"
    assert rows("SELECT name FROM photo") == [kept]
    assert rows("SELECT * FROM loose_photo") == []
    assert put(amina, own, PHOTO).status_code == (401 if act == "erase" else 409), "nothing is revived"
    assert len(files(settings)) == 1


def test_a_correction_keeps_the_photos(amina: Person, own: str, settings: Settings) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    assert amina.put(f"audits/{own}", audit(id=own, answers={"lighting": 3})).status_code == 200
    assert len(amina.get(f"audits/{own}").json["photos"]) == len(files(settings)) == 1


def test_a_file_that_cannot_be_removed_at_once_is_removed_by_the_worker(
    amina: Person, own: str, settings: Settings, app: Any, rows: Rows, work: Work
) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    [file] = files(settings)
    here = app.extensions["safeaudit"]
    app.extensions["safeaudit"] = replace(here, album=_Away())
    assert amina.delete(f"audits/{own}").status_code == 204
    assert rows("SELECT name FROM loose_photo") == [{"name": file.name}]
    # What falls due each minute may be queued only as this worker, which waits for nothing, is leaving.
    for _ in range(3):
        work()
    assert files(settings) == []
    assert rows("SELECT name FROM loose_photo") == []


class _Away:
    """An album that cannot be reached."""

    def remove(self, name: str) -> None:
        raise OSError(f"{name} cannot be reached")


def test_photos_go_with_the_exact_place(
    amina: Person, own: str, city: City, database: Database, settings: Settings, rows: Rows, app: Any
) -> None:
    assert put(amina, own, PHOTO).status_code == 201
    for days, left in ((179, 1), (181, 0)):
        with database.transaction() as connection:
            then = {"then": NOW - timedelta(days=days)}
            connection.execute(text("UPDATE photo SET received_at = :then"), then)
        forget_exact_places(database, city, now=NOW)
        remove_loose_photos(database, app.extensions["safeaudit"].album)
        assert len(files(settings)) == len(rows("SELECT * FROM photo")) == left
