"""Zones in a run: what every set shows, and what a city without them does."""

from dataclasses import replace
from typing import Any

import pytest
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import text

from geo import cells
from server.layer_table import LayerTable
from server.publishing.analyse_city import analyse_city
from server.publishing.unsuppressed import unsuppressed_layer
from server.queries.audits import end_audits
from server.queries.layers import list_of_run
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from server.services.read_layer import read_layer

from .conftest import Town


def load(town: Town, of: str, **areas: Any) -> None:
    shapes = [ZoneShape(name=name, area=MultiPolygon([area])) for name, area in areas.items()]
    with town.database.transaction() as connection:
        described = ZoneSet(name=of, licence="CC BY 4.0", attribution="Survey office")
        replace_zones(connection, city_id=town.city.city_id, described=described, shapes=shapes)


def layer(town: Town, run_id: int, name: str) -> LayerTable:
    with town.database.layer_reading() as connection:
        made = list_of_run(connection, city_id=town.city.city_id, run_id=run_id)
        return read_layer(connection, next(one for one in made if one.name == name))


def rows(town: Town, run_id: int, name: str = "zones") -> dict[str, dict[str, Any]]:
    table = layer(town, run_id, name)
    return {
        f"{table.columns['set'][i]}/{table.columns['name'][i]}": {
            field: values[i] for field, values in table.columns.items()
        }
        for i in range(len(table))
    }


@pytest.fixture
def halves(busy_town: Town) -> Town:
    """Two halves that meet at the middle of the city, and one zone of another set that holds both."""
    west, south, east, north = busy_town.city.area.bounds
    middle = cells.centre(cells.disc(busy_town.cell(0), k=0))[1][0]
    load(
        busy_town,
        "wards",
        West=shapely.box(west - 1, south, middle, north),
        East=shapely.box(middle, south, east, north),
        Yard=shapely.box(west, south, west + 1e-5, south + 1e-5),
    )
    load(busy_town, "town", Whole=shapely.box(west, south, east, north))
    return busy_town


def test_a_run_publishes_every_set_for_both_audiences(halves: Town) -> None:
    run_id = analyse_city(halves.database, halves.city)
    public, planner = rows(halves, run_id), rows(halves, run_id, "zones-now")
    assert public.keys() == planner.keys() == {"wards/West", "wards/East", "wards/Yard", "town/Whole"}
    whole = public["town/Whole"]
    assert public["wards/West"]["score"] != public["wards/East"]["score"]
    assert whole["audited_share"] == round(91 / len(_cells(halves)), 2)
    assert (whole["licence"], whole["attribution"]) == ("CC BY 4.0", "Survey office")
    assert (whole["rank_low"], whole["rank_high"]) == (1, 1)
    assert public["wards/Yard"]["audited_share"] is None
    assert public["wards/Yard"]["score"] is None


def _cells(town: Town) -> set[int]:
    return set(cells.covering(town.city.area, resolution=town.city.resolution).tolist())


def test_the_whole_is_what_the_cells_layer_shows(halves: Town) -> None:
    run_id = analyse_city(halves.database, halves.city)
    shown = layer(halves, run_id, "cells").columns
    whole = rows(halves, run_id)["town/Whole"]
    assert whole["score"] == pytest.approx(sum(map(float, shown["score"])) / 91, abs=0.06)  # type: ignore[arg-type]
    hot = sum(one in ("hot", "severe") for one in shown["class"])
    assert whole["hotspot_share"] == round(hot / 91, 2) > 0
    edges = layer(halves, run_id, "cells").shapes
    mid = layer(halves, run_id, "zones")
    west = mid.shapes[[*mid.columns["name"]].index("West")]
    inside = shapely.contains(west, shapely.centroid(edges)).sum()
    assert rows(halves, run_id)["wards/West"]["audited_share"] == pytest.approx(
        inside / sum(_west(halves, west)), abs=0.02
    )


def _west(town: Town, west: Any) -> list[bool]:
    lat, lng = cells.centre(cells.covering(town.city.area, resolution=town.city.resolution))
    return [bool(found) for found in shapely.contains_xy(west, lng, lat)]


def test_ids_stay_while_set_and_name_stay(halves: Town) -> None:
    first = rows(halves, analyse_city(halves.database, halves.city))
    west, south, east, north = halves.city.area.bounds
    load(halves, "wards", West=shapely.box(west, south, east, north))
    second = rows(halves, analyse_city(halves.database, halves.city))
    assert second.keys() == {"wards/West", "town/Whole"}
    assert second["wards/West"]["id"] == first["wards/West"]["id"]
    assert len({row["id"] for row in first.values()}) == 4


def test_a_city_without_zones_or_audits_has_the_layers_all_the_same(town: Town) -> None:
    run_id = analyse_city(town.database, town.city)
    assert rows(town, run_id) == rows(town, run_id, "zones-now") == {}
    load(town, "wards", All=shapely.box(*town.city.area.bounds))
    [row] = rows(town, analyse_city(town.database, town.city)).values()
    assert (row["audited_share"], row["score"], row["rank_low"]) == (0.0, None, None)


def test_a_zone_outside_the_city_has_no_cells(busy_town: Town) -> None:
    load(busy_town, "wards", Far=shapely.box(0, 0, 1, 1))
    [row] = rows(busy_town, analyse_city(busy_town.database, busy_town.city)).values()
    assert (row["audited_share"], row["score"]) == (None, None)


def test_the_citys_own_standard_is_what_zones_are_held_to(halves: Town) -> None:
    for standard, share in ((0, 0.0), (5.0, 1.0)):
        city = replace(halves.city, settings={"standard": standard})
        run_id = analyse_city(halves.database, city)
        for name in ("zones", "zones-now"):
            found = rows(halves, run_id, name)["town/Whole"]["below_standard_share"]
            assert found == pytest.approx(share, abs=0.01)


def test_the_operator_has_zones_of_all_cells(halves: Town) -> None:
    halves.audit(halves.people(1), 200)
    table = unsuppressed_layer(halves.database, halves.city, name="zones")
    whole = [*table.columns["name"]].index("Whole")
    assert table.columns["audited_share"][whole] == pytest.approx(92 / len(_cells(halves)), rel=1e-5)


def of_groups(town: Town, run_id: int) -> dict[str, dict[str, Any]]:
    table = layer(town, run_id, "zones")
    return {
        f"{table.columns['name'][i]} {table.columns['group'][i]}": {
            field: values[i] for field, values in table.columns.items()
        }
        for i in range(len(table))
    }


def test_women_and_men_have_rows_where_k_of_each_came_together(halves: Town) -> None:
    women, men = halves.people(6, gender="woman"), halves.people(6, gender="man")
    for place in (150, 151):
        halves.audit(women, place, 0)
        halves.audit(men, place, 3)
    found = of_groups(halves, analyse_city(halves.database, halves.city))
    named = {name for name in found if "Whole" in name}
    assert named == {"Whole ", "Whole gender:woman", "Whole gender:man"}
    woman, man = found["Whole gender:woman"], found["Whole gender:man"]
    assert woman["score"] < found["Whole "]["score"] < man["score"]
    assert woman["feeling_mean"] < man["feeling_mean"]
    assert woman["audited_share"] == man["audited_share"] == round(2 / len(_cells(halves)), 2)
    assert woman["id"] == f"{found['Whole ']['id']}-gender-woman"
    assert (woman["rank_low"], woman["rank_high"]) == (1, 1)


@pytest.mark.parametrize(("women", "men", "others"), [(5, 4, 0), (4, 5, 0), (5, 5, 1), (4, 0, 5)])
def test_a_group_of_fewer_than_k_is_not_told_apart(halves: Town, women: int, men: int, others: int) -> None:
    for count, gender in ((women, "woman"), (men, "man"), (others, "other")):
        if count:
            halves.audit(halves.people(count, gender=gender), 150)
    found = of_groups(halves, analyse_city(halves.database, halves.city))
    assert {name for name in found if "gender" in name} == set()


def test_a_gender_said_or_corrected_after_admission_changes_nothing_public(halves: Town) -> None:
    women = halves.people(6, gender="woman")
    halves.audit(women, 150, 0)
    before = halves.rows(analyse_city(halves.database, halves.city), audience="public")
    with halves.database.transaction() as connection:
        connection.execute(text("UPDATE profile SET gender = 'man' WHERE device_id = :id"), {"id": women[0]})
    assert halves.rows(analyse_city(halves.database, halves.city), audience="public") == before
    assert any("gender:woman" in str(row[-1]) for row in before)


def test_what_is_kept_of_gender_goes_with_the_audit(halves: Town) -> None:
    audits = halves.audit(halves.people(6, gender="woman"), 150)
    analyse_city(halves.database, halves.city)
    query = text("SELECT audit_id, gender FROM admission WHERE audit_id = ANY(:ids)")
    with halves.database.transaction() as connection:
        end_audits(connection, city_id=halves.city.city_id, ids=audits[:1], state="withdrawn")
        kept = dict(connection.execute(query, {"ids": audits}).all())  # type: ignore[arg-type]
    assert kept == {audit: int(audit != audits[0]) for audit in audits}
