"""The posterior of a city's audited cells: mean, sd, and how far each disc lies below the city."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from analysis.field.hearing import NO_GROUP, Groups, Hearing
from analysis.field.prior import Land, surrounded
from analysis.field.system import System
from analysis.field.variances import fit
from analysis.groups import labels_of, ratio, sums
from analysis.observations import Observations
from analysis.pairs import Pairs, Voices, pair, voices
from analysis.recency import Recency
from geo.cells import Cells

Floats = NDArray[np.float64]

DRAWS, PARAMETER_DRAWS = 400, 200
"""400 draws know the sd of a disc to 3.5 %; of a cell 200 know it to as much, see `_spread`."""
_FEWEST = 10
"""A group of fewer auditors is not centred: its mean says too little."""
_ANY = -1
"""The gender of those of a part whose own is rare there."""
_TOLD_APART = 0.5
"""Severity is told apart from the place where audits leave at most this share of its prior variance."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """One value per audited cell; rating steps."""

    city: float
    """The mean of the audited cells."""
    mean: Floats
    sd: Floats
    deficit: Floats
    """How far the mean of the cell and its neighbours lies below the city, and its sd."""
    deficit_sd: Floats
    n_eff: Floats
    """How many independent audits the evidence of each cell is worth."""
    auditors: NDArray[np.int64]
    """How many different counted auditors gave a value."""
    adjusted: NDArray[np.bool_]
    """Whether the severity of the cell's auditors was told apart from the place."""
    severity: Floats
    severity_variance: Floats
    """How much higher than others each auditor rates, float[auditors], and the variance of what is not known
    of it."""
    place: Floats
    """The mean of every cell of the land around top/2, audited or not."""
    system: System

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[Floats]:
        """Yield `count` draws of every cell of the land around `place`, in blocks float[n, k]."""
        yield from (drawn.place for drawn in self.system.draws(count, rng))

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Where anybody answered."""
        return self.n_eff > 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Spread:
    """Posterior variances per audited cell: of the cell, of its disc's deficit, of its auditors' severity."""

    cell: Floats
    deficit: Floats
    severity: Floats
    auditor: Floats
    """Of each auditor's severity, float[auditors]."""


@dataclass(frozen=True, kw_only=True, eq=False)
class City:
    """Where a city was audited, by whom and when: what all its fields share."""

    cells: Cells
    """The land's: those audited and their neighbours, sorted."""
    land: Land
    audited: NDArray[np.int64]
    """The land's number of each audited cell, in the order of the cells."""
    counted: NDArray[np.bool_]
    """Which audits carry weight; pairs and weights are of these alone."""
    pairs: Pairs
    weight: Floats
    """What each counts by its age beside the latest, 0..1."""
    fade: float
    """What the latest counts, 0..1."""
    group: Groups
    """Of each auditor."""
    connected: NDArray[np.bool_]
    """Whether the audited cell lies in the widest part that shared auditors connect."""

    @classmethod
    def of(cls, observations: Observations, cells: Cells, recency: Recency | None = None) -> Self:
        """Return the city of some observations; `cells` their different cells, sorted.

        Without `recency` the present is the day of the latest audit.
        """
        lattice = surrounded(cells)
        heard = observations.where(observations.counted)
        names, auditor = np.unique(heard.auditor, return_inverse=True)
        pairs = pair(
            cell=lattice.index_of(heard.cell), auditor=auditor, cells=len(lattice), auditors=len(names)
        )
        audited = lattice.index_of(cells)
        of_cell, of_auditor = _parts(pairs)
        width = np.bincount(of_cell, minlength=1)
        gender = np.zeros(len(names), dtype=np.int64)
        gender[auditor] = heard.gender
        weight = (recency or Recency.at_latest(heard.observed_day)).weight(heard.observed_day)
        fade = float(weight.max()) if len(weight) else 1.0
        return cls(
            cells=lattice.cells,
            land=Land(neighbours=lattice.disc_matrix(1, include_self=False)),
            audited=audited,
            counted=observations.counted,
            pairs=pairs,
            weight=weight / fade,
            fade=fade,
            group=_groups(of_auditor, gender, lone=width[of_auditor] == 1),
            connected=(of_cell == width.argmax())[audited],
        )

    def posterior(
        self, values: Floats, *, top: float, rng: np.random.Generator, draws: int = DRAWS
    ) -> Posterior:
        """Return what values on 0..top, float[audits], NaN = missing, say of every audited cell."""
        system = self._fitted(values, top=top, rng=rng)
        said = system.voices
        solved = system.solve(said.mean - top / 2)
        place = solved.place[:, 0]
        mean = top / 2 + place
        spread = self._spread(system, draws, rng)
        parts = system.variances
        return Posterior(
            city=float(mean[self.audited].mean()) if len(self.audited) else top / 2,
            mean=mean[self.audited],
            sd=np.sqrt(spread.cell),
            deficit=self.deficit(mean[:, None])[:, 0],
            deficit_sd=np.sqrt(spread.deficit),
            auditors=np.bincount(said.cell, minlength=len(self.land))[self.audited],
            n_eff=system.cellwise.left[self.audited] * (parts.pair + parts.audit),
            adjusted=self.connected & (spread.severity <= _TOLD_APART * self._severity(system)),
            place=place,
            severity=solved.auditor[:, 0],
            severity_variance=spread.auditor,
            system=system,
        )

    def _fitted(self, values: Floats, *, top: float, rng: np.random.Generator) -> System:
        """Return the system of the values: variances as if the latest audit were of today, voices faded.

        How much places and people differ does not depend on when one looks; what is known of them does.
        """
        fresh = voices(self.pairs, values[self.counted], self.weight)
        system = fit(self.land, fresh, self.group, top=top, rng=rng)
        return self._told(system, fresh.faded(self.fade))

    def _told(self, system: System, said: Voices) -> System:
        return replace(system, hearing=Hearing(voices=said, group=self.group))

    def mean_of(self, values: Floats, whole: Posterior, *, top: float) -> Floats:
        """Return posterior means from some of the values, under the variances of the whole; NaN without."""
        said = voices(self.pairs, values[self.counted], self.weight).faded(self.fade)
        system = self._told(whole.system, said)
        mean = top / 2 + system.solve(said.mean - top / 2).place[:, 0]
        return np.where(system.cell_weight > 0, mean, np.nan)[self.audited]

    def _spread(self, system: System, draws: int, rng: np.random.Generator) -> _Spread:
        """Return the posterior variances, the cells' by their conditional means (Siden et al. 2018).

        Of x + u, the place: E var(u | x, b) + var(x + E[u | x, b]), only the second being left to draws.
        """
        cell, deficit, severity = np.zeros((3, len(self.audited)))
        alone = np.zeros(self.pairs.auditors)
        for drawn in system.draws(draws, rng):
            cell += (system.conditional(drawn)[self.audited] ** 2).sum(axis=1)
            deficit += (self.deficit(drawn.place) ** 2).sum(axis=1)
            severity += (system.severity(drawn.auditor)[self.audited] ** 2).sum(axis=1)
            alone += (drawn.auditor**2).sum(axis=1)
        own = system.place_variance()[self.audited]
        return _Spread(
            cell=own + cell / draws,
            deficit=deficit / draws,
            severity=severity / draws,
            auditor=alone / draws,
        )

    @cached_property
    def disc(self) -> sparse.csr_matrix:
        """Each of the land's cells and its neighbours, n x n, binary."""
        return (self.land.neighbours + sparse.identity(len(self.land))).tocsr()

    def deficit(self, x: Floats) -> Floats:
        """Return how far the disc of each audited cell lies below all of them, [m, k]; x[n, k]."""
        return self.below(x)[self.audited]

    def below(self, x: Floats) -> Floats:
        """Return how far the disc of each of the land's cells lies below the audited cells, [n, k]."""
        city = x[self.audited].sum(axis=0) / max(len(self.audited), 1)
        return np.asarray(city - self.land.disc_means(x))

    def _severity(self, system: System) -> Floats:
        """Return the prior variance of the mean severity that bears on each audited cell, NaN without any."""
        squares = sums(system.voices.cell, system.weight**2, size=len(self.land))
        return system.variances.auditor * ratio(squares, system.cell_weight**2)[self.audited]


def _parts(pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the connected part of the graph of cells and auditors to which each cell and auditor belongs."""
    size = pairs.cells + pairs.auditors
    ones = np.ones(len(pairs.cell))
    graph = sparse.coo_matrix((ones, (pairs.cell, pairs.cells + pairs.auditor)), shape=(size, size))
    part = csgraph.connected_components(graph, directed=False)[1].astype(np.int64)
    return part[: pairs.cells], part[pairs.cells :]


def _groups(part: NDArray[np.int64], gender: NDArray[np.int64], *, lone: NDArray[np.bool_]) -> Groups:
    """Return the group in which each auditor's effect is centred; NO_GROUP in small ones and lone cells.

    Groups are genders within each connected part, "not said" being one: what the women of a part see is not
    corrected away, nor is what all auditors of a part see, for nothing tells it from the place. Those of a
    part whose gender is rare there are one group.
    """
    alike = gender.copy()
    alike[_few(part, gender)] = _ANY
    centred = ~(_few(part, alike) | lone)
    group = np.full(len(gender), NO_GROUP, dtype=np.int64)
    group[centred] = labels_of([part[centred], alike[centred]])[0]
    return group


def _few(part: NDArray[np.int64], gender: NDArray[np.int64]) -> NDArray[np.bool_]:
    label, count = labels_of([part, gender])
    return np.asarray(np.bincount(label, minlength=count)[label] < _FEWEST)
