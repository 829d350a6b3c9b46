"""Cell means shrunk towards the city's mean: normal-normal empirical Bayes with auditors as clusters.

Model: y = mu + cell + (auditor in that cell) + audit, all normal with variances t2, g2, s2. The mean of one
auditor's m audits in one cell has variance g2 + s2/m, so that its weight saturates at 1/g2 however often that
auditor comes back. Variances by moments: s2 and g2 by the unbalanced nested analysis of variance (Searle,
Casella and McCulloch 1992, chapter 3), t2 after DerSimonian and Laird (1986).
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
class Posterior:
    """One value per cell, float[m]: normal posterior `mean` and `sd`; `n_eff` audits' worth of evidence.

    `sample` and `precision` are the data's own word (NaN and 0 where nobody answered); `city` is mu.
    """

    mean: Floats
    sd: Floats
    n_eff: Floats
    sample: Floats
    precision: Floats
    city: float
    components: Components


@dataclass(frozen=True, kw_only=True, eq=False)
class Pairs:
    """Who audited where: the pair of each audit, int64[n], and the cell index of each pair, int64[q]."""

    row: Indices
    cell: Indices


@dataclass(frozen=True, kw_only=True, eq=False)
class Clusters:
    """The values of one auditor in one cell together: cell index, how many, mean, squared rest."""

    cell: Indices
    size: Indices
    mean: Floats
    rest: Floats


def pair(*, cell: Indices, auditor: NDArray[np.int32]) -> Pairs:
    """Return the pairs of cell and auditor behind audits; to be made once for all ratings."""
    row, count = labels_of([cell, auditor])
    first = np.zeros(count, dtype=np.int64)
    first[row] = cell
    return Pairs(row=row, cell=first)


def cluster(pairs: Pairs, values: Floats) -> Clusters:
    """Return one cluster per pair with a value; values float[n], NaN = missing."""
    given = ~np.isnan(values)
    row, value, count = pairs.row[given], values[given], len(pairs.cell)
    size = np.bincount(row, minlength=count)
    mean = ratio(sums(row, value, size=count), size)
    rest = sums(row, (value - mean[row]) ** 2, size=count)
    there = size > 0
    return Clusters(cell=pairs.cell[there], size=size[there], mean=mean[there], rest=rest[there])


def shrink(pairs: Pairs, values: Floats, *, cells: int, top: float) -> Posterior:
    """Return the posterior of each cell 0..cells-1 from values float[n] on 0..top, NaN = missing.

    Defined for every input: without any value the city is held to be top/2, and every cell equal to it.
    """
    clusters = cluster(pairs, values)
    return posterior(clusters, components(clusters, cells=cells, top=top), cells=cells, top=top)


def posterior(clusters: Clusters, parts: Components, *, cells: int, top: float) -> Posterior:
    """Return the posterior of each cell under known variances.

    With W the summed weights 1/(g2 + s2/m) and B = t2/(t2 + 1/W): mean = mu + B (sample - mu), variance =
    t2 (1 - B) + (1 - B)^2 var(mu); mu is the mean over cells weighted by 1/(t2 + 1/W).
    """
    precision, sample = _samples(clusters, parts, cells=cells)
    seen = precision > 0
    share = parts.cell * precision / (parts.cell * precision + 1)
    city, city_variance = _city(sample[seen], precision[seen], parts.cell, top=top)
    mean = city + share * (np.where(seen, sample, city) - city)
    variance = parts.cell * (1 - share) + (1 - share) ** 2 * city_variance
    return Posterior(
        mean=mean,
        sd=np.sqrt(variance),
        n_eff=precision * parts.audit,
        sample=sample,
        precision=precision,
        city=city,
        components=parts,
    )


def components(clusters: Clusters, *, cells: int, top: float) -> Components:
    """Return the variances by moments, each held to its prior by 4 degrees of freedom and so above 0."""
    scale = (top / _PRIOR_TOP) ** 2
    audits, people = int(clusters.size.sum()), len(clusters.cell)
    audit = _pull(clusters.rest.sum(), audits - people, PRIOR.audit * scale)
    auditor = _pull(*_between_auditors(clusters, audit, cells=cells), PRIOR.auditor * scale)
    within = Components(cell=0.0, auditor=auditor, audit=audit)
    precision, sample = _samples(clusters, within, cells=cells)
    cell = between_cells(sample[precision > 0], precision[precision > 0], prior=PRIOR.cell * scale)
    return Components(cell=cell, auditor=auditor, audit=audit)


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


def between_cells(sample: Floats, precision: Floats, *, prior: float) -> float:
    """Return t2, the variance of what samples of known precision (> 0) measure, held to a prior.

    DerSimonian and Laird 1986, formula 8: (Q - (C - 1)) / (sum(W) - sum(W^2)/sum(W)).
    """
    freedom = len(sample) - 1
    total = float(precision.sum())
    spread = total - float((precision**2).sum()) / total if freedom >= 1 else 0.0
    if spread <= 0:
        return _pull(0.0, 0.0, prior)
    scatter = float((precision * (sample - (precision * sample).sum() / total) ** 2).sum())
    return _pull((scatter - freedom) / spread * freedom, freedom, prior)


def _samples(clusters: Clusters, parts: Components, *, cells: int) -> tuple[Floats, Floats]:
    """Return each cell's summed weight W and weighted mean, NaN where nobody answered."""
    weight = 1 / (parts.auditor + parts.audit / clusters.size)
    precision = sums(clusters.cell, weight, size=cells)
    return precision, ratio(sums(clusters.cell, weight * clusters.mean, size=cells), precision)


def _city(sample: Floats, precision: Floats, cell_variance: float, *, top: float) -> tuple[float, float]:
    """Return mu and its variance; without data the middle of the scale and a uniform guess' variance."""
    if not len(sample):
        return top / 2, top**2 / 12
    weight = 1 / (cell_variance + 1 / precision)
    return float((weight * sample).sum() / weight.sum()), float(1 / weight.sum())
