"""The fields of the hotspot layers and their values: names and order of the outer contract, section 5."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from analysis.disclosure.columns import (
    Column,
    Precision,
    exposed,
    integer,
    joined,
    number,
    ranked,
    ratings,
    shares,
    text,
)
from analysis.hotspots import Hotspot
from analysis.instrument import Instrument
from analysis.score import to_five
from analysis.surroundings import Exposure


@dataclass(frozen=True, kw_only=True)
class Story:
    """What outlives a run of one hotspot."""

    id: str
    since: str
    """Day of the run that first found it, such as 2026-10-21."""
    status: str = "open"
    """open, planned, requested or done."""
    near: str = ""
    """A street or a crossing; empty without streets."""


def plain(spots: Sequence[Hotspot], stories: Sequence[Story], precision: Precision) -> list[Column]:
    """Return the columns of `hotspots` and `hotspots-night`."""
    score = precision.score
    return [
        text("id", "Kept while at least half the cells are shared", (story.id for story in stories)),
        integer("cells", "Number of cells", (len(spot.cells) for spot in spots)),
        number("area_km2", "Area in square kilometres", (spot.area_km2 for spot in spots)),
        number("score", "Score, 0 worst to 5 best", (spot.pool.score for spot in spots), to=score),
        number(
            "score_low",
            "Score, lower end of the 95 % interval",
            (spot.pool.score_low for spot in spots),
            to=score,
        ),
        number(
            "score_high",
            "Score, upper end of the 95 % interval",
            (spot.pool.score_high for spot in spots),
            to=score,
        ),
        joined(
            "needs", "What the place needs: fixable ratings credibly below the city", (s.needs for s in spots)
        ),
        text("kind", "Kind, in plain words", (spot.kind for spot in spots)),
        text("trend", "new, worse, same, better or too_short", (spot.trend for spot in spots)),
        text("since", "Day of the analysis that first found it", (story.since for story in stories)),
        text(
            "near",
            "Street or crossing there; empty until streets are loaded",
            (story.near for story in stories),
        ),
        integer(
            "auditors_min", "At least so many auditors", (precision.count(spot.auditors) for spot in spots)
        ),
        text("status", "open, planned, requested or done", (story.status for story in stories)),
    ]


def now(
    spots: Sequence[Hotspot],
    stories: Sequence[Story],
    precision: Precision,
    *,
    exposure: Exposure,
    instrument: Instrument,
    k: int,
    standard: float,
) -> list[Column]:
    """Return the columns of `hotspots-now`: those of `hotspots`, every rating, the planner's figures."""
    shape = (len(spots), len(instrument.ratings))
    mean, low, high = (
        np.array([getattr(spot.pool, part) for spot in spots]).reshape(shape)
        for part in ("parameter_mean", "parameter_low", "parameter_high")
    )
    women = (spot.score_women if spot.women >= k else np.nan for spot in spots)
    below = (_below(spot, standard) for spot in spots)
    return [
        *plain(spots, stories, precision),
        *ratings(instrument, mean, low, high),
        number(
            "probability", "Mean probability of a deficit of at least 0.2", (s.probability for s in spots)
        ),
        number("deficit", "Rating steps below the city", (spot.deficit for spot in spots)),
        shares(
            "causes", "Ratings credibly below the city, with shares of the gap", (s.causes for s in spots)
        ),
        number("exposure", exposed(exposure), (spot.exposure for spot in spots)),
        integer("rank", ranked(exposure), (spot.rank for spot in spots)),
        number("score_women", "Score from women's audits alone", women, to=precision.score),
        number("below_standard", "Probability that the score is below the standard", below),
    ]


def _below(spot: Hotspot, standard: float) -> float:
    steps = standard / to_five(1.0, top=spot.pool.top)
    return float(ndtr((steps - spot.pool.mean) / spot.pool.sd))
