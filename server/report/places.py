"""The parts about places: the map, the places less safe than the city, what changed, what is dark."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta

import shapely
from shapely.geometry import MultiPolygon
from shapely.geometry.base import BaseGeometry

from analysis.disclosure.layer import Value
from geo.areas import common
from geo.cells import covering, to_text
from server.report import palette
from server.report.content import Column, Figure, Section, Table
from server.report.maps import Tone, class_tones, draw_map, score_tones
from server.report.published import Published, Row
from server.report.words import Speech

TRENDS = ("new", "worse", "same", "better", "too_short")
_RECENT = timedelta(days=31)


def score_maps(published: Published, say: Speech) -> Section:
    """Return the maps of the score, at all hours and by night, hotspots outlined."""
    spots = _shapes(published, published.hotspots)
    figures = []
    for layer, hours, outlines in ((published.cells, "all_hours", spots), ("cells-night", "by_night", ())):
        table = published.tables.get(layer)
        if table is not None and len(table):
            tones = score_tones(list(table.shapes), [float(one or 0) for one in table.columns["score"]])
            caption = say("map_of_scores", hours=say(hours))
            figures.append(_map(published, say, caption, tones, outlines))
    return Section(
        name="map",
        title=say("map"),
        notes=(say("map_note"),) if figures else (say("no_cells"),),
        figures=tuple(figures),
    )


def hotspots(published: Published, say: Speech) -> Section:
    """Return the places less safe than the city: planners' by rank with causes, the public's by name."""
    rows = published.rows(published.hotspots)
    if published.planner:
        rows.sort(key=lambda row: int(row["rank"] or 0))
    else:
        rows.sort(key=lambda row: (str(row["near"] or "~"), str(row["id"])))
    columns = [
        *([Column(name="rank", title=say("rank"), kind="whole")] if published.planner else []),
        Column(name="id", title="id"),
        Column(name="near", title=say("where")),
        Column(name="causes", title=say("causes"))
        if published.planner
        else Column(name="needs", title=say("needs")),
        Column(name="score", title=say("score"), kind="score"),
        Column(name="score_low", title=say("from"), kind="bound"),
        Column(name="score_high", title=say("to"), kind="bound"),
        *_of_planners(published, say),
        Column(name="auditors_min", title=say("people"), kind="least"),
        Column(name="trend", title=say("trend")),
        Column(name="since", title=say("since")),
        Column(name="status", title=say("status")),
    ]
    table = Table(
        name="hotspots",
        title=say("hotspots"),
        columns=tuple(columns),
        rows=tuple(tuple(_in_words(row, column.name, say) for column in columns) for row in rows),
    )
    notes = (say("hotspots_note"),) if rows else (say("no_hotspots"),)
    return Section(name="hotspots", title=say("hotspots"), notes=notes, tables=(table,) if rows else ())


def _in_words(row: Row, name: str, say: Speech) -> Value:
    """Return a value of a hotspot, its names in the language of the report."""
    match name:
        case "needs":
            return say.ratings(row[name])
        case "causes":
            return say.causes(row[name])
        case "trend" | "status":
            return say.of(name, row[name])
    return row[name]


def _of_planners(published: Published, say: Speech) -> list[Column]:
    if not published.planner:
        return []
    return [
        Column(name="deficit", title=say("deficit"), kind="number"),
        Column(name="exposure", title=say("exposure"), kind="number"),
    ]


def changes(published: Published, say: Speech) -> Section:
    """Return what changed since last time: how many cells and places less safe have which trend."""
    cells, spots = (
        [row["trend"] for row in published.rows(layer)] for layer in (published.cells, published.hotspots)
    )
    first = [row["since"] for row in published.rows(published.hotspots)]
    rows = [(say.of("trend", one), cells.count(one), spots.count(one)) for one in TRENDS]
    table = Table(
        name="changes",
        title=say("changes"),
        columns=(
            Column(name="trend", title=say("trend")),
            Column(name="cells", title=say("cells"), kind="whole"),
            Column(name="hotspots", title=say("hotspots"), kind="whole"),
        ),
        rows=rows,
    )
    notes = [say("changes_note")]
    if published.as_of is not None:
        recent = sum(1 for since in first if since and _is_recent(str(since), published.as_of.date()))
        notes.append(say("found_lately", n=recent))
    return Section(
        name="changes",
        title=say("changes"),
        notes=tuple(notes) if cells else (say("no_cells"),),
        tables=(table,) if cells else (),
    )


def trends(published: Published, say: Speech) -> Section:
    """Return the map of what became better and worse."""
    table = published.tables.get(published.cells)
    if table is None or not len(table):
        return Section(name="trends", title=say("trends"), notes=(say("no_cells"),))
    legend = {
        "same": (palette.SAME, say("trend_same")),
        "too_short": (palette.UNKNOWN, say("trend_too_short")),
        "better": (palette.BETTER, say("trend_better")),
        "worse": (palette.WORSE, say("trend_worse")),
        "new": (palette.of_score(0), say("trend_new")),
    }
    tones = class_tones(list(table.shapes), table.columns["trend"], legend)
    return Section(
        name="trends",
        title=say("trends"),
        notes=(say("trends_note"),),
        figures=(_map(published, say, say("map_of_trends"), tones),),
    )


def darkness(published: Published, say: Speech) -> Section:
    """Return what is dark: shares by zone for all; for planners places with street and owner, and a map."""
    made = (_dark_zones(published, say), _dark_owners(published, say), _dark_spots(published, say))
    tables = [table for table in made if table.rows]
    table = published.tables.get("dark-spots")
    figures = []
    if table is not None and len(table):
        tone = Tone(colour=palette.DARK, words=say("dark_spots"), shapes=list(table.shapes))
        figures.append(_map(published, say, say("dark_spots"), [tone]))
    return Section(
        name="dark",
        title=say("dark"),
        notes=(say("dark_note"),) if tables else (say("no_dark"),),
        figures=tuple(figures),
        tables=tuple(tables),
    )


def _dark_zones(published: Published, say: Speech) -> Table:
    """Return the expected share of dark cells by zone, and how many dark spots have their centre in it."""
    rows: list[tuple[Value, ...]] = []
    spots = {row["cell"] for row in published.rows("dark-spots")}
    table = published.tables.get(published.zones)
    for row, shape in zip(
        published.rows(published.zones), () if table is None else table.shapes, strict=True
    ):
        if row["group"] == "":
            own = (len(spots & _cells_of(shape, published)),) if published.planner else ()
            rows.append((row["set"], row["name"], row["dark_share"], *own))
    counted = Column(name="dark_spots", title=say("dark_spots"), kind="whole")
    columns = (
        Column(name="set", title=say("zone_set")),
        Column(name="name", title=say("zone")),
        Column(name="dark_share", title=say("dark_share"), kind="share"),
        *((counted,) if published.planner else ()),
    )
    return Table(name="dark-zones", title=say("dark_zones"), columns=columns, rows=tuple(rows))


def _dark_owners(published: Published, say: Speech) -> Table:
    """Return how many dark spots are each owner's: of the one who has most of the streets there."""
    first = (str(row["owners"] or "").split(";", maxsplit=1)[0] for row in published.rows("dark-spots"))
    columns = (
        Column(name="owner", title=say("owner")),
        Column(name="dark_spots", title=say("dark_spots"), kind="whole"),
    )
    rows = tuple((owner or say("no_owner"), count) for owner, count in Counter(first).most_common())
    return Table(name="dark-owners", title=say("dark_owners"), columns=columns, rows=rows)


def _dark_spots(published: Published, say: Speech) -> Table:
    columns = (
        Column(name="rank", title=say("rank"), kind="whole"),
        Column(name="cell", title=say("cell")),
        Column(name="near", title=say("where")),
        Column(name="streets", title=say("streets")),
        Column(name="owners", title=say("owner")),
        Column(name="agency", title=say("agency")),
        Column(name="lighting_mean", title=say.rating("lighting"), kind="score"),
        Column(name="lighting_low", title=say("from"), kind="bound"),
        Column(name="lighting_high", title=say("to"), kind="bound"),
        Column(name="auditors_min", title=say("people"), kind="least"),
    )
    rows = sorted(published.rows("dark-spots"), key=lambda row: int(row["rank"] or 0))
    return Table(
        name="dark-spots",
        title=say("dark_spots"),
        columns=columns,
        rows=tuple(tuple(row[column.name] for column in columns) for row in rows),
    )


def _cells_of(shape: BaseGeometry, published: Published) -> set[str]:
    """Return the cells of a zone, whole by their centre, as a run assigns them."""
    inside = common(MultiPolygon(shapely.get_parts(shape).tolist()), published.city.area)
    return {to_text(cell) for cell in covering(inside, resolution=published.city.resolution).tolist()}


def _map(
    published: Published,
    say: Speech,
    caption: str,
    tones: Sequence[Tone],
    outlines: Sequence[BaseGeometry] = (),
) -> Figure:
    svg = draw_map(published.city.area, tones, title=caption, ground=say("not_enough"), outlines=outlines)
    return Figure(caption=caption, svg=svg)


def _shapes(published: Published, layer: str) -> list[BaseGeometry]:
    table = published.tables.get(layer)
    return [] if table is None else list(table.shapes)


def _is_recent(since: str, today: date) -> bool:
    return today - date.fromisoformat(since) <= _RECENT
