"""Attacks by whoever asks the public addresses: is somebody there, and does anything of anybody leak?"""

import io
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas
import pytest
import structlog
from flask.testing import FlaskClient
from scipy.stats import rankdata

from geo import cells
from server import log
from server.app import create_app
from server.cities import CityDirectory
from server.exporting.files import FORMATS
from server.publishing import admitting
from server.publishing.analyse_city import analyse_city
from server.releasing import files as release_files
from server.releasing.columns import Column, columns_of
from server.settings import Settings
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, Tell
from tests.server.api.people import audit
from tests.server.public_addresses import told
from tests.server.publishing.conftest import NOW, Town
from tests.server.releasing.conftest import SUMMER, Archive, people_of_a_summer

pytestmark = pytest.mark.skipif(
    not AT_SIZE, reason="make attack does it; make test asks every public address in test_public_nights"
)

LAYERS = ("cells", "cells-day", "cells-night", "hotspots", "zones")
API, OGC, TILES = "/api/v1/cities/testville", "/ogc/testville/collections", "/tiles/testville"
LONELY, NEVER = 40, 41
NEW = {"as_of", "published_at", "instance"}
COMMENT, ADDRESS, AGENT = "canary by the mill", "203.0.113.77", "canary-agent/9"
LAT, LNG = 28.60012345, 77.25012345


@pytest.fixture
def client(town: Town, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(home=tmp_path), town.database, CityDirectory(town.database)).test_client()


def public_addresses(client: FlaskClient) -> list[str]:
    """Return what anybody may ask about a city, layers in every format."""
    return [
        "/api/v1/cities",
        API,
        *(
            f"{API}/{name}"
            for name in ("layers", "indicators", "indicators.csv", "interventions", "releases")
        ),
        *(f"{API}/layers/{name}.{ending}" for name in LAYERS for ending in FORMATS),
        *(f"{OGC}/{name}/items" for name in LAYERS),
        *(f"{TILES}/{name}/0/0/0.mvt" for name in LAYERS),
        *(f"{TILES}/{name}/values.json" for name in LAYERS[:3]),
        *(
            file["href"]
            for one in client.get(f"{API}/releases").json["releases"]
            for file in card(client, one)
        ),
    ]


def card(client: FlaskClient, release: dict[str, Any]) -> list[dict[str, Any]]:
    return list(client.get(release["href"]).json["files"])


def answers(town: Town, client: FlaskClient) -> dict[str, Any]:
    """Return what everybody is told, and what of the place where one person was, if somebody was.

    Left out are the times of the run and the request's id (`instance`), which are new each time.
    """
    found = {address: told(address, client.get(address)) for address in public_addresses(client)}
    for address in _of_a_place(town, LONELY):
        answer = client.get(address)
        found[address] = (answer.status_code, len(answer.data), answer.json)
    return {address: _without_times(answer) for address, answer in found.items()}


def _without_times(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: _without_times(value) for name, value in answer.items() if name not in NEW}
    return [_without_times(one) for one in answer] if isinstance(answer, list | tuple) else answer


def _of_a_place(town: Town, place: int) -> list[str]:
    cell = cells.to_text(town.cell(place))
    return [f"{API}/cells/{cell}/score", f"{OGC}/cells/items/{cell}"]


def test_a10_is_somebody_there(
    town: Town, client: FlaskClient, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(5):
        for part in (0, 1):
            town.audit(town.people(6), place, place % 4, daypart=part, at=NOW - timedelta(days=3))
    analyse_city(town.database, town.city)
    before = answers(town, client)
    town.audits([(one, place, 0) for one in town.people(1) for place in (0, 1, LONELY)])
    analyse_city(town.database, town.city)
    after, slower = answers(town, client), _slower(town, client)
    monkeypatch.setattr(admitting, "admit", lambda **known: known["counted"])
    analyse_city(town.database, town.city)
    careless = answers(town, client)
    assert before.keys() == after.keys() == careless.keys()
    tell(
        Attack(
            name="A10 public answers that tell one person came",
            bound=0,
            ours=sum(before[address] != after[address] for address in before),
            weakened=sum(before[address] != careless[address] for address in before),
            weakness="admits who comes, no k together",
        )
    )
    assert abs(slower - 0.5) < 0.15, "the time of the answer tells who was there"


def _slower(town: Town, client: FlaskClient, *, times: int = 100) -> float:
    """Return how well the time of an answer tells the lonely place from one never audited, 0.5: not."""
    spent: dict[int, list[float]] = {LONELY: [], NEVER: []}
    for _ in range(times):
        for place in (LONELY, NEVER):
            start = time.perf_counter()
            client.get(_of_a_place(town, place)[0])
            spent[place].append(time.perf_counter() - start)
    rank = rankdata([*spent[LONELY], *spent[NEVER]])
    return float((rank[:times].sum() - times * (times + 1) / 2) / times**2)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the server logs, in detail."""
    stream, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    log.configure("DEBUG", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a12_canaries(
    town: Town,
    client: FlaskClient,
    tmp_path: Path,
    lines: io.StringIO,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    archive, people = Archive(town, tmp_path), people_of_a_summer(town)
    town.audit(people, 0, at=SUMMER, comment=COMMENT, location=f"SRID=4326;POINT({LNG} {LAT})", mode="walk")
    secrets = _send_by_phone(client)
    analyse_city(town.database, town.city)
    archive.make()
    traces = [COMMENT, ADDRESS, AGENT, f"{LAT}", f"{LNG}", *secrets]
    traces += [str(value) for row in archive.query("SELECT audit_id, device_id FROM audit") for value in row]
    traces = sorted(set(traces))
    ours = _hits(client, traces) + sum(trace in lines.getvalue() for trace in traces)

    def leaking(rows: Any) -> tuple[Column, ...]:
        columns = columns_of(rows)
        return tuple(
            replace(column, words=[str(people[0])] * len(column.words)) if column.name == "mode" else column
            for column in columns
        )

    monkeypatch.setattr(release_files, "columns_of", leaking)
    archive.query("DELETE FROM released_audit RETURNING 1")
    archive.query("DELETE FROM release RETURNING 1")
    archive.folder().rename(tmp_path / "first")
    archive.make()
    tell(
        Attack(
            name="A12 canaries in public files, answers and logs",
            bound=0,
            ours=ours,
            weakened=_hits(client, traces),
            weakness="a device's id in the release",
        )
    )


def _send_by_phone(client: FlaskClient) -> list[str]:
    """Send an audit, and a broken one, through a proxy that names the sender; return what nobody may see."""
    headers = {"X-Forwarded-For": ADDRESS, "User-Agent": AGENT}
    device = client.post(f"{API}/devices", json={}, headers=headers).json
    headers["Authorization"] = f"Bearer {device['token']}"
    place = {"lat": LAT, "lng": LNG, "accuracy_m": 8.0}
    sent = client.post(f"{API}/audits", json=audit(comment=COMMENT, location=place), headers=headers)
    broken = client.post(f"{API}/audits", json=audit(comment=COMMENT, answers={COMMENT: 9}), headers=headers)
    assert (sent.status_code, broken.status_code) == (201, 422)
    return [device["token"], device["device"], sent.json["receipt"]]


def _hits(client: FlaskClient, traces: list[str]) -> int:
    """Return how often a trace is in something public, as text or as the bytes of an id."""
    found = 0
    for address in public_addresses(client):
        content = _text(address, client.get(address).data)
        found += sum(trace.encode() in content for trace in traces)
    return found


def _text(address: str, data: bytes) -> bytes:
    """Return the bytes of an answer, and beside them what is in them compressed."""
    if not address.endswith(".parquet"):
        return data
    return data + geopandas.read_parquet(io.BytesIO(data)).to_csv().encode()
