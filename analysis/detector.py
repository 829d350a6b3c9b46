"""The seam: audits in, estimates of every occupied cell out. Nothing outside knows which detector ran.

The composite of each audit is the place plus the auditor's own severity plus noise; places are a Gaussian
field on the graph of H3 cells. Classes are claims of how far a cell's disc lies below the city, with a
bounded share of false ones. Getis-Ord Gi* stands beside it, the reference that other software computes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from analysis.dayparts import levelled
from analysis.each import Each, here
from analysis.estimates import WOMAN, CellEstimates, tally
from analysis.false_discovery import benjamini_hochberg, credible
from analysis.field.city import PARAMETER_DRAWS, City
from analysis.field.joint import Joint
from analysis.getis_ord import gi_bin, gi_star, two_sided_p
from analysis.groups import ratio, sums
from analysis.history.trend import change
from analysis.observations import Observations
from analysis.reasons import objects, reasons
from analysis.recency import Recency
from analysis.score import Floats, Weights, composite, counting_levels, leverage, scale_top, top_of
from geo.lattice import Lattice

THRESHOLDS = {"watch": 0.1, "hot": 0.2, "severe": 0.3}
"""Rating steps by which a cell's disc must lie below the city."""
_FALSE = 0.04
"""Expected share of false ones in a class: less than the promised 5 %, for variances are taken as known."""
_GI_DISC_K = 2


def detect(
    observations: Observations,
    weights: Weights,
    rng: np.random.Generator,
    recency: Recency | None = None,
    each: Each = here,
) -> CellEstimates:
    """Return the estimates of every occupied cell; defined for any observations, none included.

    Audits of uncounted auditors carry no weight. Without `recency` the present is the day of the latest
    counted audit. Equal for an equal state of `rng`, wherever `each` has the parameters estimated.
    """
    cells, index = np.unique(observations.cell, return_inverse=True)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    top = scale_top(observations.instrument)
    recency = recency or Recency.at_latest(observations.observed_day[observations.counted])
    city = City.of(observations, cells, recency)
    level = levelled(y, daypart=observations.daypart, place=index)
    found = city.posterior(level, top=top, rng=rng)
    women = np.where(observations.gender == WOMAN, level, np.nan)
    mean, sd, parameter_auditors, parameter_city = _parameters(observations, city, index, rng, each)
    moved = leverage(observations, weights)
    needs, causes = reasons(
        mean=mean,
        sd=sd,
        city=parameter_city,
        weights=weights,
        leverage=moved,
        instrument=observations.instrument,
    )
    klass = _classes(found.deficit, found.deficit_sd)
    changed = change(city, found, level, observations.observed_day, today=recency.today, top=top, rng=rng)
    raw = _plain_mean(index, y, cells=len(cells))
    reference = _reference(raw, Lattice(cells))
    return CellEstimates(
        instrument=observations.instrument,
        weights=weights,
        top=top,
        city_mean=found.city,
        parameter_city=parameter_city,
        leverage=moved,
        variances=vars(found.system.variances),
        joint=Joint(cells=cells, audited=city.audited, system=found.system),
        cell=cells,
        mean=found.mean,
        sd=found.sd,
        raw=raw,
        women_mean=city.mean_of(women, found, top=top),
        parameter_mean=mean,
        parameter_sd=sd,
        parameter_auditors=parameter_auditors,
        deficit=found.deficit,
        probability=_at_least(THRESHOLDS["hot"], found.deficit, found.deficit_sd),
        klass=klass,
        gi_z=reference.z,
        gi_p=reference.p,
        gi_q=reference.q,
        gi_bin=gi_bin(reference.z, reference.q),
        n_eff=found.n_eff,
        needs=needs,
        causes=causes,
        adjusted=found.adjusted,
        trend=changed.words(np.isin(klass, ("hot", "severe")), deficit=THRESHOLDS["hot"]),
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


def _classes(deficit: Floats, sd: Floats) -> NDArray[np.object_]:
    """Return the class of each cell: the worst that is credible, at most 5 % of each class being false."""
    klass = objects(["none"] * len(deficit))
    for name, threshold in THRESHOLDS.items():
        klass[credible(_at_least(threshold, deficit, sd), rate=_FALSE)] = name
    klass[credible(_at_least(THRESHOLDS["hot"], -deficit, sd), rate=_FALSE)] = "cold"
    return klass


def _at_least(threshold: float, deficit: Floats, sd: Floats) -> Floats:
    return np.asarray(ndtr((deficit - threshold) / sd))


def _parameters(
    observations: Observations, city: City, index: NDArray[np.int64], rng: np.random.Generator, each: Each
) -> tuple[Floats, Floats, NDArray[np.int64], Floats]:
    """Return each rating's posterior mean and sd, float[m, p], NaN unanswered, how many auditors gave it,
    int[m, p], and the city's mean, float[p].
    """
    levels = np.where(observations.counted[:, None], counting_levels(observations), np.nan)
    ratings = observations.instrument.ratings
    values = (levelled(level, daypart=observations.daypart, place=index) for level in levels.T)
    shape = len(city.audited), len(ratings)
    mean, sd = np.empty((2, *shape))
    auditors, of_city = np.empty(shape, dtype=np.int64), np.empty(shape[1])
    told = each(_parameter, city, values, map(top_of, ratings), rng.spawn(len(ratings)))
    for column, (one_mean, one_sd, one_auditors, one_city) in enumerate(told):
        mean[:, column], sd[:, column] = one_mean, one_sd
        auditors[:, column], of_city[column] = one_auditors, one_city
    return mean, sd, auditors, of_city


def _parameter(
    city: City, values: Floats, top: float, rng: np.random.Generator
) -> tuple[Floats, Floats, NDArray[np.int64], float]:
    """Return one rating's mean and sd, NaN unanswered, how many auditors gave it, and the city's mean."""
    one = city.posterior(values, top=top, rng=rng, draws=PARAMETER_DRAWS)
    mean, sd = (np.where(one.heard, of_cells, np.nan) for of_cells in (one.mean, one.sd))
    return mean, sd, one.auditors, one.city


def _plain_mean(index: NDArray[np.int64], values: Floats, *, cells: int) -> Floats:
    given = ~np.isnan(values)
    count = np.bincount(index[given], minlength=cells)
    return ratio(sums(index[given], values[given], size=cells), count)
