"""The places of an aggregate: a list that everybody knows, and which cells lie in which of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection

from geo.areas import common
from geo.cells import Cells, covering, parent, to_texts
from server.aggregating.question import Question
from server.cities import City
from server.errors import Conflict, Fault, Invalid
from server.queries.zones import ZoneShape, list_sets, list_zones

_FINER = 2
"""Resolutions between a cell of the grid and those of which one must have its centre in the city."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Places by name, and the cells of one resolution that lie in each; places may overlap."""

    names: Sequence[str]
    resolution: int
    cell: Cells
    """Of pairs, sorted by cell."""
    place: NDArray[np.int64]
    """Of pairs, into `names`."""

    def pairs(self, cell: Cells) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return (row, place) of each cell, of `resolution` or finer, and each place that holds it."""
        own = parent(cell, resolution=self.resolution)
        first, end = (np.searchsorted(self.cell, own, side=side) for side in ("left", "right"))
        times = end - first
        row = np.repeat(np.arange(len(cell)), times)
        within = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
        return row, self.place[np.repeat(first, times) + within]


def places_of(connection: Connection, city: City, question: Question) -> Places:
    """Return the places of a question; Conflict where its zones were loaded anew since it was asked."""
    if question.zones is None:
        return _grid(city, question.grid)
    shapes = list_zones(connection, city_id=city.city_id, set_name=question.zones)
    if sha256_of(shapes) != question.zones_sha256:
        raise Conflict(
            f"the zones of {question.zones!r} were loaded anew after this was asked: it cannot be answered. "
            "Asked again it is another question, and paid for"
        )
    return _zones(city, shapes)


def zones_sha256(connection: Connection, city: City, name: str) -> str:
    """Return the hash of a set of zones as it is now; Invalid, naming those there are, for any other."""
    known = [one.name for one in list_sets(connection, city_id=city.city_id)]
    if name not in known:
        listed = f"must be one of: {', '.join(known)}" if known else "no set of zones is loaded here"
        raise Invalid("no zones of this name", faults=[Fault("/zones", listed)])
    return sha256_of(list_zones(connection, city_id=city.city_id, set_name=name))


def sha256_of(shapes: Sequence[ZoneShape]) -> str:
    """Return the hash of the names and shapes of zones."""
    digest = hashlib.sha256()
    for one in shapes:
        digest.update(one.name.encode() + b"\n" + shapely.to_wkb(one.area))
    return digest.hexdigest()


def _grid(city: City, resolution: int) -> Places:
    """Return all cells of which a part two resolutions finer has its centre in the city, audited or not."""
    inside = covering(city.area, resolution=resolution + _FINER)
    cells = np.unique(parent(inside, resolution=resolution))
    return Places(
        names=to_texts(cells), resolution=resolution, cell=cells, place=np.arange(len(cells), dtype=np.int64)
    )


def _zones(city: City, shapes: Sequence[ZoneShape]) -> Places:
    """Return zones, each holding the cells whose centre lies in it, as the layer of zones does."""
    covered = [covering(common(one.area, city.area), resolution=city.resolution) for one in shapes]
    cell = np.concatenate([*covered, np.empty(0, dtype=np.int64)])
    place = np.repeat(np.arange(len(shapes)), [len(cells) for cells in covered])
    order = np.argsort(cell, kind="stable")
    return Places(
        names=[one.name for one in shapes],
        resolution=city.resolution,
        cell=cell[order],
        place=place[order],
    )
