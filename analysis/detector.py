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
from analysis.field.city import City, Posterior
from analysis.field.joint import Joint
from analysis.getis_ord import gi_bin, gi_star, two_sided_p
from analysis.groups import ratio, sums
from analysis.history.trend import change
from analysis.observations import Observations
from analysis.ratings import Ratings
from analysis.reasons import objects, reasons
from analysis.recency import Recency
from analysis.score import Floats, Weights, composite, leverage, scale_top
from geo.lattice import Lattice

THRESHOLDS = {"watch": 0.1, "hot": 0.2, "severe": 0.3}
"""Rating steps by which a cell's disc must lie below the city."""
_FALSE = 0.035
"""Expected share of false ones in a class: less than the promised 5 %, for variances are taken as known."""
_GI_DISC_K = 2


@dataclass(frozen=True, kw_only=True, eq=False)
class Scored:
    """What the composites of the audits say of every occupied cell, sorted; rating steps on 0..top."""

    cells: NDArray[np.int64]
    row: NDArray[np.int64]
    """The cell's number of each audit."""
    level: Floats
    """The composite of each audit, the hour taken off; NaN where none bears on the score."""
    top: int
    city: City
    found: Posterior
    klass: NDArray[np.object_]
    raw: Floats
    """Plain mean over audits, NaN where none bears on the score."""

    @property
    def bears(self) -> NDArray[np.bool_]:
        """Which audits bear on the score."""
        return ~np.isnan(self.level)


def scored(
    observations: Observations,
    weights: Weights,
    rng: np.random.Generator,
    recency: Recency | None = None,
) -> Scored:
    """Return the scores and classes, as `detect` has them, without ratings, causes and trend."""
    cells, row = np.unique(observations.cell, return_inverse=True)
    y = np.where(observations.counted, composite(observations, weights), np.nan)
    top = scale_top(observations.instrument)
    city = City.of(observations, cells, recency)
    level = levelled(y, daypart=observations.daypart, place=row)
    found = city.posterior(level, top=top, rng=rng)
    return Scored(
        cells=cells,
        row=row,
        level=level,
        top=top,
        city=city,
        found=found,
        klass=_classes(found.deficit, found.deficit_sd),
        raw=_plain_mean(row, y, cells=len(cells)),
    )


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
    recency = recency or Recency.at_latest(observations.observed_day[observations.counted])
    one = scored(observations, weights, rng, recency)
    cells, city, level, top, found = one.cells, one.city, one.level, one.top, one.found
    women = np.where(observations.gender == WOMAN, level, np.nan)
    ratings = Ratings.of(observations, city, weights=weights, whole=found, rng=rng, each=each)
    moved = leverage(observations, weights)
    needs, causes = reasons(
        mean=ratings.mean,
        sd=ratings.sd,
        city=ratings.city,
        leverage=moved,
        instrument=observations.instrument,
    )
    changed = change(city, found, level, observations.observed_day, today=recency.today, top=top, rng=rng)
    reference = gi_reference(one.raw, Lattice(cells))
    return CellEstimates(
        instrument=observations.instrument,
        weights=weights,
        top=top,
        city_mean=found.city,
        parameter_city=ratings.city,
        leverage=moved,
        variances=vars(found.system.variances),
        joint=Joint(cells=cells, audited=city.audited, system=found.system),
        cell=cells,
        mean=found.mean,
        sd=found.sd,
        raw=one.raw,
        women_mean=city.mean_of(women, found, top=top),
        parameter_mean=ratings.mean,
        parameter_sd=ratings.sd,
        parameter_auditors=ratings.auditors,
        deficit=found.deficit,
        probability=_at_least(THRESHOLDS["hot"], found.deficit, found.deficit_sd),
        klass=one.klass,
        gi_z=reference.z,
        gi_p=reference.p,
        gi_q=reference.q,
        gi_bin=gi_bin(reference.z, reference.q),
        n_eff=found.n_eff,
        needs=needs,
        causes=causes,
        adjusted=found.adjusted,
        trend=changed.words(np.isin(one.klass, ("hot", "severe")), deficit=THRESHOLDS["hot"]),
        **tally(observations, cell=one.row, bears=one.bears, cells=len(cells)),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Reference:
    """Gi* of each cell, its two-sided p, and its Benjamini-Hochberg q."""

    z: Floats
    p: Floats
    q: Floats


def gi_reference(raw: Floats, lattice: Lattice) -> Reference:
    """Return Gi* of the plain cell means over k=2 discs, with p and q; z = 0 and p = q = 1 without a mean."""
    seen = np.flatnonzero(~np.isnan(raw))
    around = lattice.disc_matrix(_GI_DISC_K)[seen][:, seen]
    z, p, q = np.zeros(len(raw)), np.ones(len(raw)), np.ones(len(raw))
    z[seen] = gi_star(raw[seen], around)
    p[seen] = two_sided_p(z[seen])
    q[seen] = benjamini_hochberg(p[seen])
    return Reference(z=z, p=p, q=q)


def _classes(deficit: Floats, sd: Floats) -> NDArray[np.object_]:
    """Return the class of each cell: the worst that is credible, at most 5 % of each class being false."""
    klass = objects(["none"] * len(deficit))
    for name, threshold in THRESHOLDS.items():
        klass[credible(_at_least(threshold, deficit, sd), rate=_FALSE)] = name
    klass[credible(_at_least(THRESHOLDS["hot"], -deficit, sd), rate=_FALSE)] = "cold"
    return klass


def _at_least(threshold: float, deficit: Floats, sd: Floats) -> Floats:
    return np.asarray(ndtr((deficit - threshold) / sd))


def _plain_mean(index: NDArray[np.int64], values: Floats, *, cells: int) -> Floats:
    given = ~np.isnan(values)
    count = np.bincount(index[given], minlength=cells)
    return ratio(sums(index[given], values[given], size=cells), count)
