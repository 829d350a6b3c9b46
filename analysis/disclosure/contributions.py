"""What people contribute to an aggregate: one value for each of a few places, whatever they audited."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.disclosure.capping import within_cap
from analysis.groups import labels_of

HALF_SCALE = 50
"""Units from the middle of a rating's scale to its ends: values are whole numbers, as exact noise needs."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Contributions:
    """Audits as an aggregate sees them, a row for each place that holds one; ValueError where they misfit."""

    person: NDArray[np.int32]
    """Codes that mean nothing outside this aggregate."""
    place: NDArray[np.int64]
    """0..places-1, in the order of a list that is public."""
    level: NDArray[np.int8]
    """Of the rating that is asked for, 0..top; what did not give it is no row."""
    places: int
    top: int

    def __post_init__(self) -> None:
        n = len(self.person)
        for name, column, end in (("place", self.place, self.places), ("level", self.level, self.top + 1)):
            if column.shape != (n,):
                raise ValueError(f"{name}: is {list(column.shape)}, must be [{n}]")
            if n and not 0 <= int(column.min()) <= int(column.max()) < end:
                raise ValueError(f"{name}: must be 0 to {end - 1}")


def bounded(
    told: Contributions, *, most: int, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return how many people there are at each place, and the total of their values, both int64[places].

    A person is at `most` places at most, drawn at random among those she audited, and has one value there:
    her mean level, from the middle of the scale, in 1/HALF_SCALE of half of it. So whoever is taken out or
    put in changes the counts by `most` together, and the totals by `most` * HALF_SCALE. The draw of one
    person does not depend on the others.
    """
    pair, size = labels_of([told.person, told.place])
    _, first = np.unique(pair, return_index=True)
    person, place = told.person[first], told.place[first]
    mean = np.bincount(pair, told.level, minlength=size) / np.maximum(np.bincount(pair, minlength=size), 1)
    value = np.rint((2 * mean / told.top - 1) * HALF_SCALE).astype(np.int64)
    everywhere = np.zeros(size, dtype=np.int64)
    kept = within_cap(everywhere, person, rng.permutation(size), most=most)
    count = np.bincount(place[kept], minlength=told.places).astype(np.int64)
    total = np.zeros(told.places, dtype=np.int64)
    np.add.at(total, place[kept], value[kept])
    return count, total
