"""How much cells, auditors and single audits differ: restricted maximum likelihood, by fixed point."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from analysis.field.prior import Land, Prior
from analysis.field.system import NO_GROUP, Groups, System, Variances
from analysis.pairs import Voices

Floats = NDArray[np.float64]

PRIOR = Variances(field=0.2, auditor=0.08, pair=0.02, audit=0.2)
"""What composites on 0..3 show in simulation; decides where the data cannot, with the weight below."""
_PRIOR_TOP = 3.0
_PRIOR_WEIGHT = 4.0
"""Degrees of freedom for which the prior counts: gone in a city of hundreds of audits."""
_ROUNDS = 12
_STEADY = 0.02
"""Variances that move by less than this share have settled: their own error is larger."""
_DRAWS = 8


def fit(land: Land, voices: Voices, group: Groups, *, top: float, rng: np.random.Generator) -> System:
    """Return the system of a city with its variances, estimated from the voices and held to PRIOR.

    Fields and auditors by the fixed point of the REML equations, variance = squares / effective number of
    parameters (Harville 1977, JASA 72), the numbers from draws; auditors in a cell and audits by EM. Values
    are taken around top/2, with a level of variance top^2/12, that of a uniform. Each round sees the same
    noise, so that the rounds settle.
    """
    scale = (top / _PRIOR_TOP) ** 2
    held = Variances(**{name: value * scale for name, value in vars(PRIOR).items()})
    seed = int(rng.integers(2**63))
    system = _system(land, voices, group, held, top=top)
    for _ in range(_ROUNDS):
        found = _round(system, held, voices.mean - top / 2, np.random.default_rng(seed))
        steady = all(
            abs(value - vars(system.variances)[name]) <= _STEADY * value
            for name, value in vars(found).items()
        )
        system = _system(land, voices, group, found, top=top)
        if steady:
            break
    return system


def _system(land: Land, voices: Voices, group: Groups, variances: Variances, *, top: float) -> System:
    prior = Prior(land=land, variance=variances.field, level=top**2 / 12)
    return System(prior=prior, voices=voices, variances=variances, group=group)


def _round(system: System, held: Variances, values: Floats, rng: np.random.Generator) -> Variances:
    """Return the next variances, each held to its prior by the prior's weight."""
    voices = system.voices
    cells, auditors = system.rough(values, _DRAWS, rng)
    cell, auditor = cells[:, 0], auditors[:, 0]
    heard = cells[voices.cell] + auditors[voices.auditor]
    voice_spread = (heard[:, 1:] ** 2).mean(axis=1)
    auditor_spread = (auditors[:, 1:] ** 2).sum() / _DRAWS
    centred = int(system.group.max(initial=NO_GROUP)) + 1
    by_auditor = max(voices.auditors - centred - auditor_spread / system.variances.auditor, 0)
    by_field = max(float(system.weight @ voice_spread) - by_auditor - 1, 0)
    roughness = float(cell @ system.prior.roughness_times(cell[:, None])[:, 0])
    squares = (values - heard[:, 0]) ** 2 + voice_spread
    return replace(
        _split(system, squares, held),
        field=_pull(roughness, by_field, held.field),
        auditor=_pull(float(auditor @ auditor), by_auditor, held.auditor),
    )


def _split(system: System, squares: Floats, held: Variances) -> Variances:
    """Return variances with the expected squares of voices split into those of pairs and of audits."""
    voices, now = system.voices, system.variances
    audit = now.audit / voices.size
    whole = now.pair + audit
    both = now.pair * audit / whole
    of_pairs = (now.pair / whole) ** 2 * squares + both
    of_audits = voices.size * ((audit / whole) ** 2 * squares + both)
    count = len(voices.size)
    freedom = count + int(voices.freedom.sum())
    return replace(
        now,
        pair=_pull(float(of_pairs.sum()), count, held.pair),
        audit=_pull(float(of_audits.sum() + voices.rest.sum()), freedom, held.audit),
    )


def _pull(squares: float, freedom: float, held: float) -> float:
    return float((squares + _PRIOR_WEIGHT * held) / (freedom + _PRIOR_WEIGHT))
