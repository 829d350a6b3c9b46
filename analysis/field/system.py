"""What audits and prior say together of every cell and every auditor."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy import sparse

from analysis.field.cellwise import Cellwise
from analysis.field.equations import Equations, Told
from analysis.field.hearing import NO_GROUP, Hearing
from analysis.field.prior import Prior
from analysis.field.strangers import Crowds, doubted
from analysis.field.terms import Effects, Variances
from analysis.groups import ratio, sums
from analysis.pairs import Voices

Floats = NDArray[np.float64]

EXACT, FINE, ROUGH, DRAWN = 1e-7, 1e-4, 1e-3, 5e-3
"""Tolerances: of a published mean, of a variance, of a round of estimation, and of a draw: that takes less
than 0.3 % off an sd, of which 400 draws know 3.5 %."""
_DRAWN_IN: type[Any] = np.float32
_CROWD_ROUNDS, _STEADY = 40, 0.1
"""A crowd whose variance moves by less than this share has settled."""
_EIGHT_SIGNS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).astype(_DRAWN_IN) * 2 - 1
_BLOCK_NUMBERS = 16_000_000
_MOST_DRAWS_AT_ONCE = 32
"""Of four a product with all voices costs each twice as much, of more than 32 not much less (measured)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class System:
    """y = x[cell] + u[cell] + v[crowd] + b[auditor] + e: what is held of a city, and what it was told.

    x = K z, the mean over a cell's disc of z ~ prior; u ~ N(0, own), b ~ N(0, auditor), v ~ N(0, crowd),
    which the strangers of one kind in one cell share; the mean of a voice of size m has variance
    pair + audit / m. Means are found in float64; draws, and the rounds of estimation, in float32, whose
    error is far below what they are solved to.
    """

    prior: Prior
    hearing: Hearing
    variances: Variances
    crowd: Floats
    """The variance of what the strangers of each kind share, float[KINDS, cells]."""

    @property
    def voices(self) -> Voices:
        """What was told."""
        return self.hearing.voices

    @property
    def crowds(self) -> Crowds:
        """Which voices share an effect."""
        return self.hearing.crowds

    @cached_property
    def weight(self) -> Floats:
        """The precision of each voice: at most 1 / pair, however many audits stand behind it."""
        size = self.voices.size
        return np.asarray(size / (self.variances.audit + size * self.variances.pair))

    @cached_property
    def cellwise(self) -> Cellwise:
        """The effects that each cell has to itself."""
        return self._cellwise(self.crowd)

    def _cellwise(self, crowd: Floats) -> Cellwise:
        return Cellwise(
            cell=self.crowds.cell,
            cells=self.voices.cells,
            own=self.variances.own,
            weight=sums(self.crowds.of, self.weight, size=len(self.crowds.cell)),
            variance=self.crowds.variance(crowd),
        )

    def solve(self, values: Floats) -> Effects:
        """Return the posterior means in one column; values float[voices]."""
        return self._exact.solve(self._told(values, np.float64), tolerance=EXACT)

    def rough(
        self, values: Floats, draws: int, rng: np.random.Generator, start: Effects | None = None
    ) -> Effects:
        """Return the posterior means to 1e-3 in the first column, and then draws around them, at once."""
        told = self._told(values, _DRAWN_IN).beside(self._noise(draws, rng))
        return self._quick.solve(told, tolerance=ROUGH, start=start)

    def settled(self, values: Floats, start: Effects, *, top: float) -> Self:
        """Return the system with its crowds believed as their means make them, by IRLS from what they are.

        Values on 0..top, `top` / 2 taken off; `start`, one column, is near the means.
        """
        told, equations, found, crowd = self._told(values, _DRAWN_IN), self._quick, start, self.crowd
        for _ in range(_CROWD_ROUNDS):
            found, before = equations.solve(told, tolerance=ROUGH, start=found), crowd
            crowd = doubted(self.crowds, found.crowd[:, 0], cells=self.voices.cells, top=top)
            if (np.abs(crowd - before) <= _STEADY * crowd).all():
                break
            equations = replace(equations, cellwise=self._cellwise(crowd).rounded(_DRAWN_IN))
        return replace(self, crowd=crowd)

    def draws(self, count: int, rng: np.random.Generator) -> Iterator[Effects]:
        """Yield `count` draws of the posterior around its mean, in blocks.

        Perturb and MAP (Papandreou and Yuille 2010): the solution for a right-hand side of covariance P has
        covariance P^-1.
        """
        numbers = 6 * self.voices.cells + self.voices.auditors + 1
        block = max(1, min(count, _MOST_DRAWS_AT_ONCE, _BLOCK_NUMBERS // numbers))
        for first in range(0, count, block):
            yield self._quick.solve(self._noise(min(block, count - first), rng), tolerance=DRAWN)

    def covariance(self, sums: sparse.csc_matrix) -> Floats:
        """Return the posterior covariance of weighted sums of places, float[g, g]; `sums` is cells x g.

        S' P^-1 S by one solve for each sum, to 1e-4: no draws.
        """
        count = sums.shape[1]
        found = np.zeros((count, count))
        block = max(1, _BLOCK_NUMBERS // (4 * self.voices.cells + 1))
        for first in range(0, count, block):
            cells = sums[:, first : first + block].toarray()
            sizes = len(self.crowds.cell), self.voices.auditors
            no_crowd, no_auditor = (np.zeros((size, cells.shape[1])) for size in sizes)
            told = Told(rough=self._smoothed(cells), own=cells, crowd=no_crowd, auditor=no_auditor)
            found[:, first : first + block] = sums.T @ self._exact.solve(told, tolerance=FINE).place
        return np.asarray((found + found.T) / 2)

    def centred_away(self) -> tuple[Floats, Floats]:
        """Return what it does to the places if a centred group is severer than people are, and its variance.

        Float[n, g]: by how much the means of cells rise where each group's values do by 1; float[g]: the
        variance of the mean severity of so many people, which centring holds to be 0.
        """
        group = self.hearing.group
        members = np.bincount(group[group != NO_GROUP])
        of_group = np.equal.outer(group[self.voices.auditor], np.arange(len(members)))
        told = self._summed(self.weight, of_group.astype(np.float64))
        return self._exact.solve(told, tolerance=FINE).place, self.variances.auditor / members

    def said(self, effects: Effects) -> Floats:
        """Return what each voice would say without noise, float[voices, k]."""
        by_crowd = effects.place[self.crowds.cell] + effects.crowd
        return np.asarray(by_crowd[self.crowds.of] + effects.auditor[self.voices.auditor])

    def place_variance(self) -> Floats:
        """Return the variance of each place given the field and all auditors."""
        return self.cellwise.cell_variance

    def conditional(self, draws: Effects) -> Floats:
        """Return what field and auditors in each draw make expected of each place, [n, k]."""
        own, _ = self._quick.cellwise.told(self._quick.heard(draws.field, draws.auditor))
        return np.asarray(draws.field - own)

    def severity(self, auditor: Floats) -> Floats:
        """Return the mean effect of the auditors heard in each cell, as voices weigh; NaN without, [n, k]."""
        heard = self._quick.cellwise.by_cell @ (self._quick.cross @ auditor)
        return np.asarray(ratio(1, self.cell_weight)[:, None] * heard)

    @cached_property
    def cell_weight(self) -> Floats:
        """The summed precision of the voices in each cell."""
        return np.asarray(self.cellwise.by_cell @ self.cellwise.weight)

    def _told(self, values: Floats, dtype: type[np.floating]) -> Told:
        return self._summed(self.weight, values[:, None].astype(dtype))

    def _noise(self, count: int, rng: np.random.Generator) -> Told:
        """Draw `count` right-hand sides of mean 0 and covariance P."""
        told = self._noise_of_voices(count, rng)
        spread = {
            "own": math.sqrt(1 / self.variances.own),
            "crowd": np.sqrt(np.nan_to_num(ratio(1, self.cellwise.variance))).astype(_DRAWN_IN)[:, None],
            "auditor": math.sqrt(1 / self.variances.auditor),
        }
        own = {
            name: sd * rng.standard_normal(getattr(told, name).shape, dtype=_DRAWN_IN)
            for name, sd in spread.items()
        }
        return told + Told(rough=self.prior.noise(count, rng, _DRAWN_IN), **own)

    def _noise_of_voices(self, count: int, rng: np.random.Generator) -> Told:
        """Draw what voices tell by chance, a few columns at a time.

        They are the many: they get random signs, of the same covariance as normals and many times faster.
        """
        voices, sd = len(self.weight), np.sqrt(self.weight)
        few = max(1, _BLOCK_NUMBERS // (voices + 1))
        columns = (min(few, count - first) for first in range(0, count, few))
        return reduce(Told.beside, (self._summed(sd, _signs((voices, width), rng)) for width in columns))

    def _summed(self, factor: Floats, voices: Floats) -> Told:
        """Return what voices, [voices, k], each times its factor, tell of every part of the model."""
        crowds = self.hearing.by_crowd(factor, voices.dtype) @ voices
        cells = self._equations(voices.dtype).cellwise.by_cell @ crowds
        auditors = self.hearing.by_auditor(factor, voices.dtype) @ voices
        return Told(rough=self._smoothed(cells), own=cells, crowd=crowds, auditor=auditors)

    def _smoothed(self, x: Floats) -> Floats:
        return self.prior.land.smoothed(x)

    def _equations(self, dtype: DTypeLike) -> Equations:
        return self._exact if dtype == np.float64 else self._quick

    @cached_property
    def _exact(self) -> Equations:
        return self._in(np.float64)

    @cached_property
    def _quick(self) -> Equations:
        return self._in(_DRAWN_IN)

    def _in(self, dtype: type[np.floating]) -> Equations:
        whole = sums(self.voices.auditor, self.weight, size=self.voices.auditors)
        return Equations(
            prior=self.prior,
            cellwise=self.cellwise.rounded(dtype),
            cross=self.hearing.cross(self.weight, dtype),
            cross_back=self.hearing.cross_back(self.weight, dtype),
            auditor_precision=(whole + 1 / self.variances.auditor).astype(dtype),
            members=self.hearing.members.astype(dtype),
        )


def _signs(shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Draw -1 or 1 for each place, by one random bit."""
    size = shape[0] * shape[1]
    eight = np.frombuffer(rng.bytes((size + 7) // 8), dtype=np.uint8)
    signs = np.take(_EIGHT_SIGNS, eight, axis=0).reshape(-1)[:size]
    return np.asarray(signs.reshape(shape))
