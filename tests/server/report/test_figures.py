"""The report tells the figures of the layers, and everybody's report no more than everybody may know."""

import csv
import io
from typing import Any

import openpyxl
import pytest

from server.exporting.files import FORMATS
from server.layer_table import LayerTable
from server.queries.layers import list_latest
from server.report.make import make_report
from server.report.page import render_page
from server.report.words import speech
from server.report.workbook import write_workbook
from tests.server.places import AGENCIES, Places
from tests.server.report.written import Page, Shown

PUBLIC = {"hotspots": "hotspots", "zones": "zones", "city": "city", "interventions": "interventions"}
PLANNER = {"hotspots": "hotspots-now", "zones": "zones-now", "dark-spots": "dark-spots"}
DASH = "\N{EN DASH}"
KEYS = {"hotspots": "id", "zones": "name", "city": "group", "interventions": "name", "dark-spots": "cell"}


def report(places: Places, *, planner: bool, lang: str = "en", slug: str = "testville") -> Any:
    published = places.published(planner=planner, slug=slug)
    return make_report(published, speech(lang, published.document))


def page(places: Places, *, planner: bool, lang: str = "en", slug: str = "testville") -> Page:
    return Page(render_page(report(places, planner=planner, lang=lang, slug=slug)))


def exported(table: LayerTable) -> list[dict[str, str]]:
    """Return the rows of a layer as its CSV file tells them."""
    return list(csv.DictReader(io.StringIO(FORMATS["csv"].encode(table).decode())))


def tables(made: Any) -> dict[str, Any]:
    return {table.name: table for section in made.sections for table in section.tables}


@pytest.mark.parametrize("planner", [True, False])
def test_every_figure_of_a_layer_is_the_layers(places: Places, planner: bool) -> None:
    published = places.published(planner=planner)
    found = page(places, planner=planner)
    told = tables(report(places, planner=planner))
    for name, layer in (PLANNER if planner else PUBLIC).items():
        rows = [row for row in exported(published.tables[layer]) if row.get("group", "") == ""]
        assert len(rows) == len(told[name].rows) > 0, name
        shown = found.tables[name]
        for row, (_, values) in zip(in_order(rows, told[name], KEYS[name]), by_row(shown), strict=False):
            given = [
                row[column.name].lower()
                for column in told[name].columns
                if column.kind not in ("text",) and column.name in row
            ]
            assert [value for cell in values for value in cell if value] == [one for one in given if one], (
                name
            )


def in_order(rows: list[dict[str, str]], table: Any, key: str) -> list[dict[str, str]]:
    """Return the rows of a layer in the order of a table."""
    place = next((i for i, column in enumerate(table.columns) if column.name == key), None)
    if place is None:
        return rows
    by_key = {row[key]: row for row in rows}
    return [by_key[str(row[place])] for row in table.rows]


def by_row(shown: Shown) -> list[tuple[list[str], list[list[str]]]]:
    return list(zip(shown.words, shown.values, strict=True))


@pytest.mark.parametrize("planner", [True, False])
def test_ratings_and_voices_are_the_runs_summary(places: Places, planner: bool) -> None:
    published = places.published(planner=planner)
    shown = page(places, planner=planner).tables
    falls = published.summary.falls
    assert len(falls) == 17 == len(shown["ratings"].words)  # nine ratings by night, by day all but lighting
    for fall, (_, values) in zip(falls, by_row(shown["ratings"]), strict=True):
        counts = [[str(count)] for count in fall.counts] if planner else []
        assert values[2:] == [[str(fall.answers_min)], *([str(share)] for share in fall.shares), *counts]
    heard = [[str(one.auditors_min), str(one.audits_min)] for one in published.summary.heard]
    assert [[cell[0] for cell in values[1:]] for _, values in by_row(shown["heard"])] == heard


def test_the_workbook_holds_the_same_tables(places: Places) -> None:
    made = report(places, planner=True)
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(made)))
    assert book.sheetnames == ["report", *tables(made)]
    for name, table in tables(made).items():
        titles, names, *rows = book[name].iter_rows(values_only=True)
        assert list(titles) == [column.title for column in table.columns]
        assert list(names) == [column.name for column in table.columns]
        assert rows == [tuple(value or None if value == "" else value for value in row) for row in table.rows]


def test_five_fixes_tell_street_owner_and_evidence(places: Places) -> None:
    fixes = page(places, planner=True).tables["fixes"]
    assert 4 <= len(fixes.words) <= 5
    first = dict(zip(fixes.heads, fixes.words[0], strict=True))
    assert first["Where"] == "Bank & Sons Street and Mall Road"
    assert "Lighting" in first["Needs"]
    assert first["Owner"] == AGENCIES["lighting"]
    assert first["People"].startswith("at least ")
    assert first["Value"].count(DASH) == 1
    assert [row[4] for row in fixes.words[-2:]] == ["Lighting, by night"] * 2


def test_everybodys_report_has_needs_but_no_rank_nor_anything_of_planners(places: Places) -> None:
    published = places.published(planner=False)
    with places.database.layer_reading() as connection:
        layers = list_latest(connection, city_id=places.city.city_id)
    audience = {layer.name: layer.audience for layer in layers}
    assert {audience[name] for name in published.tables} == {"public"}
    made = tables(report(places, planner=False))
    columns = {column.name for table in made.values() for column in table.columns}
    assert not columns & {"rank", "rank_low", "rank_high", "deficit", "causes", "exposure", "count_0"}
    assert "needs" in columns
    hotspots = made["hotspots"]
    names = [row[[column.name for column in hotspots.columns].index("near")] for row in hotspots.rows]
    assert names == sorted(names)
    assert len(names) > 1
    heads = [head for table in page(places, planner=False).tables.values() for head in table.heads]
    assert not [head for head in heads if "rank" in head.lower()]


def test_dark_spots_are_counted_by_zone_and_by_owner(places: Places) -> None:
    published = places.published(planner=True)
    spots = published.tables["dark-spots"]
    east = sum(shape.centroid.x > places.middle for shape in spots.shapes)
    made = tables(report(places, planner=True))
    counted = {row[1]: row[3] for row in made["dark-zones"].rows}
    assert 0 < counted["East"] <= len(spots)
    assert abs(counted["East"] - east) <= 5  # those whose centre lies on the line
    assert counted["East"] + counted["West"] == len(spots)
    owners = dict(made["dark-owners"].rows)
    on_streets = sum(bool(names) for names in spots.columns["owners"])
    assert owners == {"Port Trust": on_streets, "no agency named": len(spots) - on_streets}


def test_what_is_requested_or_planned_is_told(places: Places) -> None:
    shown = page(places, planner=False).tables["interventions"]
    row = dict(zip(shown.heads, shown.words[0], strict=True))
    assert (row["What"], row["Aims at"], row["Status"], row["Effect"]) == (
        "Lamps",
        "Lighting",
        "planned",
        DASH,
    )
