"""A13: many ask at once and are killed; one question is asked again and again; neighbours are told apart."""

import signal
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import beta

from analysis.disclosure import aggregate as gate
from analysis.disclosure.aggregate import Terms, aggregate
from analysis.disclosure.contributions import HALF_SCALE, Contributions, bounded
from tests.attacks.askers import answer_one, ask_at_once
from tests.attacks.attack import Attack
from tests.attacks.conftest import AT_SIZE, Tell
from tests.server.aggregating.conftest import Researcher
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import people_of_a_summer

LIMIT = 4.0
ASKED = [
    {**said, "period": "2025Q3", "epsilon": 0.25}
    for measure, resolution, most in product(("auditors", "lighting", "feeling"), (5, 6, 7, 8), (1, 2, 4, 8))
    for said in [{"measure": measure, "resolution": resolution, "places_per_auditor": most}]
]
FIFTY = [*ASKED, *ASKED[:2]]


@pytest.fixture
def researcher(town: Town) -> Researcher:
    people_of_a_summer(town, places=3)
    return Researcher(town)


def _spent(researcher: Researcher) -> float:
    """Return what was spent by the questions that are kept, or by the ledger where that is more."""
    [(by_question, by_ledger)] = researcher.query(
        "SELECT (SELECT sum(epsilon) FROM aggregate), (SELECT sum(spent) FROM privacy_budget)"
    )
    return float(max(by_question, by_ledger))


def test_a13_fifty_ask_at_once_and_some_are_killed(
    researcher: Researcher, database_url: str, tell: Tell
) -> None:
    ended = ask_at_once(database_url, FIFTY, careless=False)
    assert set(ended) == {0, -signal.SIGKILL}
    first = _spent(researcher)
    told = dict(researcher.query("SELECT aggregate_id, answer FROM aggregate WHERE answer IS NOT NULL"))
    town = researcher.town
    answers = [answer_one(town.database, town.city, said) for said in FIFTY]
    again = dict(researcher.query("SELECT aggregate_id, answer FROM aggregate"))
    assert {name: again[name] for name in told} == told, "no answer changes"
    assert None not in again.values(), "what was paid for is answered"
    assert len({str(one) for one in answers if one is not None}) == len(again) == 16
    ours = max(first, _spent(researcher))
    researcher.query("DELETE FROM aggregate RETURNING 1")
    researcher.query("DELETE FROM privacy_budget RETURNING 1")
    ask_at_once(database_url, FIFTY, careless=True)
    tell(
        Attack(
            name="A13 epsilon spent by fifty who ask at once, some of them killed",
            bound=LIMIT,
            ours=ours,
            weakened=_spent(researcher),
            weakness="looks what is left, then spends",
        )
    )


def test_a13_the_same_question_again_and_again(researcher: Researcher, tell: Tell) -> None:
    def different(forgetful: bool) -> int:
        seen = set()
        for _ in range(10):
            seen.add(str(researcher.answered(epsilon=0.1).answer))
            if forgetful:
                researcher.query("DELETE FROM aggregate RETURNING 1")
        return len(seen)

    tell(
        Attack(
            name="A13 different answers to one question, whose mean has less noise",
            bound=1,
            ours=different(forgetful=False),
            weakened=different(forgetful=True),
            weakness="forgets what it answered",
        )
    )


# --- neighbours: the same city with and without one person, many times over in one aggregate ---

TERMS = Terms(epsilon=1.0, most=1, top=3)
_DOUBT = 1e-4  # of calling a true epsilon broken, over all outcomes looked at; the noise cannot be seeded
_QUANTILES = (0.5, 0.8, 0.95)


def _cities(count: int, visits: Sequence[int], *, places: int) -> Contributions:
    """Return cities of two people each and, if there are any, one more, of the best levels, at her visits."""
    rows = [(0, 0, 1), (1, places - 1, 2), *((2, place, 3) for place in visits)]
    person, place, level = (np.array(column) for column in zip(*rows, strict=True))
    city = np.repeat(np.arange(count), len(rows))
    return Contributions(
        person=(np.tile(person, count) + 3 * city).astype(np.int32),
        place=np.tile(place, count) + places * city,
        level=np.tile(level, count).astype(np.int8),
        places=places * count,
        top=3,
    )


def _suspicion(told: Contributions, count: int, places: int) -> NDArray[np.float64]:
    """Return for each city how much likelier its outcome is with one person of the best levels everywhere."""
    drawn: list[NDArray[np.int64]] = []
    real = gate.laplace

    def watched(exact: NDArray[np.int64], **noise: Any) -> NDArray[np.int64]:
        drawn.append(real(exact, **noise))
        return drawn[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "laplace", watched)
        aggregate(told, TERMS, rng=np.random.default_rng())
    without = bounded(_cities(1, (), places=places), most=TERMS.most, rng=np.random.default_rng())
    found = np.zeros(count)
    for noisy, exact, part, one in zip(drawn, without, TERMS.parts, (1, HALF_SCALE), strict=True):
        distance = noisy.reshape(count, places) - exact
        found += ((np.abs(distance) - np.abs(distance - one)) / part.scale).sum(axis=1)
    return found


def _proven_epsilon(count: int, visits: Sequence[int]) -> float:
    """Return what the log-ratio of an outcome's probabilities, with her and without, surely is at least.

    Outcomes are chosen by one half of the cities and counted in the other (Clopper and Pearson 1934).
    """
    places = len(set(visits))
    with_her, without = (
        _suspicion(_cities(count, made, places=places), count, places) for made in (visits, ())
    )
    half, ratios = count // 2, []
    alpha = _DOUBT / (4 * len(_QUANTILES))
    for one, other in ((with_her, without), (-without, -with_her)):
        for quantile in _QUANTILES:
            least = np.quantile(one[:half], quantile)
            hits, others = (int((found[half:] >= least).sum()) for found in (one, other))
            low = beta.ppf(alpha, hits, half - hits + 1)
            high = beta.ppf(1 - alpha, others + 1, half - others)
            ratios.append(float(np.log(low / high)))
    return max(ratios)


def _half_the_noise(patch: pytest.MonkeyPatch) -> None:
    real = gate.laplace

    def less(exact: NDArray[np.int64], *, sensitivity: int, epsilon: float) -> NDArray[np.int64]:
        return real(exact, sensitivity=sensitivity, epsilon=2 * epsilon)

    patch.setattr(gate, "laplace", less)


def _no_bound_on_places(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(gate, "bounded", lambda told, *, most, rng: bounded(told, most=100 * most, rng=rng))


def _rows_as_people(patch: pytest.MonkeyPatch) -> None:
    def by_row(told: Contributions, **how: Any) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return bounded(replace(told, person=np.arange(len(told.person), dtype=np.int32)), **how)

    patch.setattr(gate, "bounded", by_row)


@pytest.mark.parametrize(
    ("who", "visits", "cities", "weaken", "weakness"),
    [
        ("a person", (0,), 12_000, _half_the_noise, "half the noise"),
        ("one at eight places", range(8), 2_000, _no_bound_on_places, "no bound on a person's places"),
        ("one with five audits", (0,) * 5, 12_000, _rows_as_people, "each audit has a value"),
    ],
)
def test_a13_one_person_more_or_less(
    who: str,
    visits: Sequence[int],
    cities: int,
    weaken: Callable[[pytest.MonkeyPatch], None],
    weakness: str,
    tell: Tell,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cities *= 5 if AT_SIZE else 1
    ours = _proven_epsilon(cities, visits)
    weaken(monkeypatch)
    tell(
        Attack(
            name=f"A13 epsilon (1 is spent) that outcomes with and without {who} prove",
            bound=TERMS.epsilon,
            ours=ours,
            weakened=_proven_epsilon(cities, visits),
            weakness=weakness,
        )
    )
