"""What an attacker can do with the rows of releases, and the truth by which it is judged."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from analysis.disclosure.release import DISABILITY, KEYS, WORDS, Audits, Disclosure, ReleasedRows
from analysis.disclosure.release_gate import release, rungs_of
from analysis.groups import labels_of
from geo import cells as h3cells
from geo.areas import great_circle_m

RESOLUTION = 9
_YES = WORDS[DISABILITY].index("yes")
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Told:
    """A release and, beside it, whose its rows are."""

    audits: Audits
    found: Disclosure
    number: Ints
    """Of each of the audits: the same for the same audit in other releases."""

    @property
    def rows(self) -> ReleasedRows:
        """What everybody has."""
        return self.found.rows

    @property
    def who(self) -> NDArray[np.int32]:
        """Whose each row is: nobody has that."""
        return self.audits.auditor[self.found.origin]

    @cached_property
    def classes(self) -> Ints:
        """Number of the class of each row, counted anew from what is told, disability left out."""
        columns = [self.rows.cell, *(self.rows.codes[name] for name in KEYS)]
        return np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].ravel()

    @cached_property
    def style(self) -> Floats:
        """Mean rating of each row above that of its class: how severe its author is, as far as it shows."""
        given = self.rows.ratings >= 0
        mean = np.where(given, self.rows.ratings, 0).sum(axis=1) / np.maximum(given.sum(axis=1), 1)
        return mean - (np.bincount(self.classes, mean) / np.bincount(self.classes))[self.classes]


def released(audits: Audits, *, seed: int = 1, disability: bool = False) -> Told:
    """Return the release of audits by the gate, at k = 10."""
    rng = np.random.default_rng(seed)
    found = release(audits, k=10, resolution=RESOLUTION, rng=rng, disability=disability)
    return Told(audits, found, np.arange(len(audits)))


def fewest_people(group: Ints, who: NDArray[np.integer]) -> int:
    """Return how many people the smallest group has."""
    pairs = np.unique(np.column_stack([group, who]), axis=0)
    return int(np.unique(pairs[:, 0], return_counts=True)[1].min())


def likeliest(told: Told) -> float:
    """Return the highest probability with which somebody who knows all of a target but the ratings finds it.

    The attacker knows cell, time, gender, age and mode of an audit, and how the gate climbs: the row is in
    the first class of the ladder that fits. There the target's rows are so many of all.
    """
    place, group = _first_class(told)
    size = np.bincount(group)
    own = np.unique(np.column_stack([group, told.who]), axis=0, return_counts=True)
    key = {pair: count for pair, count in zip(map(tuple, own[0].tolist()), own[1].tolist(), strict=True)}
    who = told.who.tolist()
    return max(key.get((at, who[row]), 0) / size[at] for row, at in enumerate(place.tolist()))


def _first_class(told: Told) -> tuple[Ints, Ints]:
    """Return which class the attacker takes for each row's, and the class that each row is in."""
    audits, origin = told.audits, told.found.origin
    taken, shown = np.full(len(origin), -1), [told.rows.cell, *(told.rows.codes[name] for name in KEYS)]
    for rung in rungs_of(RESOLUTION):
        kept = [name in rung.columns for name in KEYS]
        codes = [audits.codes[name][origin] for name in KEYS]
        known = [
            h3cells.parent(audits.cell[origin], resolution=rung.resolution),
            *(np.where(keep, code, -1) for keep, code in zip(kept, codes, strict=True)),
        ]
        both, size = labels_of([np.concatenate(pair) for pair in zip(shown, known, strict=True)])
        number = np.full(size, -1)
        number[both[: len(origin)]] = told.classes
        taken = np.where(taken < 0, number[both[len(origin) :]], taken)
    return taken, told.classes


def skew(told: Told) -> tuple[float, float]:
    """Return how far the disability of a class lies from all rows', and the largest share that says yes.

    Total variation distance, 0..1.
    """
    codes, size = told.rows.codes[DISABILITY], int(told.classes.max()) + 1
    count = np.zeros((size, len(WORDS[DISABILITY])))
    np.add.at(count, (told.classes, codes), 1)
    share, overall = count / count.sum(axis=1, keepdims=True), count.sum(axis=0) / count.sum()
    return float(np.abs(share - overall).sum(axis=1).max() / 2), float(share[:, _YES].max())


def joined(one: Told, other: Told) -> float:
    """Return the share of the rows of one release that are found in another by their ratings, rightly."""
    first, second = _alone(one.rows.ratings), _alone(other.rows.ratings)
    mine, theirs = one.number[one.found.origin], other.number[other.found.origin]
    right = sum(int(mine[first[key]] == theirs[second[key]]) for key in first.keys() & second.keys())
    return right / len(one.rows)


def _alone(ratings: NDArray[np.int8]) -> dict[bytes, int]:
    """Return the rows whose ratings nobody else gave."""
    vectors, row, count = np.unique(ratings, axis=0, return_index=True, return_counts=True)
    return {
        vector.tobytes(): int(at) for vector, at, times in zip(vectors, row, count, strict=True) if times == 1
    }


def fewest_between(before: Told, after: Told) -> int:
    """Return by how many people the class differs that differs least, of all that are not told alike twice.

    A class that is in one release alone differs by all its people.
    """
    first, second = _people_of(before), _people_of(after)
    nobody: frozenset[int] = frozenset()
    found = [first.get(key, nobody) ^ second.get(key, nobody) for key in first.keys() | second.keys()]
    return min((len(people) for people in found if people), default=len(np.unique(before.who)))


def _people_of(told: Told) -> dict[tuple[int, ...], frozenset[int]]:
    people: dict[tuple[int, ...], set[int]] = {}
    keys = np.column_stack([told.rows.cell, *(told.rows.codes[name] for name in KEYS)]).tolist()
    for key, who in zip(keys, told.who.tolist(), strict=True):
        people.setdefault(tuple(key), set()).add(who)
    return {key: frozenset(those) for key, those in people.items()}


def pairs_of_a_class(classes: Ints) -> tuple[Ints, Ints]:
    """Return every pair of rows of one class."""
    order = np.argsort(classes, kind="stable")
    ends = np.flatnonzero(np.diff(classes[order], append=-1)) + 1
    found = [np.triu_indices(end - start, 1) for start, end in _spans(ends)]
    starts = np.repeat([start for start, _ in _spans(ends)], [len(pair[0]) for pair in found])
    first, second = (np.concatenate([pair[side] for pair in found]) + starts for side in (0, 1))
    return order[first], order[second]


def _spans(ends: Ints) -> Iterator[tuple[int, int]]:
    return zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)


def same_author(told: Told, pairs: tuple[Ints, Ints], who: Ints | None = None) -> float:
    """Return how well likeness of style tells pairs by one person from others: area under the curve.

    The likelihood ratio of two severities of one person against two people's, normal, with the correlation
    that pairs by one person have (the attacker may know it). 0.5, chance, where nobody has two rows.
    """
    one, other = (told.style[side] / told.style.std() for side in pairs)
    authors = told.who if who is None else who
    same = authors[pairs[0]] == authors[pairs[1]]
    if not same.any():
        return 0.5
    alike = float(np.clip((one[same] * other[same]).mean(), 0.01, 0.9))
    score = (2 * alike * one * other - alike**2 * (one**2 + other**2)) / (2 * (1 - alike**2))
    return _area(score, same)


def same_neighbourhood(told: Told, pairs: tuple[Ints, Ints]) -> float:
    """Return how well nearness of the cells tells pairs by one person from others: area under the curve."""
    cells, at = np.unique(told.rows.cell, return_inverse=True)
    lat, lng = h3cells.centre(cells)
    here = np.column_stack([lng, lat])[at]
    return _area(-great_circle_m(here[pairs[0]], here[pairs[1]]), told.who[pairs[0]] == told.who[pairs[1]])


def _area(score: Floats, same: NDArray[np.bool_]) -> float:
    """Return the probability that a pair by one person has a higher score than another (Mann and Whitney)."""
    rank = rankdata(score)
    few = int(same.sum())
    return float((rank[same].sum() - few * (few + 1) / 2) / (few * (len(same) - few)))


def pairs_across_classes(told: Told, rng: np.random.Generator, *, count: int) -> tuple[Ints, Ints]:
    """Return pairs of rows of different classes told with one gender and age; many of them by one person."""
    kind = labels_of([told.rows.codes[name] for name in ("gender", "age_band")])[0]
    sides = [_partners(group, rng, count) for group in (told.who.astype(np.int64), kind)]
    one, other = (np.concatenate(side) for side in zip(*sides, strict=True))
    apart = (told.classes[one] != told.classes[other]) & (kind[one] == kind[other])
    return one[apart], other[apart]


def _partners(group: Ints, rng: np.random.Generator, count: int) -> tuple[Ints, Ints]:
    """Return rows drawn at random, and for each one drawn from its group."""
    order = np.argsort(group, kind="stable")
    one = rng.integers(0, len(group), count)
    first, end = (np.searchsorted(group[order], group[one], side=side) for side in ("left", "right"))
    return one, order[first + (rng.random(count) * (end - first)).astype(np.int64)]


def shuffled(told: Told, rng: np.random.Generator) -> Ints:
    """Return the authors of the rows, dealt anew among the rows of each class."""
    dealt = np.empty(len(told.who), dtype=np.int64)
    dealt[np.argsort(told.classes, kind="stable")] = told.who[
        np.lexsort((rng.random(len(dealt)), told.classes))
    ]
    return dealt


def order_follows(told: Told) -> float:
    """Return the correlation, without sign, of the order of the rows with that in which they are stored."""
    return float(abs(np.corrcoef(np.arange(len(told.rows)), told.found.origin)[0, 1]))


def homes_found(told: Told, clusters: Ints) -> float:
    """Return the share of clusters of rows whose most frequent cell is the home of who wrote most of them.

    A home is the cell where somebody audited most. Clusters of fewer than five rows are left out.
    """
    home = _modes(told.audits.auditor, h3cells.parent(told.audits.cell, resolution=RESOLUTION))
    guess, author = _modes(clusters, told.rows.cell), _modes(clusters, told.who)
    large = np.flatnonzero(np.bincount(clusters) >= 5).tolist()
    return float(np.mean([guess[one] == home[author[one]] for one in large]))


def _modes(group: NDArray[np.integer], value: NDArray[np.integer]) -> dict[int, int]:
    pairs, count = np.unique(np.column_stack([group, value]), axis=0, return_counts=True)
    last = dict(
        zip(pairs[order := np.lexsort((count, pairs[:, 0])), 0].tolist(), order.tolist(), strict=True)
    )
    return {one: int(pairs[at, 1]) for one, at in last.items()}


def clusters_by(told: Told, order: Floats) -> Ints:
    """Return clusters of rows alike in gender, age and a further figure, as large as people have rows."""
    kind = np.unique(
        np.column_stack([told.rows.codes[name] for name in ("gender", "age_band")]),
        axis=0,
        return_inverse=True,
    )[1].ravel()
    cluster, first = np.empty(len(kind), dtype=np.int64), 0
    for one in np.unique(kind):
        rows = np.flatnonzero(kind == one)
        people = len(np.unique(told.who[rows]))
        cluster[rows[np.argsort(order[rows])]] = first + np.arange(len(rows)) * people // len(rows)
        first += people
    return cluster


def fewest_left(told: Told) -> int:
    """Return how many people are left, at least, of a cell when all that is told inside it is subtracted.

    What is left of a cell's own rows are those told at the cell itself.
    """
    return fewest_people(told.rows.cell, told.who)


def fewest_left_of_totals(audits: Audits, *, k: int) -> int:
    """Return the same of a gate that tells every cell whole, wherever k people are, and its children too."""
    told = [h3cells.parent(audits.cell, resolution=RESOLUTION - up) for up in (0, 1)]
    _, people = np.unique(
        np.unique(np.column_stack([told[0], audits.auditor]), axis=0)[:, 0], return_counts=True
    )
    small = np.isin(told[0], np.unique(told[0])[people < k])
    return fewest_people(told[1][small], audits.auditor[small])
