"""How much cells, auditors and single audits differ: restricted maximum likelihood, by fixed point."""

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from analysis.field.hearing import NO_GROUP, Groups, Hearing
from analysis.field.prior import Land, Prior
from analysis.field.squarem import extrapolated
from analysis.field.strangers import doubted, trusted
from analysis.field.system import System
from analysis.field.terms import Effects, Variances
from analysis.pairs import Voices

Floats = NDArray[np.float64]

PRIOR = Variances(field=0.2, own=0.02, auditor=0.08, pair=0.02, audit=0.2)
"""What composites on 0..3 show in simulation; decides where the data cannot, with the weight below."""
_PRIOR_TOP = 3.0
_PRIOR_WEIGHT = 4.0
"""Degrees of freedom for which the prior counts: gone in a city of hundreds of audits."""
_CYCLES = 12
_STEADY, _STEADY_BESIDE = 0.02, 0.002
"""What moves by less than this share has settled, its own error being larger, or by so much of an audit's."""
_KAPPAS = 0.01, 30.0
_FEWEST_DRAWS, _MOST_DRAWS, _DRAWS_BY_ROOT = 2, 200, 4500
"""Draws behind the traces of a round, by the root of the number of voices: where these are many, draws agree;
where they are few, estimates would be luck."""


def fit(land: Land, voices: Voices, group: Groups, *, top: float, rng: np.random.Generator) -> System:
    """Return the system of a city with its variances, estimated from the voices and held to PRIOR.

    Fields, own parts and auditors by the fixed point of the REML equations, variance = squares / effective
    number of parameters (Harville 1977, JASA 72), the numbers from draws; auditors in a cell and audits by
    EM; kappa so that the field varies as much as it should; crowds by IRLS, from trust in all. Values are
    taken around top/2, with a level of variance top^2/12, that of a uniform. Each round sees the same noise,
    so that the rounds settle.
    """
    held = Variances(**{name: value * (top / _PRIOR_TOP) ** 2 for name, value in vars(PRIOR).items()})
    seed = int(rng.integers(2**63))
    system = System(
        prior=Prior(land=land, variance=held.field, level=top**2 / 12),
        hearing=Hearing(voices=voices, group=group),
        variances=held,
        crowd=trusted(len(land), top=top),
    )
    effects = None
    for _ in range(_CYCLES):
        first, effects = _round(system, held, top, np.random.default_rng(seed), effects)
        if _steady(system, first):
            system = first
            break
        second, effects = _round(first, held, top, np.random.default_rng(seed), effects)
        system = _with(second, extrapolated(*(_logarithms(one) for one in (system, first, second))))
    assert effects is not None  # noqa: S101 (there are cycles)
    return system.settled(voices.mean - top / 2, effects.columns(slice(0, 1)), top=top)


def _logarithms(system: System) -> Floats:
    return np.log([*vars(system.variances).values(), system.prior.kappa])


def _with(system: System, logarithms: Floats) -> System:
    *values, kappa = np.exp(logarithms).tolist()
    variances = Variances(**dict(zip(vars(system.variances), values, strict=True)))
    prior = replace(system.prior, variance=variances.field, kappa=min(max(kappa, _KAPPAS[0]), _KAPPAS[1]))
    return replace(system, variances=variances, prior=prior)


def _steady(before: System, after: System) -> bool:
    one, other = (np.array(list(vars(system.variances).values())) for system in (before, after))
    beside = _STEADY_BESIDE * after.variances.audit
    settled = np.abs(other - one) <= np.maximum(_STEADY * other, beside)
    kappas = before.prior.kappa, after.prior.kappa
    return bool(settled.all() and abs(np.log(kappas[1] / kappas[0])) <= 2 * _STEADY)


def _round(
    system: System, held: Variances, top: float, rng: np.random.Generator, start: Effects | None
) -> tuple[System, Effects]:
    """Return the system under the next variances, each held to its prior by the prior's weight.

    And the effects under those before: their mean, and draws around it.
    """
    values = system.voices.mean - top / 2
    draws = int(np.clip(_DRAWS_BY_ROOT / math.sqrt(max(len(values), 1)), _FEWEST_DRAWS, _MOST_DRAWS))
    effects = system.rough(values, draws, rng, start)
    found, drawn = effects.columns(slice(0, 1)), effects.columns(slice(1, None))
    said = system.said(effects)
    voice_spread = np.einsum("ij,ij->i", said[:, 1:], said[:, 1:], dtype=np.float64) / draws
    numbers = _numbers(system, drawn, float(system.weight @ voice_spread))
    roughness = float((found.rough * system.prior.roughness_times(found.rough)).sum())
    squares = (values - said[:, 0]) ** 2 + voice_spread
    variances = replace(
        _split(system, squares, held),
        field=_pull(roughness, numbers.field, held.field),
        own=_pull(_squares(found.own), numbers.own, held.own),
        auditor=_pull(_squares(found.auditor), numbers.auditor, held.auditor),
    )
    kappa = system.prior.kappa * _too_wide(system.prior, found.rough, drawn.rough)
    crowd = doubted(system.crowds, found.crowd[:, 0], cells=system.voices.cells, top=top)
    return _with(replace(system, crowd=crowd), np.log([*vars(variances).values(), kappa])), effects


def _too_wide(prior: Prior, mean: Floats, drawn: Floats) -> float:
    """Return how many times as wide the prior expects the field to vary as it does: 1 by REML's kappa."""
    if not len(mean):
        return 1.0
    varies = [_squares(part - part.mean(axis=0)) for part in (mean, drawn)]
    return prior.spread / sum(varies)


@dataclass(frozen=True, kw_only=True)
class _Numbers:
    """Effective numbers of parameters: those that the data decide."""

    field: float
    own: float
    auditor: float


def _numbers(system: System, drawn: Effects, whole: float) -> _Numbers:
    """Return the numbers behind variances; `whole`: of all effects, the level included."""
    heard = system.cell_weight > 0
    centred = int(system.hearing.group.max(initial=NO_GROUP)) + 1
    auditor = system.voices.auditors - centred - _squares(drawn.auditor) / system.variances.auditor
    own = float(heard.sum()) - _squares(drawn.own[heard]) / system.variances.own
    shared = system.crowds.shared
    spread = np.sqrt(system.cellwise.variance[shared])[:, None]
    crowd = float(shared.sum()) - _squares(drawn.crowd[shared] / spread)
    auditor, own, crowd = (max(number, 0.0) for number in (auditor, own, crowd))
    return _Numbers(field=max(whole - auditor - own - crowd - 1, 0), own=own, auditor=auditor)


def _squares(columns: Floats) -> float:
    """Return the sum of squares, in the mean over columns."""
    return float((columns**2).sum(dtype=np.float64) / columns.shape[1])


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
