"""What outlives a run: hotspots keep their ids and the day they were found while half their cells stay."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from analysis.disclosure.hotspot_columns import Story
from analysis.hotspots import Hotspot, match
from analysis.surroundings import Surroundings


@dataclass(frozen=True, kw_only=True)
class Known:
    """A hotspot in the last run of the same layer: its cells, and what is known of it since."""

    cells: frozenset[int]
    since: str


@dataclass(frozen=True, kw_only=True)
class Work:
    """An intervention that is asked for, planned, under way or done: its cells, and how far it is."""

    cells: frozenset[int]
    status: str
    """requested, planned, ongoing or done."""
    complete: str
    """Day, such as 2026-10-21."""


@dataclass(frozen=True, kw_only=True)
class Chronicle:
    """The day of this run, such as 2026-10-21, and the last run's hotspots by layer name, then id."""

    today: str
    known: Mapping[str, Mapping[str, Known]] = field(default_factory=dict)
    works: Sequence[Work] = ()

    def status(self, cells: Iterable[int], *, since: str) -> str:
        """Return `open`, `planned`, `requested` or `done` for a hotspot known since a day.

        By the interventions that share a cell with it, those to come before those done. What was done before
        it was found did not answer it.
        """
        own = frozenset(cells)
        found = {
            "planned" if work.status == "ongoing" else work.status
            for work in self.works
            if not own.isdisjoint(work.cells) and (work.status != "done" or work.complete >= since)
        }
        return next((one for one in ("planned", "requested", "done") if one in found), "open")


def stories_of(
    name: str, found: Sequence[Hotspot], chronicle: Chronicle, surroundings: Surroundings
) -> list[Story]:
    """Return what is known of each hotspot: an earlier one's story goes on, a new one's begins today."""
    known = chronicle.known.get(name, {})
    ids = match([spot.cells for spot in found], {id_: old.cells for id_, old in known.items()})
    new = Known(cells=frozenset(), since=chronicle.today)
    olds = [known.get(id_, new) for id_ in ids]
    nears = [surroundings.streets.near_cells(np.array(spot.cells, dtype=np.int64)) for spot in found]
    return [
        Story(id=id_, since=old.since, status=chronicle.status(spot.cells, since=old.since), near=near)
        for spot, id_, old, near in zip(found, ids, olds, nears, strict=True)
    ]
