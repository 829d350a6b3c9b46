"""What is erased is gone from the database's files, not from its answers alone."""

from random import Random
from uuid import uuid4

import pytest
import shapely
from sqlalchemy import insert

from server.audit_store import OnConnection
from server.cities import City
from server.cluster.embedded import Cluster
from server.database import Database
from server.intake.reading import Reader
from server.models.device import device
from server.models.submission import submission
from server.services.erase_device import erase_device
from server.services.scrub import scrub
from server.services.submit_audits import Sender, submit_audits
from server.services.withdraw_audit import withdraw_audit
from tests.server.services.bytes_on_disk import found
from tests.server.services.test_submit_audits import NOW, SECRET

COMMENT = "the only lamp by the old mill is broken"
LNG, LAT = 77.20913371337, 28.61391337133
POINT = shapely.to_wkb(shapely.Point(LNG, LAT))[5:]
# What does not compress and is longer than a page lies beside its table, in files of its own.
XML = b"<mill>" + Random(1).randbytes(20_000) + b"</mill>"
TRACES = {"comment": COMMENT.encode(), "point": POINT, "xml": XML[9_000:9_100]}


@pytest.mark.parametrize("act", ["withdraw", "erase"])
def test_what_is_taken_back_leaves_the_files(
    cluster: Cluster, database: Database, city: City, act: str
) -> None:
    sender = Sender(device_id=uuid4())
    document = {
        "id": str(uuid4()),
        "location": {"lat": LAT, "lng": LNG},
        "observed_at": "2026-11-20T19:42:00+05:30",
        "answers": {"lighting": 1},
        "comment": COMMENT,
    }
    content = Reader(city.instruments).audit(document)
    others = [
        Reader(city.instruments).audit(
            {**document, "id": str(uuid4()), "location": {"lat": 28.6, "lng": 77.2}, "comment": "nothing"}
        )
        for _ in range(20)
    ]
    sent = {
        "city_id": city.city_id,
        "device_id": sender.device_id,
        "instance_id": "uuid:1",
        "form_id": "safetipin-9",
        "form_version": "1",
        "xml_hash": b"hash",
        "xml": XML,
        "file_names": [],
        "complete": True,
        "audit_id": content.id,
        "audit_version": 1,
    }
    with database.transaction() as connection:
        connection.execute(
            insert(device).values(city_id=city.city_id, device_id=sender.device_id, origin="phone")
        )
        for one in (others[:10], [content], others[10:]):
            submit_audits(
                OnConnection(connection), city=city, sender=sender, contents=one, secret=SECRET, now=NOW
            )
        connection.execute(insert(submission).values(sent))
    assert found(cluster, TRACES) == set(TRACES)
    with database.transaction() as connection:
        if act == "erase":
            erase_device(connection, city_id=city.city_id, device_id=sender.device_id)
        else:
            withdraw_audit(connection, city_id=city.city_id, device_id=sender.device_id, audit_id=content.id)
    with database.statements() as connection:
        asked = connection.exec_driver_sql("SELECT task_name FROM jobs.procrastinate_jobs").scalars().all()
    assert asked == ["safeaudit:scrub"]
    scrub(database)
    assert found(cluster, TRACES) == set()
