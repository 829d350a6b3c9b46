"""Kinds of hotspots: those that are low in the same respects go by the same plain words."""

from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray

from analysis.estimates import CellEstimates, Pool
from analysis.groups import ratio
from analysis.instrument import Role
from analysis.reasons import Cause

Floats = NDArray[np.float64]

MANY_WAYS = "low in many ways"
_APART = 0.25
"""Hotspots of one kind are alike to a mean cosine of 0.75; what simulated kinds show (docs/method.md)."""
_BESIDE = 0.6
"""A second rating is named where the kind is at least so many times as low in it as in the first."""
_MOST_OF_IT = 0.5
"""The ratings named must make at least so much of a kind's squared profile, or none says what it is."""
_WORDS = {
    "lighting": "dark",
    "openness": "closed in",
    "visibility": "out of sight",
    "people": "deserted",
    "security": "unguarded",
    "walk_path": "hard to walk",
    "transport": "far from transport",
    "gender_usage": "few women",
}
"""Plain words for what a low rating means; a rating without an entry is called by its name."""


def kinds(estimates: CellEstimates, pools: Sequence[Pool], causes: Sequence[tuple[Cause, ...]]) -> list[str]:
    """Return the kind of each hotspot in plain words; `pools` and `causes` are those of the hotspots.

    A profile is how far a hotspot lies below the city in each place rating, in standard deviations between
    the cells. Hotspots are grouped by how their profiles differ from their own means, for surroundings that
    are low in every respect make no two places alike, and by the direction of that alone, so that depth does
    not matter: agglomerative clustering by average cosine distance, as many groups as lie further apart than
    0.25. A group is named after the one or two ratings in which its mean profile is lowest, if they make at
    least half of it; a hotspot goes by that name if one of them is a cause there, else by MANY_WAYS.
    """
    names = [rating.name for rating in estimates.instrument.ratings]
    gaps = _gaps(estimates, pools)
    known = ~np.isnan(gaps)
    own = ratio(np.where(known, gaps, 0).sum(axis=1), known.sum(axis=1))
    group = _groups(_directions(gaps - own[:, None]))
    profiles = _directions(gaps)
    lowest = [_lowest(profiles[group == label].mean(axis=0)) for label in range(group.max(initial=-1) + 1)]
    return [
        _words([names[column] for column in lowest[label]], {name for name, _ in found})
        for label, found in zip(group.tolist(), causes, strict=True)
    ]


def _gaps(estimates: CellEstimates, pools: Sequence[Pool]) -> Floats:
    """Return profiles, float[hotspots, p]; NaN where nothing is known and for what is not of the place."""
    place = np.array([rating.role is Role.PLACE for rating in estimates.instrument.ratings])
    mean = np.array([pool.parameter_mean for pool in pools]).reshape(len(pools), len(place))
    known = ~np.isnan(estimates.parameter_mean)
    around = np.where(known, estimates.parameter_mean - estimates.parameter_city, 0)
    spread = np.sqrt((around**2).sum(axis=0) / np.maximum(known.sum(axis=0), 1))
    return ratio(estimates.parameter_city - mean, np.where(place, spread, 0) * np.ones_like(mean))


def _directions(profiles: Floats) -> Floats:
    """Return unit vectors; 0 for what is not known, and where all is 0."""
    told = np.nan_to_num(profiles, nan=0.0)
    length = np.linalg.norm(told, axis=1, keepdims=True)
    return np.asarray(np.divide(told, length, out=np.zeros_like(told), where=length > 0))


def _groups(directions: Floats) -> NDArray[np.int64]:
    """Return the group 0, 1, ... of each direction."""
    from sklearn.cluster import AgglomerativeClustering  # noqa: PLC0415 (takes a second to import)

    if len(directions) < 2:
        return np.zeros(len(directions), dtype=np.int64)
    distance = np.maximum(1 - directions @ directions.T, 0)
    maker = AgglomerativeClustering(
        n_clusters=None, distance_threshold=_APART, metric="precomputed", linkage="average"
    )
    return np.asarray(maker.fit_predict(distance), dtype=np.int64)


def _lowest(centre: Floats) -> list[int]:
    """Return the one or two columns that make a mean profile what it is, the lowest first; else none."""
    order = np.argsort(-centre, kind="stable")[:2]
    named = order[centre[order] >= _BESIDE * max(centre[order[0]], 0)]
    length = float(centre @ centre)
    tells = centre[order[0]] > 0 and float(centre[named] @ centre[named]) >= _MOST_OF_IT * length
    return [int(column) for column in named] if tells else []


def _words(names: Sequence[str], causes: Set[str]) -> str:
    if causes.isdisjoint(names):
        return MANY_WAYS
    return " and ".join(map(words_of, names))


def words_of(rating: str) -> str:
    """Return what a low rating means."""
    return _WORDS.get(rating, f"low {rating.replace('_', ' ')}")
