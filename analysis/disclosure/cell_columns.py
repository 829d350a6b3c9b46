"""The fields of the cell layers and their values: names and order of the outer contract, section 5."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.disclosure.columns import (
    Column,
    Precision,
    boolean,
    exposed,
    integer,
    joined,
    months,
    number,
    ranked,
    ratings,
    shares,
    text,
)
from analysis.estimates import CellEstimates
from analysis.observations import NO_DAY
from analysis.ranking import by_burden
from analysis.score import to_five
from analysis.surroundings import Exposure
from geo.cells import resolution_of, to_texts


def plain(estimates: CellEstimates, precision: Precision) -> list[Column]:
    """Return the columns of `cells`, `cells-day` and `cells-night`."""
    return [
        *place(estimates.cell),
        number("score", "Score, 0 worst to 5 best", estimates.score, to=precision.score),
        number("score_low", "Score, lower end of the 95 % interval", estimates.score_low, to=precision.score),
        number(
            "score_high", "Score, upper end of the 95 % interval", estimates.score_high, to=precision.score
        ),
        text("class", "severe, hot, watch, none or cold, against the city", estimates.klass),
        joined("needs", "What the place needs: fixable ratings credibly below the city", estimates.needs),
        integer(
            "auditors_min", "At least so many auditors", map(precision.count, estimates.counted_auditors)
        ),
        integer("audits_min", "At least so many audits", map(precision.count, estimates.audits)),
        text("last_audit", "Month of the latest audit", last_audits(estimates)),
        text("trend", "new, worse, same, better or too_short", estimates.trend),
        boolean("adjusted", "Whether auditors' own severity was corrected for", estimates.adjusted),
    ]


def now(
    estimates: CellEstimates, exposure: Exposure, precision: Precision, *, k: int, standard: float
) -> list[Column]:
    """Return the columns of `cells-now`: those of `cells`, every rating, the planner's figures.

    `score_women` is there where at least k counted women audited.
    """
    women = np.where(estimates.women >= k, estimates.score_women, np.nan)
    below = ndtr((standard / to_five(1.0, top=estimates.top) - estimates.mean) / estimates.sd)
    rank = np.empty(len(estimates), dtype=np.int64)
    order = by_burden(estimates.deficit, exposure.values, first=estimates.cell)
    rank[order] = np.arange(1, len(estimates) + 1)
    return [
        *plain(estimates, precision),
        *ratings(
            estimates.instrument, estimates.parameter_mean, estimates.parameter_low, estimates.parameter_high
        ),
        number("probability", "Probability of a deficit of at least 0.2", estimates.probability),
        number("deficit", "Rating steps by which the cell's disc lies below the city", estimates.deficit),
        shares("causes", "Ratings credibly below the city, with shares of the gap", estimates.causes),
        number("exposure", exposed(exposure), exposure.values),
        integer("rank", ranked(exposure), rank),
        number("score_women", "Score from women's audits alone", women, to=precision.score),
        number("below_standard", "Probability that the score is below the standard", below),
    ]


def reference(estimates: CellEstimates, category: NDArray[np.object_], precision: Precision) -> list[Column]:
    """Return the columns of `cells-reference`: Gi* as other software gives it, beside plain means.

    `category` of each cell, as `analysis.history` finds it.
    """
    return [
        *place(estimates.cell),
        number("gi_z", "Getis-Ord Gi* z-score of score_raw, negative where low", estimates.gi_z),
        number("gi_p", "Two-sided p of gi_z", estimates.gi_p),
        number("gi_q", "Benjamini-Hochberg q of gi_p", estimates.gi_q),
        integer("gi_bin", "-3 to 3: low to high at 99, 95, 90 %, by gi_q", estimates.gi_bin),
        text("category", "Emerging-hotspot category (hot: less safe), or too_short", category),
        number("score_raw", "Score from plain means", estimates.score_raw, to=precision.score),
        number("score_common", "Score of equal weights", estimates.score_common, to=precision.score),
        number("n_eff", "How many independent audits the evidence is worth", estimates.n_eff),
    ]


def last_audits(estimates: CellEstimates) -> list[str | None]:
    """Return the month of each cell's latest audit, None where no audit has a time."""
    return [None if day == NO_DAY else months([day])[0] for day in estimates.last_day.tolist()]


def place(cell: NDArray[np.int64]) -> list[Column]:
    """Return the columns that say which cell a row is of."""
    return [
        text("cell", "H3 cell", to_texts(cell)),
        integer("resolution", "H3 resolution", resolution_of(cell)),
    ]
