"""Where incidents and hazards crowd: points that are no audits of places, and kept apart from scores."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPoint, MultiPolygon
from shapely.geometry.base import BaseGeometry

from analysis.groups import labels_of
from analysis.observations import NO_DAY, Observations
from geo.cells import centre
from geo.plane import Plane

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

SMALLEST, SMALLEST_SHARE = 10, 0.01
"""A cluster is so many points at least, and this share of all (HDBSCAN's `min_cluster_size`)."""
MOST_POINTS = 20_000
"""Of more points so many are drawn to find the clusters; all are counted in them."""
DENSER = 5.0
"""So many times as dense as all points together a cluster must be: pure chance makes clusters too."""
_BELONGS = 0.3
"""HDBSCAN's strength of membership from which a point belongs to its cluster: stragglers stay outside."""
_MARGIN_M = 25.0
"""Around the hull of incidents, so that a cluster on one corner has an area."""
_NARROWEST_M = 50.0
"""The least radius of a circle around people's reports."""
NOBODY = -1
"""Who reported what an authority recorded."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Reports:
    """Points of one kind, lng/lat in degrees; `day` since 1970-01-01, NO_DAY where unknown.

    `person` are codes of who reported, NOBODY for what an authority recorded.
    """

    lng: Floats
    lat: Floats
    day: NDArray[np.int32]
    person: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.lng)

    @classmethod
    def none(cls) -> Self:
        """Return no points."""
        return cls(lng=np.zeros(0), lat=np.zeros(0), day=np.zeros(0, np.int32), person=np.zeros(0, np.int64))

    @classmethod
    def of_audits(cls, hazards: Observations) -> Self:
        """Return the reports of counted auditors at the centres of their cells, one of each in a cell."""
        counted = hazards.where(hazards.counted)
        row, count = labels_of([counted.cell, counted.auditor])
        first = np.unique(row, return_index=True)[1]
        lat, lng = centre(counted.cell[first])
        day = np.full(count, NO_DAY, dtype=np.int32)
        np.maximum.at(day, row, counted.observed_day)
        return cls(lng=lng, lat=lat, day=day, person=counted.auditor[first].astype(np.int64))


@dataclass(frozen=True, kw_only=True, eq=False)
class Cluster:
    """One place where points crowd: its shape in lng/lat, and what lies in it."""

    shape: MultiPolygon
    area_km2: float
    points: int
    people: int
    """Different people who reported them."""
    recorded: bool
    """Whether an authority recorded them all."""
    first_day: int
    last_day: int
    """NO_DAY where no point has a time."""


def clusters(reports: Reports, rng: np.random.Generator, *, most: int = MOST_POINTS) -> list[Cluster]:
    """Return the clusters of the points, those of most points first; equal for equal points and `rng`.

    HDBSCAN (Campello, Moulavi and Sander 2013) on metres in the city's plane: the clusters with the largest
    excess of mass, and the leaves of its tree where such a one is not DENSER than all points in their hull.
    Of more than `most` points that many are drawn. The shape of recorded incidents is their convex hull and
    25 m around it; of people's reports, which must not show where one of them stood, the circle of two
    standard distances around their mean, every person weighing the same.
    """
    places = np.column_stack([reports.lng, reports.lat])
    plane = Plane.around(np.asarray(shapely.points(places), dtype=object))
    flat = plane.flat(places)
    order = np.lexsort((reports.person, reports.day, flat[:, 1], flat[:, 0]))
    if len(order) > most:
        order = order[np.sort(rng.choice(len(order), most, replace=False))]
    tree = shapely.STRtree(np.asarray(shapely.points(flat), dtype=object))
    thin = DENSER * len(flat) / max(_hull(flat).area, np.finfo(float).tiny)
    found: list[tuple[BaseGeometry, Labels]] = []
    for selection in ("eom", "leaf"):
        for shape in _shapes(flat[order], reports.person[order], selection=selection):
            rows = tree.query(shape, predicate="intersects")
            if len(rows) >= thin * shape.area and not any(shape.intersects(other) for other, _ in found):
                found.append((shape, rows))
    dense = [_cluster(reports, shape, rows, plane) for shape, rows in found]
    return sorted(dense, key=lambda one: (-one.points, one.shape.wkb))


def _shapes(flat: Floats, person: Labels, *, selection: str) -> Iterator[BaseGeometry]:
    """Yield the shape of each cluster without its stragglers, in metres."""
    labels = _labels(flat, selection)
    for label in range(int(labels.max(initial=-1)) + 1):
        inside = labels == label
        if (person[inside] == NOBODY).all():
            yield _hull(flat[inside])
        else:
            yield _circle(flat[inside], person[inside])


def _hull(flat: Floats) -> BaseGeometry:
    return MultiPoint(flat).convex_hull.buffer(_MARGIN_M)


def _labels(flat: Floats, selection: str) -> Labels:
    """Return the cluster of each point, 0, 1, ..., -1 for none."""
    smallest = max(SMALLEST, round(SMALLEST_SHARE * len(flat)))
    if len(flat) < 2 * smallest:  # two clusters at least, or there is nothing to tell apart
        return np.full(len(flat), -1, dtype=np.int64)
    from sklearn.cluster import HDBSCAN  # noqa: PLC0415 - heavy, and only where points are loaded

    model = HDBSCAN(
        min_cluster_size=smallest, algorithm="kd_tree", cluster_selection_method=selection, copy=True
    ).fit(flat)
    return np.where(model.probabilities_ >= _BELONGS, model.labels_, -1).astype(np.int64)


def _circle(flat: Floats, person: Labels) -> BaseGeometry:
    """Return the circle of two standard distances around the mean, every person weighing the same."""
    row, people = labels_of([person])
    weight = 1 / np.bincount(row, minlength=people)[row]
    middle = np.average(flat, axis=0, weights=weight)
    spread = np.average(((flat - middle) ** 2).sum(axis=1), weights=weight)
    return shapely.Point(middle).buffer(max(2 * float(np.sqrt(spread)), _NARROWEST_M))


def _cluster(reports: Reports, shape: BaseGeometry, rows: Labels, plane: Plane) -> Cluster:
    person, day = reports.person[rows], reports.day[rows]
    known = day[day != NO_DAY]
    return Cluster(
        shape=plane.on_earth(shape),
        area_km2=shape.area / 1e6,
        points=len(rows),
        people=len(np.unique(person[person != NOBODY])),
        recorded=bool((person == NOBODY).all()),
        first_day=int(known.min()) if len(known) else NO_DAY,
        last_day=int(known.max(initial=NO_DAY)),
    )
