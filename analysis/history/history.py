"""The history of a city's cells: what they were in each quarter, and how they came to be hot or cold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from analysis.dayparts import levelled
from analysis.estimates import Z95
from analysis.field.city import PARAMETER_DRAWS, City, Posterior
from analysis.groups import distinct_members
from analysis.history.calendar import MONTHS_OF_QUARTER, label, month_of, months, quarter_name
from analysis.history.emerging import categories
from analysis.history.fields import Alone
from analysis.history.slices import Slices, heard_around
from analysis.observations import Observations
from analysis.recency import Recency
from analysis.score import Weights, composite, scale_top, to_five

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

MONTHS, QUARTERS = 24, 8
"""How far back it goes, today's month and quarter being the last."""
_DRAWS = 50


@dataclass(frozen=True, kw_only=True, eq=False)
class Quarter:
    """What the audits of one quarter say of each cell; rating steps, NaN where nobody audited it then."""

    name: str
    """Such as 2026q3."""
    top: int
    mean: Floats
    sd: Floats
    audits: Counts
    auditors: Counts
    """Different counted auditors with an audit that bears on the score."""

    @property
    def score(self) -> Floats:
        """0 (worst) to 5 (best)."""
        return self._at(0)

    @property
    def score_low(self) -> Floats:
        """Lower end of the 95 % interval, 0..5."""
        return self._at(-Z95)

    @property
    def score_high(self) -> Floats:
        """Upper end of the 95 % interval, 0..5."""
        return self._at(Z95)

    def _at(self, sds: float) -> Floats:
        return to_five(np.clip(self.mean + sds * self.sd, 0, self.top), top=self.top)


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """One row per occupied cell, sorted."""

    cell: NDArray[np.int64]
    category: NDArray[np.object_]
    """Of `analysis.history.emerging`, from monthly posteriors."""
    quarters: tuple[Quarter, ...]
    """The earliest first."""

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Return the cells that a mask picks."""
        columns = ("mean", "sd", "audits", "auditors")
        quarters = (
            replace(one, **{name: getattr(one, name)[mask] for name in columns}) for one in self.quarters
        )
        return replace(self, cell=self.cell[mask], category=self.category[mask], quarters=tuple(quarters))


def history(
    observations: Observations, weights: Weights, *, recency: Recency, rng: np.random.Generator
) -> History:
    """Return the history of every occupied cell; defined for any observations, none included.

    Each month and each quarter is a field of its own with the variances of the whole: it knows the audits of
    its own time alone, and all of them tell how severe their auditors are.
    """
    cells, index = np.unique(observations.cell, return_inverse=True)
    city = City.of(observations, cells, replace(recency, half_life_days=np.inf))
    top = scale_top(observations.instrument)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    level = levelled(y, daypart=observations.daypart, place=index)
    found = city.posterior(level, top=top, rng=rng, draws=PARAMETER_DRAWS)
    month, now = months(observations.observed_day), month_of(recency.today)

    def sliced(first: int, count: int, width: int) -> tuple[NDArray[np.int64], Slices]:
        span = label(month, first=first, count=count, width=width)
        return span, Slices.of(city, found, level, span=span, count=count, top=top)

    by_month, monthly = sliced(now + 1 - MONTHS, MONTHS, 1)
    heard = heard_around(city, level, span=by_month, count=MONTHS)
    first = (now // MONTHS_OF_QUARTER + 1 - QUARTERS) * MONTHS_OF_QUARTER
    span, quarterly = sliced(first, QUARTERS, MONTHS_OF_QUARTER)
    names = [quarter_name(first + MONTHS_OF_QUARTER * number) for number in range(QUARTERS)]
    counts = _counts(observations, span=span, index=index, cells=len(cells), bears=~np.isnan(y))
    return History(
        cell=cells,
        category=categories(_monthly_z(monthly, found, rng), heard),
        quarters=tuple(_quarters(quarterly, found, rng, names, counts, top=top)),
    )


def _monthly_z(monthly: Slices, found: Posterior, rng: np.random.Generator) -> Floats:
    """Return the posterior z of the deficit of each audited cell's disc, float[s, m]; 0 without an audit."""
    city, z = monthly.city, np.zeros((len(monthly), len(monthly.city.audited)))
    for span, field in _fields(monthly, found):
        spread = sum((city.deficit(x) ** 2).sum(axis=1) for x in field.draws(_DRAWS, rng))
        z[span] = city.deficit(field.solve()[:, None])[:, 0] / np.sqrt(spread / _DRAWS)
    return z


def _quarters(
    quarterly: Slices,
    found: Posterior,
    rng: np.random.Generator,
    names: list[str],
    counts: tuple[Counts, Counts],
    *,
    top: int,
) -> Iterator[Quarter]:
    at = quarterly.city.audited
    mean, sd = np.full((2, len(quarterly), len(at)), np.nan)
    for span, field in _fields(quarterly, found):
        heard = field.weight[at] > 0
        mean[span, heard] = top / 2 + field.solve()[at][heard]
        sd[span, heard] = np.sqrt(field.variance(_DRAWS, rng)[at][heard])
    for span, name in enumerate(names):
        yield Quarter(
            name=name, top=top, mean=mean[span], sd=sd[span], audits=counts[0][span], auditors=counts[1][span]
        )


def _fields(slices: Slices, found: Posterior) -> Iterator[tuple[int, Alone]]:
    """Yield the slices that have audits."""
    for span in np.flatnonzero(slices.weight.any(axis=1)).tolist():
        yield (
            span,
            Alone(
                prior=found.system.prior,
                own=found.system.variances.own,
                weight=slices.weight[span],
                mean=slices.mean[span],
            ),
        )


def _counts(
    observations: Observations,
    *,
    span: NDArray[np.int64],
    index: NDArray[np.int64],
    cells: int,
    bears: NDArray[np.bool_],
) -> tuple[Counts, Counts]:
    """Return audits and auditors of each quarter and cell, int64[q, m]."""
    inside = (span >= 0) & bears
    group = span[inside] * cells + index[inside]
    size = QUARTERS * cells
    auditors = distinct_members(group, observations.auditor[inside], size=size)
    return (
        np.bincount(group, minlength=size).reshape(QUARTERS, cells),
        auditors.reshape(QUARTERS, cells),
    )
