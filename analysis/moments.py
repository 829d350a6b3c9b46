"""How ratings and the feeling vary together when the same person rates several places: Gram matrices."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from analysis.groups import Labels, labels_of
from analysis.instrument import Question
from analysis.observations import MISSING, Observations
from analysis.score import bearing, counting, top_of
from geo.sun import Daypart

Floats = NDArray[np.float64]

BLOCKS = 1000
"""Auditors are kept together in at most so many blocks: what a bootstrap draws."""
_MOST = 50.0
"""An auditor's audits count at most as so many together: nobody's taste becomes the city's."""
_CHUNK = 1 << 13


@dataclass(frozen=True, kw_only=True, eq=False)
class Moments:
    """Sums of products within auditors, by block of auditors and daypart.

    Columns are the place ratings and, last, the outcome. Levels are shares of their scale, 0..1, from which
    the mean of the same auditor at the same daypart is taken off: neither an auditor's severity nor the hour
    is in them.
    """

    cross: Floats
    """float[blocks, dayparts, q, q]: of each pair of columns, over the audits that answer both."""
    freedom: Floats
    """float[blocks, dayparts, q, q]: how many independent products each sum is worth."""
    audits: int
    """Audits of counted auditors with an outcome and a place rating that counts."""
    auditors: int
    """Different people behind them who made two of them at the same daypart."""

    @classmethod
    def of(cls, observations: Observations, outcome: Question, rng: np.random.Generator) -> Self:
        """Return the moments of the counted auditors' audits; `outcome` is the instrument's."""
        value = _values(observations, outcome)
        used = bearing(observations) & ~np.isnan(value[:, -1])
        value, daypart = value[used], observations.daypart[used]
        who = np.unique(observations.auditor[used], return_inverse=True)[1]
        people, q = int(who.max(initial=-1)) + 1, value.shape[1]
        group, groups = labels_of([who, daypart])
        owner, hour = np.zeros((2, groups), dtype=np.int64)
        owner[group], hour[group] = who, daypart
        worth = np.minimum(1.0, _MOST / np.bincount(who, minlength=people))[owner]
        blocks = min(people, BLOCKS)
        row = (rng.permutation(people) % BLOCKS)[owner] * len(Daypart) + hour
        cross, freedom = np.zeros((2, blocks * len(Daypart), q * q))
        for first, last, products, free in _within(value, group, groups=groups):
            added = _incidence(row[first:last], worth[first:last], size=len(cross))
            cross += added @ products
            freedom += added @ free
        return cls(
            cross=cross.reshape(blocks, len(Daypart), q, q),
            freedom=freedom.reshape(blocks, len(Daypart), q, q),
            audits=len(value),
            auditors=len(np.unique(owner[np.bincount(group, minlength=groups) > 1])),
        )

    def covariance(self, copies: Floats) -> Floats:
        """Return covariances [m, dayparts, q, q] with each block taken `copies`, float[m, blocks], times.

        Each entry is of the audits that answer both columns (available cases), 0 where nobody does; negative
        eigenvalues, which different audits behind different entries can make, are set to 0.
        """
        cross, freedom = (np.tensordot(copies, part, axes=1) for part in (self.cross, self.freedom))
        entries = np.divide(cross, freedom, out=np.zeros_like(cross), where=freedom > 0)
        values, vectors = np.linalg.eigh(entries)
        return np.asarray((vectors * np.maximum(values, 0)[..., None, :]) @ vectors.swapaxes(-1, -2))


def _values(observations: Observations, outcome: Question) -> Floats:
    """Return place ratings and outcome as shares of their scale, NaN = missing.

    A rating that does not count at an hour is 0 throughout that hour: it explains nothing there.
    """
    asked = (*observations.instrument.place, outcome)
    columns = [observations.instrument.ratings.index(rating) for rating in asked]
    tops = np.array([top_of(rating) for rating in asked], dtype=np.float64)
    levels = observations.ratings[:, columns]
    value = np.where(levels == MISSING, np.nan, levels / tops)
    return np.where(counting(observations)[:, columns], value, 0.0)


def _within(value: Floats, group: Labels, *, groups: int) -> Iterator[tuple[int, int, Floats, Floats]]:
    """Yield, for groups first..last-1 at a time, sums of products around group means and their freedom.

    Both [groups, q * q]: sum xz - sum x * sum z / n over the n audits of a group that answer both, worth
    n - 1.
    """
    q = value.shape[1]
    order = np.argsort(group, kind="stable")
    ends = np.cumsum(np.bincount(group, minlength=groups))
    first = 0
    while first < groups:
        begin = int(ends[first - 1]) if first else 0
        last = max(int(np.searchsorted(ends, begin + _CHUNK, side="right")), first + 1)
        rows = order[begin : ends[last - 1]]
        given = (~np.isnan(value[rows])).astype(np.float64)
        x = np.where(given > 0, value[rows], 0)
        sums = _incidence(group[rows] - first, np.ones(len(rows)), size=last - first)
        left, both = sums @ _outer(x, given), sums @ _outer(given, given)
        right = left.reshape(-1, q, q).transpose(0, 2, 1).reshape(left.shape)
        cross = sums @ _outer(x, x) - left * right / np.maximum(both, 1)
        yield first, last, cross, np.maximum(both - 1, 0)
        first = last


def _outer(one: Floats, other: Floats) -> Floats:
    return np.asarray((one[:, :, None] * other[:, None, :]).reshape(len(one), -1))


def _incidence(index: Labels, weight: Floats, *, size: int) -> sparse.csr_matrix:
    return sparse.csr_matrix((weight, (index, np.arange(len(index)))), shape=(size, len(index)))
