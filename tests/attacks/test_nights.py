"""Attacks on the public layers of many nights, in a store."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from server.cities import CityDirectory
from server.publishing import admitting, knowledge
from server.queries.admission import StaleAdmissions, read_stale
from tests.attacks.attack import Attack
from tests.attacks.conftest import NIGHTS, Tell
from tests.attacks.nights import Nights
from tests.server.publishing.conftest import Town

K = 5
Live = Callable[..., Nights]


@pytest.fixture
def live(town: Town, cities: CityDirectory, monkeypatch: pytest.MonkeyPatch) -> Live:
    """Let the same people do the same in the same town; where a rule is replaced, in a twin of it."""

    def live_there(*rule: Any, seed: int, ends_every: int | None = None) -> Nights:
        there = Town(town.database, cities.get("othertown")) if rule else town
        with monkeypatch.context() as patch:
            if rule:
                patch.setattr(*rule)
            nights = Nights(there, patch, seed=seed)
            nights.live(NIGHTS, ends_every=ends_every)
        return nights

    return live_there


def _split_all(entering: Any, *_: Any, **__: Any) -> Any:
    return np.ones((2, len(entering)), dtype=np.bool_)


def _admit_all(*, counted: Any, **_: Any) -> Any:
    return counted


def _nothing_is_stale(*where: Any, **options: Any) -> StaleAdmissions:
    found = read_stale(*where, **options)
    return StaleAdmissions(audit=found.audit[:0], cell=found.cell[:0])


def _tell(tell: Tell, name: str, *, ours: int, weakened: int, weakness: str) -> None:
    tell(Attack(name=name, bound=K, ours=ours, weakened=weakened, weakness=weakness, at_least=True))


def test_a6_every_filter_of_a_night(live: Live, tell: Tell) -> None:
    ours = live(seed=6)
    weak = live(admitting, "_split", _split_all, seed=6)
    _tell(
        tell,
        "A6 people in the smallest sum that the filters of a night determine",
        ours=ours.fewest_solved(ours.nightly_states()),
        weakened=weak.fewest_solved(weak.nightly_states()),
        weakness="tells hours and genders apart always",
    )


def test_a15_nights_subtracted(live: Live, tell: Tell) -> None:
    ours = live(seed=15)
    weak = live(admitting, "admit", _admit_all, seed=15)
    _tell_of_all_nights(tell, "A15", ours, weak, weakness="admits who comes, no k together")


def test_a16_an_erasure_between_two_nights(live: Live, tell: Tell) -> None:
    ours = live(seed=16, ends_every=3)
    weak = live(knowledge, "read_stale", _nothing_is_stale, seed=16, ends_every=3)
    _tell_of_all_nights(tell, "A16 erasures:", ours, weak, weakness="shows the cell without the erased audit")


def _tell_of_all_nights(tell: Tell, number: str, ours: Nights, weak: Nights, *, weakness: str) -> None:
    _tell(
        tell,
        f"{number} people by whom any two states of a cell differ",
        ours=ours.fewest_by_differences(),
        weakened=weak.fewest_by_differences(),
        weakness=weakness,
    )
    _tell(
        tell,
        f"{number} people in the smallest sum that all nights determine",
        ours=ours.fewest_solved(ours.states()),
        weakened=weak.fewest_solved(weak.states()),
        weakness=weakness,
    )
