"""Cell means shrunk towards what their neighbours and the city say: local empirical Bayes.

After Marshall 1991 (Mapping disease and mortality rates using empirical Bayes estimators), with the precision
of clustered audits in place of counts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analysis.groups import ratio
from analysis.variance import Clusters, Components, excess, samples, weights

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Normal:
    """A normal distribution for each cell: mean and standard deviation, float[m], never NaN."""

    mean: Floats
    sd: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """What the audits alone say of each cell: sample mean (NaN unanswered) and precision W (0 unanswered).

    `city` is the mean over cells weighted by 1/(t2 + 1/W).
    """

    sample: Floats
    precision: Floats
    city: float
    city_variance: float
    components: Components

    @property
    def seen(self) -> NDArray[np.bool_]:
        """Where anybody answered."""
        return self.precision > 0

    @property
    def n_eff(self) -> Floats:
        """How many independent audits of different people the evidence of each cell is worth."""
        return self.precision * (self.components.auditor + self.components.audit)


def evidence(clusters: Clusters, parts: Components, *, cells: int, top: float) -> Evidence:
    """Return the evidence on cells 0..cells-1; without any value the city is held to be top/2, and unsure."""
    sample, precision = samples(clusters, parts, cells=cells)
    seen = precision > 0
    share = np.where(seen, 1 / (parts.cell + ratio(1, precision)), 0)
    total = float(share.sum())
    city = float((share * np.where(seen, sample, 0)).sum() / total) if total else top / 2
    return Evidence(
        sample=sample,
        precision=precision,
        city=city,
        city_variance=_city_variance(clusters, parts, share / total, precision, city)
        if total
        else top**2 / 12,
        components=parts,
    )


def _city_variance(
    clusters: Clusters, parts: Components, share: Floats, precision: Floats, city: float
) -> float:
    """Return the variance of the city's mean: auditors who rate in many cells shift it as a whole.

    Cluster-robust over auditors (Liang and Zeger 1986): sum over auditors of (sum of their shares of the mean
    times their distance from it)^2; at least the model's 1/sum(1/(t2 + 1/W)) for few auditors.
    """
    part = share[clusters.cell] * weights(clusters, parts) / precision[clusters.cell]
    influence = np.bincount(clusters.auditor, part * (clusters.mean - city))
    seen = precision > 0
    model = 1 / float((1 / (parts.cell + 1 / precision[seen])).sum())
    return max(float((influence**2).sum()), model)


def surroundings(found: Evidence, neighbours: Any) -> Normal:
    """Return how far the mean of each cell's neighbours lies above the city, shrunk by how far means vary.

    `neighbours` is a binary sparse matrix m x m. The mean is weighted by P = 1/(t2 + 1/W); its error is
    sum(P^2/W) / sum(P)^2. Without an answer around, the mean is 0 and the variance that between such means.
    """
    error = np.where(found.seen, ratio(1, found.precision), 0)
    weight = np.where(found.seen, 1 / (found.components.cell + error), 0)
    above = np.where(found.seen, found.sample - found.city, 0)
    total = neighbours @ weight
    sample, variance = (
        ratio(neighbours @ (weight * above), total),
        ratio(neighbours @ (weight**2 * error), total**2),
    )
    known = total > 0
    between = excess(sample[known], 1 / variance[known], prior=found.components.cell)
    share = np.where(known, between / (between + variance), 0)
    return Normal(mean=np.where(known, share * sample, 0), sd=np.sqrt(between * (1 - share)))


def shrink(found: Evidence, ring: Normal) -> Normal:
    """Return the posterior of each cell, from its own evidence and its `surroundings` without itself.

    Prior mean m = city + ring, prior variance v = r2 + ring's, r2 the excess variance of cells around m. With
    B = v/(v + 1/W): mean = m + B (sample - m), variance = v (1 - B) + (1 - B)^2 var(city).
    """
    prior = found.city + ring.mean
    spread = ring.sd**2
    seen, precision = found.seen, found.precision
    rest = (found.sample - prior)[seen]
    own = excess(rest, 1 / (1 / precision[seen] + spread[seen]), prior=found.components.cell)
    variance = own + spread
    share = variance * precision / (variance * precision + 1)
    return Normal(
        mean=prior + share * np.where(seen, found.sample - prior, 0),
        sd=np.sqrt(variance * (1 - share) + (1 - share) ** 2 * found.city_variance),
    )
