"""The part about ratings: how the answers to each fall on its levels, by day and by night."""

from collections.abc import Sequence

from analysis.disclosure.layer import Value
from analysis.disclosure.summary import Fall
from server.report.content import Column, Figure, Section, Table
from server.report.plots import Bar, draw_falls
from server.report.published import Published
from server.report.words import Speech

_HOURS = {"day": "by_day", "night": "by_night"}


def ratings(published: Published, say: Speech) -> Section:
    """Return a plot for day and for night, and all shares as a table; planners see counts, too."""
    falls = published.summary.falls
    if not falls:
        return Section(name="ratings", title=say("ratings"), notes=(say("no_ratings"),))
    figures = (_figure(hour, words, falls, say) for hour, words in _HOURS.items())
    return Section(
        name="ratings",
        title=say("ratings"),
        notes=(say("ratings_note"),),
        figures=tuple(figure for figure in figures if figure is not None),
        tables=(_table(published, say),),
    )


def _figure(hour: str, words: str, falls: Sequence[Fall], say: Speech) -> Figure | None:
    bars = [
        Bar(label=say.rating(fall.rating), shares=[share or 0.0 for share in fall.shares])
        for fall in falls
        if fall.daypart == hour and any(share is not None for share in fall.shares)
    ]
    if not bars:
        return None
    caption = say("falls", hours=say(words))
    return Figure(caption=caption, svg=draw_falls(bars, title=caption, good=say("good"), bad=say("bad")))


def _table(published: Published, say: Speech) -> Table:
    levels = range(max(len(fall.shares) for fall in published.summary.falls))
    columns = [
        Column(name="rating", title=say("rating")),
        Column(name="daypart", title=say("hours")),
        Column(name="answers_min", title=say("answers"), kind="least"),
        *(Column(name=f"share_{level}", title=f"{level}", kind="share") for level in levels),
    ]
    if published.planner:
        columns += [Column(name=f"count_{level}", title=f"n {level}", kind="whole") for level in levels]
    return Table(
        name="ratings",
        title=say("ratings"),
        columns=tuple(columns),
        rows=tuple(_row(fall, len(levels), published, say) for fall in published.summary.falls),
    )


def _row(fall: Fall, levels: int, published: Published, say: Speech) -> tuple[Value, ...]:
    rest = [None] * (levels - len(fall.shares))
    counts = [*fall.counts, *rest] if published.planner else []
    named = say(_HOURS[fall.daypart])
    return (say.rating(fall.rating), named, fall.answers_min, *fall.shares, *rest, *counts)
