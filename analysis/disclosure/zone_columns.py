"""The fields of the zone layers and their values: names and order of the outer contract, section 5."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.disclosure.columns import Column, Precision, integer, number, text
from analysis.instrument import Instrument
from analysis.recipe import Variant
from analysis.zones import Zone, ZoneFigures, zone_figures

EVERYBODY = ""
"""The group of the rows that rest on all audits."""


@dataclass(frozen=True, kw_only=True)
class ZoneRow:
    """A zone's figures from everybody's audits, or from those of one group."""

    id: str
    group: str
    """Such as `gender:woman`; empty for everybody."""
    figures: ZoneFigures


@dataclass(frozen=True, kw_only=True)
class ZoneTable:
    """The rows of a zone layer and their columns."""

    rows: Sequence[ZoneRow]
    columns: Sequence[Column]


def zone_table(
    variants: Mapping[str, Variant],
    zones: Sequence[Zone],
    precision: Precision,
    *,
    k: int,
    standard: float,
    seed: int,
) -> ZoneTable:
    """Return a row per zone, and one more per group with figures there.

    `variants` by group, EVERYBODY among them, hold shown cells alone.
    """
    rows = [
        ZoneRow(id=_id(figures.zone, group), group=group, figures=figures)
        for group, variant in variants.items()
        for figures in zone_figures(
            variant.estimates, zones, k=k, standard=standard, rng=np.random.default_rng(seed)
        )
        if group == EVERYBODY or figures.rank_low is not None
    ]
    return ZoneTable(rows=rows, columns=_columns(rows, variants[EVERYBODY].estimates.instrument, precision))


def common_columns(rows: Sequence[ZoneRow], precision: Precision) -> list[Column]:
    """Return the columns by which cities are compared: the score of equal weights with its interval."""
    found = [row.figures for row in rows]
    score, title = precision.score, "Score of equal weights"
    return [
        number("score_common", title, (one.common for one in found), to=score),
        number(
            "score_common_low",
            f"{title}, lower end of the 95 % interval",
            (o.common_low for o in found),
            to=score,
        ),
        number("score_common_high", f"{title}, upper end", (o.common_high for o in found), to=score),
    ]


def _id(zone: Zone, group: str) -> str:
    return f"{zone.id}-{group.replace(':', '-')}" if group else zone.id


def _columns(rows: Sequence[ZoneRow], instrument: Instrument, precision: Precision) -> list[Column]:
    found = [row.figures for row in rows]
    zones = [one.zone for one in found]
    score = precision.score
    return [
        text("id", "Kept while the set and the name stay", (row.id for row in rows)),
        text("set", "Set of zones", (zone.set for zone in zones)),
        text("name", "Name", (zone.name for zone in zones)),
        number("score", "Score, 0 worst to 5 best", (one.score for one in found), to=score),
        number(
            "score_low", "Score, lower end of the 95 % interval", (one.score_low for one in found), to=score
        ),
        number(
            "score_high", "Score, upper end of the 95 % interval", (one.score_high for one in found), to=score
        ),
        integer("rank_low", "Lowest rank it may have in its set, 1 = worst", (one.rank_low for one in found)),
        integer("rank_high", "Highest rank it may have", (one.rank_high for one in found)),
        *_shares(found, precision),
        *_means(found, instrument, precision),
        text("group", "Whose audits: such as gender:woman; empty = everybody's", (row.group for row in rows)),
        text("licence", "Licence of the zone's shape", (zone.licence for zone in zones)),
        text("attribution", "Whom to name for the zone's shape", (zone.attribution for zone in zones)),
    ]


def _shares(found: Sequence[ZoneFigures], precision: Precision) -> list[Column]:
    chance = precision.probability
    return [
        number(
            "audited_share",
            "Share of the zone's cells that are shown",
            (one.audited_share for one in found),
            to=precision.share,
        ),
        number(
            "hotspot_share",
            "Share of the shown cells that are hot or severe",
            (one.hotspot_share for one in found),
            to=precision.share,
        ),
        number(
            "dark_share",
            "Expected share of the shown cells with lighting below the middle of its scale",
            (one.dark_share for one in found),
            to=chance,
        ),
        number(
            "feel_safe_share",
            "Expected share of the shown cells where people feel safe: the outcome's middle or above",
            (one.feel_safe_share for one in found),
            to=chance,
        ),
        number(
            "below_standard_share",
            "Expected share of the shown cells with a score below the standard",
            (one.below_standard_share for one in found),
            to=chance,
        ),
    ]


def _means(found: Sequence[ZoneFigures], instrument: Instrument, precision: Precision) -> list[Column]:
    shape = (len(found), len(instrument.ratings))
    mean = np.array([one.parameter_mean for one in found]).reshape(shape)
    return [
        number(
            f"{rating.name}_mean",
            f"{rating.name}, 0 to {rating.top}: mean level",
            mean[:, column],
            to=precision.score,
        )
        for column, rating in enumerate(instrument.ratings)
    ]
