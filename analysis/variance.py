"""How much cells, auditors and single audits differ: variance components by moments, auditors as clusters.

Model: y = mu + cell + (auditor in that cell) + audit, all normal with variances t2, g2, s2. s2 and g2 by the
unbalanced nested analysis of variance (Searle, Casella and McCulloch 1992, chapter 3), t2 after DerSimonian
and Laird (1986).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.groups import labels_of, ratio, sums

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Components:
    """Variances in squared rating steps: between cells, between auditors in a cell, between audits."""

    cell: float
    auditor: float
    audit: float


PRIOR = Components(cell=0.06, auditor=0.10, audit=0.20)
"""What composites on 0..3 show in simulation; decides where the data cannot, with the weight below."""
_PRIOR_WEIGHT = 4.0
"""Degrees of freedom for which the prior counts: gone in a city of hundreds of audits."""
_PRIOR_TOP = 3.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Who audited where: the pair of each audit, int64[n]; cell index and auditor of each pair, int64[q]."""

    row: Indices
    cell: Indices
    auditor: Indices


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """The values of one auditor in one cell: cell index, auditor 0.., how many, mean, squared rest."""

    cell: Indices
    auditor: Indices
    size: Indices
    mean: Floats
    rest: Floats


def pair(*, cell: Indices, auditor: NDArray[np.int32]) -> Pairs:
    """Return the pairs of cell and auditor behind audits; to be made once for all ratings."""
    row, count = labels_of([cell, auditor])
    columns = np.zeros((2, count), dtype=np.int64)
    columns[:, row] = cell, np.unique(auditor, return_inverse=True)[1]
    return Pairs(row=row, cell=columns[0], auditor=columns[1])


def cluster(pairs: Pairs, values: Floats) -> Clusters:
    """Return one cluster per pair with a value; values float[n], NaN = missing."""
    given = ~np.isnan(values)
    row, value, count = pairs.row[given], values[given], len(pairs.cell)
    size = np.bincount(row, minlength=count)
    mean = ratio(sums(row, value, size=count), size)
    rest = sums(row, (value - mean[row]) ** 2, size=count)
    there = size > 0
    return Clusters(
        cell=pairs.cell[there],
        auditor=pairs.auditor[there],
        size=size[there],
        mean=mean[there],
        rest=rest[there],
    )


def components(clusters: Clusters, *, cells: int, top: float) -> Components:
    """Return the variances by moments, each held to its prior by 4 degrees of freedom and so above 0."""
    scale = (top / _PRIOR_TOP) ** 2
    audits, people = int(clusters.size.sum()), len(clusters.cell)
    audit = _pull(clusters.rest.sum(), audits - people, PRIOR.audit * scale)
    auditor = _pull(*_between_auditors(clusters, audit, cells=cells), PRIOR.auditor * scale)
    within = Components(cell=0.0, auditor=auditor, audit=audit)
    sample, precision = samples(clusters, within, cells=cells)
    cell = excess(sample[precision > 0], precision[precision > 0], prior=PRIOR.cell * scale)
    return Components(cell=cell, auditor=auditor, audit=audit)


def samples(clusters: Clusters, parts: Components, *, cells: int) -> tuple[Floats, Floats]:
    """Return each cell's weighted mean, NaN where nobody answered, and its precision W, the summed weight."""
    weight = weights(clusters, parts)
    precision = sums(clusters.cell, weight, size=cells)
    return ratio(sums(clusters.cell, weight * clusters.mean, size=cells), precision), precision


def weights(clusters: Clusters, parts: Components) -> Floats:
    """Return 1/(g2 + s2/m) for one auditor's m values in one cell: at most 1/g2, however many they are."""
    return 1 / (parts.auditor + parts.audit / clusters.size)


def excess(sample: Floats, precision: Floats, *, prior: float) -> float:
    """Return by how much samples vary beyond their own error 1/precision (> 0), held to a prior variance.

    DerSimonian and Laird 1986, formula 8: (Q - (C - 1)) / (sum(W) - sum(W^2)/sum(W)).
    """
    freedom = len(sample) - 1
    total = float(precision.sum())
    spread = total - float((precision**2).sum()) / total if freedom >= 1 else 0.0
    if spread <= 0:
        return _pull(0.0, 0.0, prior)
    scatter = float((precision * (sample - (precision * sample).sum() / total) ** 2).sum())
    return _pull((scatter - freedom) / spread * freedom, freedom, prior)


def _pull(squares: float, freedom: float, prior: float) -> float:
    """Return the variance of a sum of squares with some degrees of freedom, and of the prior with 4."""
    return float((max(squares, 0.0) + _PRIOR_WEIGHT * prior) / (freedom + _PRIOR_WEIGHT))


def _between_auditors(clusters: Clusters, audit: float, *, cells: int) -> tuple[float, float]:
    """Return the squares for g2 and their freedom: E[SSB] = g2 sum(n - sum(m^2)/n) + s2 (Q - C)."""
    size = clusters.size.astype(np.float64)
    n = sums(clusters.cell, size, size=cells)
    centre = ratio(sums(clusters.cell, size * clusters.mean, size=cells), n)
    between = float((size * (clusters.mean - centre[clusters.cell]) ** 2).sum())
    freedom = len(size) - int((n > 0).sum())
    spread = float(n.sum() - np.nansum(ratio(sums(clusters.cell, size**2, size=cells), n)))
    if freedom == 0:
        return 0.0, 0.0
    return (between - audit * freedom) / spread * freedom, float(freedom)
