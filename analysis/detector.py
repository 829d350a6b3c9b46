"""The seam: audits in, estimates of every occupied cell out. Nothing outside knows which detector ran.

First form: empirical Bayes for the cells, Getis-Ord Gi* with Benjamini-Hochberg for significance, and a class
by the size of the disc's shrunken deficit. It does not tell severe auditors from severe places.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.estimates import WOMAN, CellEstimates, tally
from analysis.false_discovery import RATE, benjamini_hochberg
from analysis.getis_ord import gi_bin, gi_star, two_sided_p
from analysis.groups import ratio, sums
from analysis.observations import Observations
from analysis.reasons import objects, reasons
from analysis.score import Floats, Weights, composite, counting_levels, scale_top, top_of
from analysis.shrinkage import Pairs, Posterior, between_cells, cluster, pair, posterior, shrink
from geo.lattice import Lattice

THRESHOLDS = {"watch": 0.1, "hot": 0.2, "severe": 0.3}
"""Rating steps by which a cell's disc must lie below the city."""
_GI_DISC_K = 2
_DEFICIT_DISC_K = 1


def detect(observations: Observations, weights: Weights, rng: np.random.Generator) -> CellEstimates:
    """Return the estimates of every occupied cell; defined for any observations, none included.

    Audits of uncounted auditors carry no weight. `rng` is for detectors that draw; this one does not.
    """
    del rng
    cells, index = np.unique(observations.cell, return_inverse=True)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    top = scale_top(observations.instrument)
    pairs = pair(cell=index, auditor=observations.auditor)
    whole = shrink(pairs, y, cells=len(cells), top=top)
    mean, sd, city = _parameters(observations, pairs, cells=len(cells))
    needs, causes = reasons(mean=mean, sd=sd, city=city, instrument=observations.instrument, weights=weights)
    lattice = Lattice(cells)
    raw = _plain_mean(index, y, cells=len(cells))
    disc, reference = _disc(whole, lattice), _reference(raw, lattice)
    return CellEstimates(
        instrument=observations.instrument,
        weights=weights,
        top=top,
        city_mean=whole.city,
        parameter_city=city,
        cell=cells,
        mean=whole.mean,
        sd=whole.sd,
        raw=raw,
        women_mean=_women(pairs, np.where(observations.gender == WOMAN, y, np.nan), whole, top=top),
        parameter_mean=mean,
        parameter_sd=sd,
        deficit=disc.deficit,
        probability=disc.exceeds(THRESHOLDS["hot"]),
        klass=_classes(disc.deficit, reference),
        gi_z=reference.z,
        gi_p=reference.p,
        gi_q=reference.q,
        gi_bin=gi_bin(reference.z, reference.q),
        n_eff=whole.n_eff,
        needs=needs,
        causes=causes,
        adjusted=np.zeros(len(cells), dtype=bool),
        trend=objects(["too_short"] * len(cells)),
        **tally(observations, cell=index, bears=~np.isnan(y), cells=len(cells)),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class _Disc:
    """Posterior of each disc's deficit in rating steps, float[m]."""

    deficit: Floats
    sd: Floats

    def exceeds(self, threshold: float) -> Floats:
        """Return the posterior probability that the deficit is at least the threshold."""
        return np.asarray(ndtr((self.deficit - threshold) / self.sd), dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Reference:
    z: Floats
    p: Floats
    q: Floats


def _disc(whole: Posterior, lattice: Lattice) -> _Disc:
    """Return the deficits of k=1 discs, shrunk by how much discs really differ.

    A disc's sample is the mean of its cells' samples weighted by P = 1/(t2 + 1/W); its error variance is
    sum(P^2/W) / sum(P)^2; the variance between discs is estimated as that between cells.
    """
    seen = whole.precision > 0
    error = np.where(seen, ratio(1, whole.precision), 0)
    weight = np.where(seen, ratio(1, whole.components.cell + error), 0)
    below = np.where(seen, whole.city - whole.sample, 0)
    around = lattice.disc_matrix(_DEFICIT_DISC_K)
    total = around @ weight
    sample, variance = ratio(around @ (weight * below), total), ratio(around @ (weight**2 * error), total**2)
    known = total > 0
    between = between_cells(sample[known], 1 / variance[known], prior=whole.components.cell)
    share = np.where(known, between / (between + variance), 0)
    return _Disc(deficit=np.where(known, share * sample, 0), sd=np.sqrt(between * (1 - share)))


def _reference(raw: Floats, lattice: Lattice) -> _Reference:
    """Return Gi* of the plain cell means over k=2 discs, with p and q; z = 0 and p = q = 1 without a mean."""
    seen = np.flatnonzero(~np.isnan(raw))
    around = lattice.disc_matrix(_GI_DISC_K)[seen][:, seen]
    z, p, q = np.zeros(len(raw)), np.ones(len(raw)), np.ones(len(raw))
    z[seen] = gi_star(raw[seen], around)
    p[seen] = two_sided_p(z[seen])
    q[seen] = benjamini_hochberg(p[seen])
    return _Reference(z=z, p=p, q=q)


def _classes(deficit: Floats, reference: _Reference) -> NDArray[np.object_]:
    """Return the class of each cell: significant by Gi* at 5 %, and of that size."""
    significant = reference.q <= RATE
    klass = objects(["none"] * len(deficit))
    for name, threshold in THRESHOLDS.items():
        klass[significant & (reference.z < 0) & (deficit >= threshold)] = name
    klass[significant & (reference.z > 0) & (deficit <= -THRESHOLDS["hot"])] = "cold"
    return klass


def _parameters(observations: Observations, pairs: Pairs, *, cells: int) -> tuple[Floats, Floats, Floats]:
    """Return each rating's posterior mean and sd, float[m, p], NaN unanswered, and the city's, float[p]."""
    levels = np.where(observations.counted[:, None], counting_levels(observations), np.nan)
    ratings = observations.instrument.ratings
    mean, sd = np.full((cells, len(ratings)), np.nan), np.full((cells, len(ratings)), np.nan)
    city = np.empty(len(ratings))
    for column, rating in enumerate(ratings):
        found = shrink(pairs, levels[:, column], cells=cells, top=top_of(rating))
        seen = found.precision > 0
        mean[seen, column], sd[seen, column], city[column] = found.mean[seen], found.sd[seen], found.city
    return mean, sd, city


def _women(pairs: Pairs, values: Floats, whole: Posterior, *, top: int) -> Floats:
    """Return the posterior mean from women's values alone under the city's variances, NaN without any."""
    found = posterior(cluster(pairs, values), whole.components, cells=len(whole.mean), top=top)
    return np.where(found.precision > 0, found.mean, np.nan)


def _plain_mean(index: NDArray[np.int64], values: Floats, *, cells: int) -> Floats:
    given = ~np.isnan(values)
    count = np.bincount(index[given], minlength=cells)
    return ratio(sums(index[given], values[given], size=cells), count)
