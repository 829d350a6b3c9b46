"""A report in one language, put together from what was published."""

from server.report.areas import interventions, score_and_shares, voices, zones
from server.report.content import Report, Section, Table
from server.report.fixes import fixes
from server.report.places import changes, darkness, hotspots, score_maps, trends
from server.report.published import Published
from server.report.ratings import ratings
from server.report.words import Speech

_PARTS = (
    *(fixes, changes, score_maps, ratings, hotspots, darkness, zones),
    *(trends, interventions, voices),
)

_SHARES = ("audited_share", "hotspot_share", "dark_share", "feel_safe_share", "below_standard_share")


def make_report(published: Published, say: Speech) -> Report:
    """Return the whole report; before the first run, one that says so and how to read what will come."""
    parts = (part(published, say) for part in _PARTS)
    if published.as_of is None:
        parts = (Section(name="no-run", title=say("map"), notes=(say("no_run"),)) for _ in range(1))
    return Report(
        title=say("title", city=published.city.name),
        subtitle=_subtitle(published, say),
        lang=say.lang,
        direction=say.direction,
        decimal=say.decimal,
        notice="" if say.reviewed else say("not_reviewed"),
        at_least=say("at_least", n="{n}"),
        too_few=say("too_few"),
        more=say("more", n="{n}"),
        sections=(_overall(published, say), *parts, _reading(published, say)),
    )


def _subtitle(published: Published, say: Speech) -> str:
    audience = say("for_planners" if published.planner else "for_everyone")
    if published.as_of is None:
        return audience
    texts = published.document.texts["title"]
    instrument = texts.get(say.lang) or texts[published.document.language]
    return f"{say('as_of', instrument=instrument, day=f'{published.as_of:%Y-%m-%d}')}. {audience}"


def _overall(published: Published, say: Speech) -> Section:
    """Return the city's own row: score, interval, how much of it was audited."""
    columns = score_and_shares(say, *_SHARES)
    rows = tuple(
        tuple(row[column.name] for column in columns) for row in published.rows("city") if row["group"] == ""
    )
    table = Table(name="city", title=say("overall"), columns=columns, rows=rows)
    return Section(name="city", title=say("overall"), tables=(table,) if rows else ())


def _reading(published: Published, say: Speech) -> Section:
    notes = (
        *(say("reading_score"), say("reading_interval"), say("reading_people", k=published.city.k)),
        *(say("reading_place"), say("reading_same")),
    )
    return Section(name="reading", title=say("reading"), notes=notes)
