"""What is loaded beside audits reaches the layers: exposure, rank and names of places."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import insert

from geo import cells
from geo.areas import read_boundary
from server.cities import CityDirectory
from server.database import Database
from server.importing.reference import ReferenceReader
from server.layer_table import LayerTable
from server.models.audit import audit
from server.publishing.analyse_city import analyse_city
from server.publishing.unsuppressed import unsuppressed_layer
from server.queries.layers import list_of_run
from server.queries.reference import ReferenceFeature, ReferenceSet, replace_reference
from server.queries.runs import read_parameters
from server.services.read_layer import read_layer
from tests.conftest import make_city

from .conftest import NOW, Town

Said = str | float | datetime


def load(town: Town, kind: str, features: Sequence[tuple[BaseGeometry, Said]]) -> None:
    """Put a set into the store: streets by name, people by number, incidents by time."""
    rows = [
        ReferenceFeature(
            id=str(number),
            geom=shapely.to_wkb(shape, hex=True),
            label=said if isinstance(said, str) else None,
            owner="Port Trust" if said == "Mall Road" else None,
            amount=said if isinstance(said, float) else None,
            occurred_at=said if isinstance(said, datetime) else None,
            properties={},
        )
        for number, (shape, said) in enumerate(features)
    ]
    with town.database.transaction() as connection:
        described = ReferenceSet(kind=kind, name="set")
        replace_reference(connection, city_id=town.city.city_id, described=described, features=rows)


def published(town: Town, *, as_of: datetime | None = None, **settings: object) -> dict[str, LayerTable]:
    run_id = analyse_city(town.database, replace(town.city, settings=settings), as_of=as_of)
    with town.database.layer_reading() as connection:
        layers = list_of_run(connection, city_id=town.city.city_id, run_id=run_id)
        return {layer.name: read_layer(connection, layer) for layer in layers}


def rows_of(table: LayerTable) -> list[dict[str, Any]]:
    columns = [table.columns[field.name] for field in table.fields]
    return [
        dict(zip((field.name for field in table.fields), row, strict=True))
        for row in zip(*columns, strict=True)
    ]


def centre(town: Town, place: int) -> shapely.Point:
    return cells.polygon(town.cell(place)).centroid


def crossing(town: Town) -> list[tuple[BaseGeometry, Said]]:
    """Return two streets that cross in the middle of the town."""
    x, y = centre(town, 0).coords[0]
    east = shapely.LineString([(x - 0.02, y), (x + 0.02, y)])
    north = shapely.LineString([(x, y - 0.02), (x, y + 0.02)])
    return [(east, "Mall Road"), (north, "Bank Street")]


def test_without_reference_data_exposure_is_empty_and_rank_is_by_deficit(busy_town: Town) -> None:
    layers = published(busy_town)
    for name in ("cells-now", "hotspots-now"):
        columns = layers[name].columns
        assert set(columns["exposure"]) == {None}
        by_rank = [deficit for _, deficit in sorted(zip(columns["rank"], columns["deficit"], strict=True))]
        assert by_rank == sorted(by_rank, reverse=True)
    assert set(layers["hotspots"].columns["near"]) == {""}


def test_people_make_the_exposure_and_move_the_rank(busy_town: Town) -> None:
    load(busy_town, "population", [(centre(busy_town, place), 10.0 * place) for place in range(91)])
    layers = published(busy_town)
    now = layers["cells-now"].columns
    expected = {cells.to_text(busy_town.cell(place)): 10.0 * place for place in range(91)}
    assert dict(zip(now["cell"], now["exposure"], strict=True)) == expected
    for name in ("cells-now", "hotspots-now"):
        rows = zip(*(layers[name].columns[field] for field in ("rank", "deficit", "exposure")), strict=True)
        burdens = [max(deficit, 0) * exposure for _, deficit, exposure in sorted(rows)]
        assert burdens == sorted(burdens, reverse=True)
    assert sum(layers["hotspots-now"].columns["exposure"]) > 0
    title = {field.name: field.title for field in layers["cells-now"].fields}
    assert (title["exposure"], title["rank"]) == (
        "People living there",
        "Rank by deficit times exposure, 1 = largest",
    )


def test_streets_name_public_hotspots_and_stand_in_for_people(busy_town: Town) -> None:
    load(busy_town, "streets", crossing(busy_town))
    layers = published(busy_town)
    for name in ("hotspots", "hotspots-now", "hotspots-night"):
        assert "Bank Street and Mall Road" in layers[name].columns["near"], name
    now = layers["cells-now"]
    assert {field.name: field.title for field in now.fields}["exposure"].startswith("Kilometres of street")
    [middle] = [
        exposure
        for cell, exposure in zip(now.columns["cell"], now.columns["exposure"], strict=True)
        if cell == cells.to_text(busy_town.cell(0))
    ]
    west, south, east, north = cells.polygon(busy_town.cell(0)).bounds
    high, wide = (north - south) * 111.195, (east - west) * 111.195 * 0.878
    assert middle == pytest.approx(high + wide, rel=0.15)


def test_dark_spots_name_their_streets_owners_and_agency(busy_town: Town) -> None:
    load(busy_town, "streets", crossing(busy_town))
    table = published(busy_town, agencies={"lighting": "Street lighting office"})["dark-spots"]
    dark = {str(row["cell"]): row for row in rows_of(table)}
    assert {cells.to_text(busy_town.cell(place)) for place in range(7)} <= dark.keys()
    assert len(dark) < 91, "the town is lit elsewhere"
    middle = dark[cells.to_text(busy_town.cell(0))]
    assert middle["near"] == "Bank Street and Mall Road"
    assert set(str(middle["streets"]).split(";")) == {"Bank Street", "Mall Road"}
    assert (middle["owners"], middle["agency"]) == ("Port Trust", "Street lighting office")
    assert middle["street_km"] == pytest.approx(middle["exposure"])
    assert middle["lighting_mean"] < 1.5
    rows = sorted(dark.values(), key=lambda row: row["rank"])
    burdens = [(1.5 - row["lighting_mean"]) * row["exposure"] for row in rows]
    assert burdens == sorted(burdens, reverse=True)
    assert min(row["probability"] for row in rows) > 0.5


def test_dark_spots_are_there_without_streets(busy_town: Town) -> None:
    rows = rows_of(published(busy_town)["dark-spots"])
    assert len(rows) >= 7
    assert {(row["near"], row["streets"], row["street_km"], row["exposure"]) for row in rows} == {
        ("", "", None, None)
    }


def incidents(town: Town, *places: int, each: int = 20) -> list[tuple[BaseGeometry, Said]]:
    """Return incidents: crowds in the middle of some places, and some strewn over the town."""
    rng = np.random.default_rng(0)
    around = [centre(town, place).coords[0] + rng.normal(0, 2e-4, (each, 2)) for place in places]
    strewn = rng.uniform([77.21, 28.56], [77.29, 28.64], (40, 2))
    return [(shapely.Point(point), "") for point in np.concatenate([*around, strewn])]


def test_incidents_crowd_in_clusters_of_their_own_layer(busy_town: Town) -> None:
    before = published(busy_town)
    load(busy_town, "streets", crossing(busy_town))
    load(busy_town, "incidents", incidents(busy_town, 0, 60))
    after = published(busy_town)
    clusters = rows_of(after["incident-clusters"])
    assert {row["kind"] for row in clusters} == {"incidents"}
    assert [row["id"] for row in clusters] == ["incidents-1", "incidents-2"]
    assert {row["points_min"] for row in clusters} == {20}, "lower bounds: 20 for 20 to 49"
    assert "Bank Street and Mall Road" in {row["near"] for row in clusters}
    shapes = after["incident-clusters"].shapes
    assert {place for place in (0, 60) for shape in shapes if shape.contains(centre(busy_town, place))} == {
        0,
        60,
    }
    kept = ("cell", "score", "score_low", "score_high", "class", "deficit", "probability")
    for name in ("cells", "cells-now"):
        for field in set(kept) & set(before[name].columns):
            assert before[name].columns[field] == after[name].columns[field], "incidents enter no score"


def test_a_run_of_a_past_day_knows_no_later_incident(busy_town: Town) -> None:
    then = [(shape, NOW - timedelta(days=5)) for shape, _ in incidents(busy_town, 0, 60)]
    load(busy_town, "incidents", then)
    assert len(rows_of(published(busy_town)["incident-clusters"])) == 2
    assert published(busy_town, as_of=NOW - timedelta(days=9))["incident-clusters"].ids == ()


def _spots(town: Town, place: int) -> list[int]:
    """Return the stored cells of seven spots beside each other in the middle of a place."""
    point = centre(town, place)
    return cells.disc(cells.cell_of(point.y, point.x, resolution=11), k=1).tolist()


@pytest.mark.parametrize(("people", "shown"), [(5, 2), (4, 0)])
def test_hazards_are_shown_where_k_counted_auditors_reported_them(
    town: Town, people: int, shown: int
) -> None:
    hazard = town.city.current("hazard").instrument
    who = town.people(people)
    told = [(one, place, spot) for place in (0, 200) for one in who for spot in range(6)]
    spots = {place: _spots(town, place) for place in (0, 200)}
    with town.database.transaction() as connection:
        connection.execute(
            insert(audit),
            [
                {
                    "city_id": town.city.city_id,
                    "audit_id": uuid4(),
                    "version": 1,
                    "device_id": one,
                    "content_hash": bytes(32),
                    "received_at": NOW,
                    "instrument_id": hazard.id,
                    "instrument_version": hazard.version,
                    "cell": int(spots[place][spot]),
                    "observed_at": NOW - timedelta(days=1),
                    "daypart": 0,
                    "ratings": [0] * len(hazard.ratings),
                    "used": True,
                    "flags": [],
                }
                for one, place, spot in told
            ],
        )
    rows = rows_of(published(town)["incident-clusters"])
    assert [row["kind"] for row in rows] == ["hazards"] * shown
    exact = unsuppressed_layer(town.database, town.city, name="incident-clusters")
    assert len(exact) == 2, "the operator sees all"


def test_points_are_shown_once_though_two_instruments_are_used(busy_town: Town) -> None:
    load(busy_town, "incidents", incidents(busy_town, 0, 60))
    stop = busy_town.city.current("transit-stop").instrument
    busy_town.audits(
        [(one, 3, [1] * len(stop.ratings)) for one in busy_town.people(6)], instrument_id="transit-stop"
    )
    run_id = analyse_city(busy_town.database, busy_town.city)
    rows = busy_town.rows(run_id)
    assert {row[0] for row in rows} == {"safetipin-9", "transit-stop"}
    assert {row[0] for row in rows if row[1] == "incident-clusters"} == {"safetipin-9"}


def test_san_francisco_incidents_crowd(database: Database, cities: CityDirectory, shared_data: Path) -> None:
    make_city(
        database,
        "sf",
        area=read_boundary("-122.53,37.70,-122.35,37.84").area,
        time_zone="America/Los_Angeles",
    )
    town = Town(database, cities.get("sf"))
    file = shared_data / "incidents/san_francisco_robbery_2019.csv"
    reader = ReferenceReader(file, kind="incidents", city=town.city)
    with database.transaction() as connection:
        described = ReferenceSet(kind="incidents", name="robbery")
        loaded = replace_reference(
            connection, city_id=town.city.city_id, described=described, features=reader.features()
        )
    assert loaded == 951
    table = published(town)["incident-clusters"]
    rows = rows_of(table)
    assert 8 <= len(rows) <= 25
    assert all(row["points_min"] in (10, 20, 50) and row["area_km2"] < 1 for row in rows)
    assert all("2019-01" <= row["first"] <= row["last"] <= "2019-12" for row in rows)
    assert shapely.is_valid(table.shapes).all()


def test_coverage_is_told_in_street_km(busy_town: Town) -> None:
    load(busy_town, "streets", crossing(busy_town))
    run_id = analyse_city(busy_town.database, busy_town.city)
    with busy_town.database.transaction() as connection:
        made = read_parameters(connection, city_id=busy_town.city.city_id, run_id=run_id)
    km = made["instruments"]["safetipin-9"]["street_km"]
    assert km["city"] == pytest.approx(0.04 * 111.195 * (1 + 0.878), rel=0.01)
    now = published(busy_town)["cells-now"].columns["exposure"]
    assert km["cells-now"] == km["cells"] == pytest.approx(sum(now), rel=1e-4)
    assert 0.5 * km["city"] < km["cells"] < km["city"]


def test_what_reaches_beyond_the_boundary_is_not_the_citys(busy_town: Town) -> None:
    far = shapely.LineString([(77.25, 28.60), (77.40, 28.60)])
    load(busy_town, "streets", [(far, "Way Out")])
    run_id = analyse_city(busy_town.database, busy_town.city)
    with busy_town.database.transaction() as connection:
        made = read_parameters(connection, city_id=busy_town.city.city_id, run_id=run_id)
    assert made["instruments"]["safetipin-9"]["street_km"]["city"] == pytest.approx(4.88, rel=0.01)


def test_the_operator_sees_the_same_places(busy_town: Town) -> None:
    load(busy_town, "streets", crossing(busy_town))
    table = unsuppressed_layer(busy_town.database, busy_town.city, name="hotspots-now")
    assert "Bank Street and Mall Road" in table.columns["near"]
    assert None not in table.columns["exposure"]


def test_reference_data_of_another_city_are_not_read(busy_town: Town, cities: object) -> None:
    other = Town(busy_town.database, cities.get("othertown"))  # type: ignore[attr-defined]
    load(other, "streets", crossing(busy_town))
    load(other, "population", [(centre(busy_town, 0), 5.0)])
    assert set(published(busy_town)["cells-now"].columns["exposure"]) == {None}
