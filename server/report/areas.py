"""The parts about zones, interventions and people: what was found where, what helped, who was heard."""

from collections import Counter
from collections.abc import Sequence

from analysis.disclosure.layer import Value
from server.report.content import Column, Figure, Section, Table
from server.report.plots import Span, draw_spans
from server.report.published import Published, Row
from server.report.words import Speech

_TOP_SCORE = 5.0
_MOST_SPANS = 40
_SHARES = ("audited_share", "hotspot_share", "feel_safe_share", "below_standard_share")


def score_and_shares(say: Speech, *shares: str) -> tuple[Column, ...]:
    """Return the columns of an area's score with its interval, and of shares by their names in `zones`."""
    return (
        Column(name="score", title=say("score"), kind="score"),
        Column(name="score_low", title=say("from"), kind="bound"),
        Column(name="score_high", title=say("to"), kind="bound"),
        *(Column(name=name, title=say(name), kind="share") for name in shares),
    )


def zones(published: Published, say: Speech) -> Section:
    """Return the zones with their intervals: planners' with ranges of ranks, the public's by name."""
    rows = [row for row in published.rows(published.zones) if row["group"] == ""]
    rows.sort(key=lambda row: (str(row["set"]), *_order(row, published)))
    if not rows:
        return Section(name="zones", title=say("zones"), notes=(say("no_zones"),))
    ranks = (
        Column(name="rank_low", title=say("rank_from"), kind="whole"),
        Column(name="rank_high", title=say("rank_to"), kind="whole"),
    )
    columns = (
        Column(name="set", title=say("zone_set")),
        Column(name="name", title=say("zone")),
        *(ranks if published.planner else ()),
        *score_and_shares(say, *_SHARES),
    )
    spans = _spans(rows, "score")
    caption = say("zone_spans")
    return Section(
        name="zones",
        title=say("zones"),
        notes=(say("zones_note_planner" if published.planner else "zones_note_public"),),
        figures=(Figure(caption=caption, svg=draw_spans(spans, title=caption, low=0, high=_TOP_SCORE)),)
        if spans
        else (),
        tables=(Table(name="zones", title=say("zones"), columns=columns, rows=_picked(rows, columns)),),
    )


def interventions(published: Published, say: Speech) -> Section:
    """Return what was done, and what it did where that has been told."""
    rows = published.rows("interventions")
    if not rows:
        return Section(name="interventions", title=say("interventions"), notes=(say("no_interventions"),))
    told = [
        {**row, "status": say.of("work", row["status"]), "targets": say.ratings(row["targets"])}
        for row in rows
    ]
    columns = (
        Column(name="name", title=say("what")),
        Column(name="kind", title=say("kind")),
        Column(name="targets", title=say("targets")),
        Column(name="from", title=say("begins")),
        Column(name="to", title=say("ends")),
        Column(name="owner", title=say("owner")),
        Column(name="status", title=say("status")),
        Column(name="effect", title=say("effect"), kind="number"),
        Column(name="effect_low", title=say("from"), kind="bound"),
        Column(name="effect_high", title=say("to"), kind="bound"),
        Column(name="p", title="p", kind="number"),
        Column(name="n", title=say("answers"), kind="least"),
    )
    spans = _spans(rows, "effect")
    reach = max((abs(end) for span in spans for end in (span.low, span.high)), default=1.0)
    caption = say("effects")
    plot = draw_spans(spans, title=caption, low=-reach, high=reach, zero=0.0)
    table = Table(
        name="interventions", title=say("interventions"), columns=columns, rows=_picked(told, columns)
    )
    return Section(
        name="interventions",
        title=say("interventions"),
        notes=(say("effects_note"),),
        figures=(Figure(caption=caption, svg=plot),) if spans else (),
        tables=(table,),
    )


def voices(published: Published, say: Speech) -> Section:
    """Return who was heard and who was not, where nobody or too few audited, and what planners miss."""
    heard = Table(
        name="heard",
        title=say("heard"),
        columns=(
            Column(name="group", title=say("group")),
            Column(name="auditors_min", title=say("people"), kind="least"),
            Column(name="audits_min", title=say("audits"), kind="least"),
        ),
        rows=tuple(
            (_group(one.group, say), one.auditors_min, one.audits_min) for one in published.summary.heard
        ),
    )
    tables = [table for table in (heard, _coverage(published, say), _gaps(published, say)) if table.rows]
    return Section(
        name="voices",
        title=say("heard"),
        notes=(say("heard_note", k=published.city.k),),
        tables=tuple(tables),
    )


def _coverage(published: Published, say: Speech) -> Table:
    rows: list[tuple[Value, ...]] = [
        (say("cells_of_city"), row["audited_share"]) for row in published.rows("city") if row["group"] == ""
    ]
    km = published.street_km
    if km.get("city"):
        rows.append((say("streets_of_city"), km.get(published.cells, 0.0) / km["city"]))
    columns = (
        Column(name="what", title=say("covered")),
        Column(name="share", title=say("share"), kind="share"),
    )
    return Table(name="coverage", title=say("coverage"), columns=columns, rows=tuple(rows))


def _gaps(published: Published, say: Speech) -> Table:
    """Return in how many places who is missing, of the places where to audit next."""
    missing = Counter(
        one for row in published.rows("gaps") for one in str(row["missing"] or "").split(";") if one
    )
    columns = (
        Column(name="missing", title=say("missing")),
        Column(name="cells", title=say("cells"), kind="whole"),
    )
    rows = tuple((say.of("missing", name), count) for name, count in sorted(missing.items()))
    return Table(name="gaps", title=say("gaps"), columns=columns, rows=rows)


def _group(name: str, say: Speech) -> str:
    return say.of("group", name.replace(":", "_") or "everybody")


def _order(row: Row, published: Published) -> tuple[object, ...]:
    """Return by what zones stand in order: the public's never by score."""
    if not published.planner:
        return (str(row["name"]),)
    rank = row["rank_low"]
    return (rank is None, int(rank or 0), int(row["rank_high"] or 0), str(row["name"]))


def _picked(rows: Sequence[Row], columns: tuple[Column, ...]) -> tuple[tuple[Value, ...], ...]:
    return tuple(tuple(row[column.name] for column in columns) for row in rows)


def _spans(rows: Sequence[Row], field: str) -> list[Span]:
    """Return a field with its interval, of the rows that have one."""
    found = [(row["name"], *(row[f"{field}{end}"] for end in ("", "_low", "_high"))) for row in rows]
    return [
        Span(label=str(name), value=float(value), low=float(low), high=float(high))
        for name, value, low, high in found
        if value is not None and low is not None and high is not None
    ][:_MOST_SPANS]
