"""A correction, a withdrawal and an erasure: what each does at once, with the next run, and on the disk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import shapely
from sqlalchemy import text

from geo.cells import cell_of, to_text
from server.cities import City
from server.cluster.embedded import Cluster
from server.database import Database
from server.publishing.analyse_city import analyse_city
from server.queries.layers import list_of_run, read_table
from server.services.scrub import scrub
from tests.server.api.collectors import Phone, message
from tests.server.api.people import Person, audit
from tests.server.api.test_photos import put as put_photo
from tests.server.photos.pictures import encoded, street
from tests.server.services.bytes_on_disk import found

CORRECTED, WITHDRAWN, ERASED = STOPS = ((28.600, 77.250), (28.603, 77.254), (28.606, 77.258))
WITHDRAWN_COMMENT = "the gate behind the tannery is left open"
ERASED_POINT = (28.60612345, 77.25812345)
XML_COMMENT = "nobody mends the stile by the weir"
TRACES = {
    "withdrawn comment": WITHDRAWN_COMMENT.encode(),
    "erased point": shapely.to_wkb(shapely.Point(*reversed(ERASED_POINT)))[5:],
    "comment in raw XML": XML_COMMENT.encode(),
}
NOW = datetime.now(UTC)


def answers(level: int) -> dict[str, int]:
    return dict.fromkeys(("lighting", "openness", "people", "security", "feeling"), level)


def send(phone: Person, stop: tuple[float, float], level: int, **further: Any) -> dict[str, Any]:
    sent = audit(
        location={"lat": stop[0], "lng": stop[1], "accuracy_m": 8.0},
        observed_at=(NOW - timedelta(minutes=20)).isoformat(),
        answers=answers(level),
        **further,
    )
    told = phone.post("audits", sent).json
    return {**sent, "receipt": told["receipt"]}


def layer(database: Database, city: City, run_id: int, name: str) -> dict[str, tuple[object, ...]]:
    """Return the rows of a layer of cells by their stop."""
    stops = {to_text(cell_of(*stop, resolution=city.resolution)): stop for stop in STOPS}
    with database.layer_reading() as connection:
        [published] = [
            one
            for one in list_of_run(connection, city_id=city.city_id, run_id=run_id)
            if (one.name, one.instrument_id) == (name, "safetipin-9")
        ]
        table = read_table(connection, published)
    rows = zip(*table.columns.values(), strict=True)
    return {str(stops[id_]): row for id_, row in zip(table.ids, rows, strict=True)}


def shown(stranger: Person, receipt: str) -> dict[str, Any]:
    answer = stranger.client.post("/api/v1/receipts", json={"receipt": receipt, "action": "show"})
    return dict(answer.json)


@pytest.mark.usefixtures("photos_on")
def test_what_is_taken_back_goes_at_once_from_layers_with_the_next_run_and_from_the_disk(
    omar: Person,
    enrol: Callable[..., Person],
    stranger: Person,
    database: Database,
    city: City,
    cluster: Cluster,
    consent: str,
) -> None:
    times = {"from": (NOW - timedelta(hours=1)).isoformat(), "to": (NOW + timedelta(hours=2)).isoformat()}
    walk = omar.post("campaigns", {"name": "Walk", "headcount": 9, **times}).json
    agreed = {"version": consent, "lang": "hi"}
    phones = [enrol(campaign=walk["token"], consent=agreed) for _ in range(6)]
    ana, bo, cy = (enrol(campaign=walk["token"], consent=agreed) for _ in range(3))
    for level, phone in enumerate(phones):
        for stop in STOPS:
            send(phone, stop, level % 3)
    hers = send(ana, CORRECTED, 0)
    his = send(bo, WITHDRAWN, 0, comment=WITHDRAWN_COMMENT)
    theirs = send(cy, ERASED_POINT, 0)
    assert cy.token is not None
    collect = Phone(stranger, cy.token)
    by_form = message(collect.send(collect.filled(comment=XML_COMMENT), ("1.jpg", encoded(street((64, 48))))))
    assert put_photo(bo, his["id"], encoded(street((96, 72)))).status_code == 201
    home: Path = stranger.client.application.extensions["safeaudit"].settings.home
    photos = [file.read_bytes() for file in (home / "photos").iterdir()]
    assert len(photos) == 2
    traces = TRACES | {f"photo {number}": photo[-200:-100] for number, photo in enumerate(photos)}
    assert cy.get("devices/me").json["consent"] == agreed, "the version agreed to is recorded"
    assert omar.post(f"campaigns/{walk['campaign']}/confirm", {"headcount": 9}).status_code == 200
    first = analyse_city(database, city)
    assert layer(database, city, first, "cells").keys() == {str(stop) for stop in STOPS}
    planner_before = layer(database, city, first, "cells-now")
    assert found(cluster, traces, home) == traces.keys()

    # At once: what is stored, and what receipts tell.
    lit = {name: value for name, value in hers.items() if name != "receipt"} | {"answers": answers(3)}
    assert ana.put(f"audits/{hers['id']}", lit).json["status"] == "corrected"
    assert bo.delete(f"audits/{his['id']}").status_code == 204
    assert cy.delete("devices/me").status_code == 204
    assert shown(stranger, hers["receipt"])["answers"] == answers(3)
    for receipt, state in ((his["receipt"], "withdrawn"), (theirs["receipt"], "erased")):
        told = shown(stranger, receipt)
        assert (told["status"], told["location"], told["answers"], told["comment"]) == (state, *[None] * 3)
    assert by_form[0], "it was acknowledged"
    assert cy.get("devices/me").status_code == 401
    assert list((home / "photos").iterdir()) == []
    with database.transaction() as connection:
        left = connection.execute(
            text("SELECT count(*), (SELECT count(xml) FROM submission) FROM device WHERE device_id = :cy"),
            {"cy": UUID(cy.device)},
        ).one()
    assert tuple(left) == (0, 0)

    # With the next run: planners see the rest, the public nothing there until k people come anew.
    second = analyse_city(database, city)
    assert layer(database, city, second, "cells") == {}
    planner_after = layer(database, city, second, "cells-now")
    assert planner_after.keys() == planner_before.keys()
    assert all(planner_after[stop] != planner_before[stop] for stop in planner_after)
    for phone in phones[:5]:
        send(phone, WITHDRAWN, 1)
    third = analyse_city(database, city)
    assert layer(database, city, third, "cells").keys() == {str(WITHDRAWN)}

    # On the disk: tables with the next night's scrub, the write-ahead log with its next segment.
    scrub(database)
    assert found(cluster, traces, home) == set()
    assert shown(stranger, hers["receipt"])["answers"] == answers(3)
