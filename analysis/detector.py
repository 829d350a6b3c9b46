"""The seam: audits in, estimates of every occupied cell out. Nothing outside knows which detector ran.

First form: local empirical Bayes for the cells, Getis-Ord Gi* with Benjamini-Hochberg for significance, and a
class by the size of the disc's shrunken deficit. It does not tell severe auditors from severe places.
"""

from dataclasses import dataclass
from typing import Any

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
from analysis.shrinkage import Evidence, Normal, evidence, shrink, surroundings
from analysis.variance import Pairs, cluster, components, pair
from geo.lattice import Lattice

THRESHOLDS = {"watch": 0.1, "hot": 0.2, "severe": 0.3}
"""Rating steps by which a cell's disc must lie below the city."""
_GI_DISC_K = 2
_DISC_K = 1


def detect(observations: Observations, weights: Weights, rng: np.random.Generator) -> CellEstimates:
    """Return the estimates of every occupied cell; defined for any observations, none included.

    Audits of uncounted auditors carry no weight. `rng` is for detectors that draw; this one does not.
    """
    del rng
    cells, index = np.unique(observations.cell, return_inverse=True)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    top = scale_top(observations.instrument)
    people = pair(cell=index, auditor=observations.auditor)
    lattice = Lattice(cells)
    ring = lattice.disc_matrix(_DISC_K, include_self=False)
    whole = _evidence(people, y, cells=len(cells), top=top)
    cell, disc = _posterior(whole, ring), surroundings(whole, lattice.disc_matrix(_DISC_K))
    mean, sd, city = _parameters(observations, people, ring)
    needs, causes = reasons(mean=mean, sd=sd, city=city, instrument=observations.instrument, weights=weights)
    raw = _plain_mean(index, y, cells=len(cells))
    reference = _reference(raw, lattice)
    return CellEstimates(
        instrument=observations.instrument,
        weights=weights,
        top=top,
        city_mean=whole.city,
        parameter_city=city,
        cell=cells,
        mean=cell.mean,
        sd=cell.sd,
        raw=raw,
        women_mean=_women(people, np.where(observations.gender == WOMAN, y, np.nan), whole, ring, top=top),
        parameter_mean=mean,
        parameter_sd=sd,
        deficit=-disc.mean,
        probability=ndtr((-disc.mean - THRESHOLDS["hot"]) / disc.sd),
        klass=_classes(-disc.mean, reference),
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
class _Reference:
    z: Floats
    p: Floats
    q: Floats


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


def _evidence(people: Pairs, values: Floats, *, cells: int, top: float) -> Evidence:
    clusters = cluster(people, values)
    return evidence(clusters, components(clusters, cells=cells, top=top), cells=cells, top=top)


def _posterior(found: Evidence, ring: Any) -> Normal:
    return shrink(found, surroundings(found, ring))


def _parameters(observations: Observations, people: Pairs, ring: Any) -> tuple[Floats, Floats, Floats]:
    """Return each rating's posterior mean and sd, float[m, p], NaN unanswered, and the city's, float[p]."""
    levels = np.where(observations.counted[:, None], counting_levels(observations), np.nan)
    ratings = observations.instrument.ratings
    mean, sd = (np.full((ring.shape[0], len(ratings)), np.nan) for _ in range(2))
    city = np.empty(len(ratings))
    for column, rating in enumerate(ratings):
        found = _evidence(people, levels[:, column], cells=ring.shape[0], top=top_of(rating))
        cell = _posterior(found, ring)
        mean[found.seen, column], sd[found.seen, column] = cell.mean[found.seen], cell.sd[found.seen]
        city[column] = found.city
    return mean, sd, city


def _women(people: Pairs, values: Floats, whole: Evidence, ring: Any, *, top: float) -> Floats:
    """Return the posterior mean from women's values alone under all people's variances, NaN without any."""
    found = evidence(cluster(people, values), whole.components, cells=len(whole.sample), top=top)
    return np.where(found.seen, _posterior(found, ring).mean, np.nan)


def _plain_mean(index: NDArray[np.int64], values: Floats, *, cells: int) -> Floats:
    given = ~np.isnan(values)
    count = np.bincount(index[given], minlength=cells)
    return ratio(sums(index[given], values[given], size=cells), count)
