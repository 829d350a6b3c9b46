"""Old audits keep their cell and their hour, and nothing else of where and when."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import numpy as np
from sqlalchemy import insert, select, text

from geo.cells import centre
from server.audit_store import OnConnection
from server.cities import City
from server.database import Database
from server.intake.reading import Reader
from server.models.audit import audit
from server.models.device import device
from server.models.submission import submission
from server.queries.observations import read_used_audits
from server.services.correct_audit import correct_audit
from server.services.forget_exact_places import forget_exact_places
from server.services.submit_audits import Sender, submit_audits

SECRET = b"a secret of the test"
NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


def _age(database: Database, *, days: int) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE audit SET received_at = :then"), {"then": NOW - timedelta(days=days)})


def _rows(database: Database) -> list[dict[str, object]]:
    with database.transaction() as connection:
        columns = [*audit.c, text("ST_X(location) AS lng"), text("ST_Y(location) AS lat")]
        return [dict(row._mapping) for row in connection.execute(select(*columns).order_by(audit.c.version))]


def test_after_its_time_an_audit_is_known_by_cell_and_hour_alone(database: Database, city: City) -> None:
    sender = Sender(device_id=uuid4())
    document = {
        "id": str(uuid4()),
        "location": {"lat": 28.6139, "lng": 77.2090, "accuracy_m": 8.0},
        "observed_at": "2026-11-20T19:42:00+05:30",
        "answered_at": "2026-11-20T19:55:00+05:30",
        "answers": {"lighting": 1},
    }
    reader = Reader(city.instruments)
    content, corrected = reader.audit(document), reader.audit(document | {"answers": {"lighting": 0}})
    with database.transaction() as connection:
        connection.execute(
            insert(device).values(city_id=city.city_id, device_id=sender.device_id, origin="phone")
        )
        submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=[content], secret=SECRET, now=NOW
        )
        correct_audit(connection, city=city, sender=sender, content=corrected, secret=SECRET, now=NOW)

    def known() -> object:
        with database.transaction() as connection:
            return read_used_audits(
                connection,
                city_id=city.city_id,
                time_zone=city.time_zone,
                resolution=city.resolution,
                versions=city.instruments["safetipin-9"],
                as_of=NOW + timedelta(days=1),
            ).observations

    _age(database, days=179)
    assert forget_exact_places(database, city, now=NOW) == 0
    _age(database, days=181)
    before, seen = _rows(database), known()
    assert forget_exact_places(database, city, now=NOW) == 2, "the corrected version too"
    assert forget_exact_places(database, city, now=NOW) == 0
    for old, row in zip(before, _rows(database), strict=True):
        lat, lng = centre(np.array([row["cell"]], dtype=np.int64))
        assert (row["lat"], row["lng"]) == (lat[0], lng[0])
        assert row["accuracy_m"] is None
        # 19:42 and 19:55 in a zone half an hour off: full hours are the city's.
        assert row["observed_at"] == row["answered_at"] == datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
        for kept in ("cell", "daypart", "ratings", "content_hash", "version"):
            assert row[kept] == old[kept]
    assert repr(known()) == repr(seen), "analyses are the same"
    with database.transaction() as connection:
        again = submit_audits(
            OnConnection(connection), city=city, sender=sender, contents=[content], secret=SECRET, now=NOW
        )
    assert again[0].status == "duplicate"


def test_raw_xml_says_place_and_time_too(database: Database, city: City) -> None:
    device_id = uuid4()
    values = {
        "city_id": city.city_id,
        "device_id": device_id,
        "instance_id": "uuid:1",
        "form_id": "safetipin-9",
        "form_version": "1",
        "xml_hash": b"hash",
        "xml": b"<data>28.6139 77.2090</data>",
        "file_names": [],
        "complete": True,
        "audit_id": uuid4(),
        "quarantine": "invalid",
        "received_at": NOW - timedelta(days=179),
    }
    with database.transaction() as connection:
        connection.execute(insert(device).values(city_id=city.city_id, device_id=device_id, origin="phone"))
        connection.execute(insert(submission).values(values))
    for days, left in ((0, 1), (2, 0)):
        forget_exact_places(database, city, now=NOW + timedelta(days=days))
        with database.transaction() as connection:
            assert connection.scalar(text("SELECT count(xml) FROM submission")) == left
