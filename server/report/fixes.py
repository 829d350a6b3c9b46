"""The five fixes of the first page: what to mend where, whose it is, and on what evidence."""

from collections.abc import Iterator, Set

from analysis.disclosure.layer import Value
from geo.cells import covering, to_text
from server.report.content import Column, Section, Table
from server.report.published import Published, Row
from server.report.words import Speech

_MOST = 5
_OVER = "done"
LIGHTING = "lighting"


def fixes(published: Published, say: Speech) -> Section:
    """Return the first five: planners' by rank, the public's of those most people spoke of, by name.

    A hotspot is a fix where something fixable is credibly low there and no work is done; planners' are
    filled up with dark places outside of them.
    """
    chosen = list(_of_hotspots(published))[:_MOST]
    rows = [_of_hotspot(row, published, say) for row in chosen]
    if published.planner:
        known = _cells(published, {str(row["id"]) for row in chosen})
        rows += [
            _of_dark_spot(row, say)
            for row in sorted(published.rows("dark-spots"), key=lambda row: _whole(row["rank"]))
            if row["cell"] not in known
        ]
    columns = (
        Column(name="near", title=say("where")),
        Column(name="needs", title=say("needs")),
        Column(name="owner", title=say("owner")),
        Column(name="auditors_min", title=say("people"), kind="least"),
        Column(name="measure", title=say("measured")),
        Column(name="value", title=say("value"), kind="score"),
        Column(name="low", title=say("from"), kind="bound"),
        Column(name="high", title=say("to"), kind="bound"),
        Column(name="status", title=say("status")),
    )
    table = Table(name="fixes", title=say("fixes"), columns=columns, rows=tuple(rows[:_MOST]))
    note = say("fixes_note_planner" if published.planner else "fixes_note_public")
    return Section(
        name="fixes",
        title=say("fixes"),
        notes=(note,) if rows else (say("no_hotspots"),),
        tables=(table,) if rows else (),
    )


def _of_hotspots(published: Published) -> Iterator[Row]:
    found = [row for row in published.rows(published.hotspots) if row["needs"] and row["status"] != _OVER]
    if published.planner:
        yield from sorted(found, key=lambda row: _whole(row["rank"]))
        return
    most_heard = sorted(
        found, key=lambda row: (-_whole(row["auditors_min"]), -_whole(row["cells"]), str(row["id"]))
    )
    yield from sorted(most_heard[:_MOST], key=lambda row: (str(row["near"] or "~"), str(row["id"])))


def _of_hotspot(row: Row, published: Published, say: Speech) -> tuple[Value, ...]:
    needs = str(row["needs"]).split(";")
    agencies = published.city.settings.get("agencies", {})
    owners = dict.fromkeys(agencies[need] for need in needs if need in agencies)
    return (
        row["near"] or say("unnamed", id=row["id"]),
        say.ratings(row["needs"]),
        ", ".join(owners) or say("no_owner"),
        row["auditors_min"],
        say("score"),
        row["score"],
        row["score_low"],
        row["score_high"],
        say.of("status", row["status"]),
    )


def _of_dark_spot(row: Row, say: Speech) -> tuple[Value, ...]:
    owner = row["agency"] or str(row["owners"] or "").split(";", maxsplit=1)[0]
    return (
        row["near"] or say("unnamed", id=row["cell"]),
        say.rating(LIGHTING),
        owner or say("no_owner"),
        row["auditors_min"],
        say("at_night", rating=say.rating(LIGHTING)),
        row["lighting_mean"],
        row["lighting_low"],
        row["lighting_high"],
        say.of("status", "open"),
    )


def _cells(published: Published, ids: Set[str]) -> set[str]:
    """Return the cells of some hotspots, which their outlines tell."""
    table = published.tables[published.hotspots] if ids else None
    if table is None:
        return set()
    return {
        to_text(cell)
        for id_, shape in zip(table.ids, table.shapes, strict=True)
        if id_ in ids
        for cell in covering(shape, resolution=published.city.resolution).tolist()
    }


def _whole(value: Value) -> int:
    return int(value or 0)
