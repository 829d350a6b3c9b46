"""Is a place getting worse or better? The posterior of the change between two spans of time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.false_discovery import RATE, credible
from analysis.field.city import City, Posterior
from analysis.history.calendar import label, month_of, months
from analysis.history.fields import fit
from analysis.history.slices import Slices, heard_around
from analysis.reasons import objects

Floats = NDArray[np.float64]

TOO_SHORT = "too_short"
RECENT_MONTHS, EARLIER_MONTHS = 6, 12
"""The month of today and the five before it, against the year before those."""
FEWEST_AUDITORS, FEWEST_MONTHS = 5, 2
"""In the disc of a cell, in both spans, behind any word but too_short."""
LEAST = 0.1
"""Rating steps by which a disc must have changed against the city."""
_DRAWS = 100


@dataclass(frozen=True, kw_only=True, eq=False)
class Change:
    """Of each audited cell's disc, in rating steps: how it changed against the city, what it was before."""

    mean: Floats
    sd: Floats
    before: Floats
    """Deficit in the earlier span."""
    enough: NDArray[np.bool_]
    """Whether enough people audited there, in enough months of both spans."""

    def words(self, hot: NDArray[np.bool_], *, deficit: float) -> NDArray[np.object_]:
        """Return new, worse, same, better or too_short of each cell; `hot` says which are hotspots now.

        Of the cells called worse (new ones among them) at most 2.5 % are expected not to have become worse by
        0.1 rating steps, and as few of those called better: the usual 5 %, shared by two
        claims. New is what became worse and hot, and had less than `deficit` before.
        """
        word = objects(["same"] * len(self.mean))
        for name, sign in (("worse", -1.0), ("better", 1.0)):
            sure = np.zeros(len(word), dtype=np.bool_)
            sure[self.enough] = credible(self._at_least(sign)[self.enough], rate=RATE / 2)
            word[sure] = name
        word[(word == "worse") & hot & (self.before < deficit)] = "new"
        word[~self.enough] = TOO_SHORT
        return word

    def _at_least(self, sign: float) -> Floats:
        return np.asarray(ndtr((sign * self.mean - LEAST) / self.sd))


def change(
    city: City,
    found: Posterior,
    values: Floats,
    day: NDArray[np.int32],
    *,
    today: int,
    top: float,
    rng: np.random.Generator,
) -> Change:
    """Return what a city's posterior says of change; `values`, `day` of each audit, as `found` knows them.

    The recent span is the month of `today` and the five before it, the earlier one the year before those.
    """
    month, now = months(day), month_of(today)
    first = now + 1 - RECENT_MONTHS - EARLIER_MONTHS
    by_month = label(month, first=first, count=RECENT_MONTHS + EARLIER_MONTHS)
    span = np.where(by_month < 0, -1, by_month >= EARLIER_MONTHS)
    halves = Slices.of(city, found, values, span=span, count=2, top=top)
    enough = (halves.people_around() >= FEWEST_AUDITORS).all(axis=0) & _months_enough(
        heard_around(city, values, span=by_month, count=RECENT_MONTHS + EARLIER_MONTHS)
    )
    if not enough.any():
        nothing = np.zeros(len(enough))
        return Change(mean=nothing, sd=nothing + 1, before=nothing, enough=enough)
    both = fit(halves, found, top=top, rng=rng)
    before, after = both.solve()
    spread = np.zeros(len(enough))
    for draw in both.draws(_DRAWS, rng):
        spread += (city.deficit(draw) ** 2).sum(axis=1)
    return Change(
        mean=-city.deficit(after[:, None])[:, 0],
        sd=np.sqrt(spread / _DRAWS),
        before=city.deficit(before[:, None])[:, 0],
        enough=enough,
    )


def _months_enough(heard: NDArray[np.bool_]) -> NDArray[np.bool_]:
    earlier, recent = heard[:EARLIER_MONTHS].sum(axis=0), heard[EARLIER_MONTHS:].sum(axis=0)
    return np.asarray(np.minimum(earlier, recent) >= FEWEST_MONTHS)
