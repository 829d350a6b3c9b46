"""What the cells of an administrative area say together, each cell counted whole where its centre lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr
from shapely.geometry import MultiPolygon

from analysis.estimates import CellEstimates
from analysis.hotspots import MEMBER_CLASSES
from analysis.instrument import Role
from analysis.rank_ranges import rank_ranges
from analysis.score import PUBLISHED_TOP, to_five, top_of
from geo.cells import Cells

Floats = NDArray[np.float64]

_Z95 = 1.959963984540054
_LIGHTING = "lighting"
"""The rating that says how dark a place is; instruments without it have no dark share."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Zone:
    """An administrative area of a set; zones of a set may overlap."""

    id: str
    """The same for the same set and name, for ever."""
    set: str
    name: str
    area: MultiPolygon
    """Lng/lat."""
    cells: Cells
    """Sorted: those whose centre lies in it, audited or not."""
    licence: str = ""
    attribution: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class ZoneFigures:
    """What some cells of a zone say together; NaN and None where nothing is known."""

    zone: Zone
    audited_share: float
    """Of the zone's cells, those that the figures rest on; NaN for a zone without a cell."""
    score: float
    score_low: float
    score_high: float
    """Mean of the cells, 0..5, with 95 % interval."""
    common: float
    common_low: float
    common_high: float
    """The same as if all ratings weighed alike, from those that k counted auditors gave in a cell; its
    interval is rather too wide."""
    rank_low: int | None
    rank_high: int | None
    """Between which ranks it lies among the zones of its set that have a score; 1 = lowest score."""
    hotspot_share: float
    """Of the cells: hot and severe ones."""
    dark_share: float
    feel_safe_share: float
    below_standard_share: float
    """Of the cells: the expected share with lighting below the middle of its scale, with the outcome at the
    middle or above, with a score below the standard."""
    parameter_mean: Floats
    """float[p] in each rating's levels: mean of the cells where k counted auditors answered."""


def zone_figures(
    estimates: CellEstimates,
    zones: Sequence[Zone],
    *,
    k: int,
    standard: float,
    rng: np.random.Generator,
) -> list[ZoneFigures]:
    """Return the figures of each zone, in the order given, from the cells of the estimates alone.

    Zones of a set stand together. `standard` is a score, 0..5. What rests on single ratings leaves out cells
    where fewer than k counted auditors gave them.
    """
    shares = _shares(estimates, k=k, standard=standard)
    found: list[ZoneFigures] = []
    for _, of_set in groupby(zones, key=lambda zone: zone.set):
        found += _of_set(estimates, list(of_set), shares, rng)
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Shares:
    """Per cell: whether, or how probably, it has what a share counts; NaN unknown. Ratings likewise.

    `common` is the score of equal weights, 0..5, `width` by how much wider it errs than the composite.
    """

    hotspot: Floats
    dark: Floats
    feel_safe: Floats
    below_standard: Floats
    ratings: Floats
    common: Floats
    width: Floats


def _shares(estimates: CellEstimates, *, k: int, standard: float) -> _Shares:
    names = [rating.name for rating in estimates.instrument.ratings]
    middle = np.array([top_of(rating) / 2 for rating in estimates.instrument.ratings])
    heard = np.where(estimates.parameter_auditors >= k, estimates.parameter_mean, np.nan)
    low = ndtr((middle - heard) / estimates.parameter_sd)
    unknown = np.full(len(estimates), np.nan)
    outcome = estimates.instrument.outcome
    steps = standard / to_five(1.0, top=estimates.top)
    common, width = _common(estimates, heard)
    return _Shares(
        hotspot=np.isin(estimates.klass, MEMBER_CLASSES).astype(np.float64),
        dark=low[:, names.index(_LIGHTING)] if _LIGHTING in names else unknown,
        feel_safe=1 - low[:, names.index(outcome.name)] if outcome else unknown,
        below_standard=ndtr((steps - estimates.mean) / estimates.sd),
        ratings=heard,
        common=common,
        width=width,
    )


def _common(estimates: CellEstimates, heard: Floats) -> tuple[Floats, Floats]:
    """Return the score of equal weights of each cell, and its sd over the composite's, float[m] each.

    Its sd is at most the mean of the ratings' sds, each on the same scale: what it would be if they all erred
    together. It is taken for that, so intervals made of it are rather too wide.
    """
    place = [rating.role is Role.PLACE for rating in estimates.instrument.ratings]
    tops = np.array([top_of(rating) for rating in estimates.instrument.place], dtype=np.float64)
    known = ~np.isnan(heard[:, place])
    count = known.sum(axis=1)

    def mean(values: Floats) -> Floats:
        total = np.where(known, values / tops, 0).sum(axis=1)
        return np.asarray(np.divide(total, count, out=np.full(len(count), np.nan), where=count > 0))

    sd = mean(estimates.parameter_sd[:, place])
    return to_five(mean(heard[:, place]), top=1), sd * estimates.top / estimates.sd


def _of_set(
    estimates: CellEstimates, zones: Sequence[Zone], shares: _Shares, rng: np.random.Generator
) -> list[ZoneFigures]:
    rows = [np.flatnonzero(np.isin(estimates.cell, zone.cells)) for zone in zones]
    known = [place for place, row in enumerate(rows) if len(row)]
    mean = np.array([estimates.mean[rows[place]].mean() for place in known])
    covariance = estimates.joint.covariance([estimates.cell[rows[place]] for place in known])
    low, high = rank_ranges(mean, covariance, rng)
    sd = np.sqrt(covariance.diagonal())
    said = {
        place: _Said(*values)
        for place, values in zip(
            known, zip(mean.tolist(), sd.tolist(), low.tolist(), high.tolist(), strict=True), strict=True
        )
    }
    return [
        _figures(zone, rows[place], said.get(place, _NOTHING), shares, top=estimates.top)
        for place, zone in enumerate(zones)
    ]


@dataclass(frozen=True)
class _Said:
    mean: float
    sd: float
    rank_low: int | None
    rank_high: int | None


_NOTHING = _Said(float("nan"), float("nan"), None, None)


def _figures(zone: Zone, row: NDArray[np.intp], said: _Said, shares: _Shares, *, top: int) -> ZoneFigures:
    score, score_low, score_high = (
        to_five(float(np.clip(said.mean + steps * said.sd, 0, top)), top=top) for steps in (0, -_Z95, _Z95)
    )
    common = float(_mean(shares.common[row]))
    reach = to_five(_Z95 * said.sd * float(_mean(shares.width[row])), top=top)
    return ZoneFigures(
        zone=zone,
        audited_share=len(row) / len(zone.cells) if len(zone.cells) else float("nan"),
        score=score,
        score_low=score_low,
        score_high=score_high,
        common=common,
        common_low=max(common - reach, 0.0),
        common_high=min(common + reach, PUBLISHED_TOP),
        rank_low=said.rank_low,
        rank_high=said.rank_high,
        hotspot_share=float(_mean(shares.hotspot[row])),
        dark_share=float(_mean(shares.dark[row])),
        feel_safe_share=float(_mean(shares.feel_safe[row])),
        below_standard_share=float(_mean(shares.below_standard[row])),
        parameter_mean=_mean(shares.ratings[row]),
    )


def _mean(values: Floats) -> Floats:
    """Return the mean over the rows that are known, NaN where none is."""
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    total = np.where(known, values, 0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(np.shape(total), np.nan), where=count > 0))
