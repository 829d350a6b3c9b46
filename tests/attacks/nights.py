"""A town whose public layers somebody saves night after night, and what can be had of them."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from analysis.by_gender import GROUPS, gender_part
from geo.sun import Daypart
from server.publishing import analyse_city as making
from server.publishing.admitting import Admission
from server.publishing.finding import Finding
from server.publishing.knowledge import Knowledge
from server.queries.audits import end_audits
from tests.server.publishing.conftest import NOW, Town

PLACES = 4
_GENDERS = ("woman", "man", None)
_IN_INDIA = timedelta(hours=5, minutes=30)
_EPOCH = 719_163
Sets = dict[str, frozenset[int]]


class Nights:
    """What the public model of each night knew of each cell, audit by audit; the rest of a run is left out.

    Audits are told from each other by their days. What layers tell of a cell, by hour or of women and men, is
    no more than sums over the sets kept here.
    """

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch, *, seed: int) -> None:
        self.town, self.rng = town, np.random.default_rng(seed)
        self.crowd = [(one, sex) for sex in _GENDERS for one in town.people(16, gender=sex)]
        self.who: dict[int, UUID] = {}
        self.ids: dict[int, UUID] = {}
        self.told: list[dict[int, Sets]] = []
        monkeypatch.setattr(making, "find", self._find)

    def _find(self, knowledge: Knowledge, admission: Admission, **_: Any) -> Finding:
        if admission.shown or knowledge.instrument_id == "safetipin-9":
            self.told.append(_sets_by_cell(admission))
        return Finding(
            instrument_id=knowledge.instrument_id,
            layers=[],
            admission=admission,
            effects=[],
            trusted=None,
            parameters={},
        )

    def live(self, nights: int, *, ends_every: int | None = None) -> None:
        """Let some people audit some places each day, and a run follow; now and then an audit ends."""
        for night in range(nights):
            if ends_every and night % ends_every == ends_every - 1:
                self._end_one()
            for place in self.rng.permutation(PLACES)[:2].tolist():
                self._audit(place)
            making.analyse_city(self.town.database, self.town.city)

    def _audit(self, place: int) -> None:
        """Let from one to a dozen people audit a place, mostly of one kind and at one hour."""
        count = int(self.rng.choice([1, 2, 5, 7, 12], p=(0.3, 0.2, 0.2, 0.2, 0.1)))
        kind, hour = int(self.rng.integers(len(_GENDERS))), int(self.rng.integers(2))
        near = [one for one, sex in self.crowd if sex == _GENDERS[kind]]
        people = near if self.rng.random() < 0.5 else [one for one, _ in self.crowd]
        for index in self.rng.choice(len(people), size=count, replace=False).tolist():
            part = hour if self.rng.random() < 0.8 else 1 - hour
            moment = NOW - timedelta(days=len(self.who) + 2)
            [id_] = self.town.audit([people[index]], place, daypart=part, at=moment, received=NOW)
            day = (moment + _IN_INDIA).date().toordinal() - _EPOCH
            self.who[day], self.ids[day] = people[index], id_

    def _end_one(self) -> None:
        public = sorted({day for sets in self.told[-1].values() for days in sets.values() for day in days})
        if public:
            one = self.ids[int(self.rng.choice(public))]
            with self.town.database.transaction() as connection:
                end_audits(connection, city_id=self.town.city.city_id, ids=[one], state="erased")

    def states(self) -> Iterator[list[frozenset[int]]]:
        """Yield for each cell all sets of audits that any night told the sums of."""
        for cell in {cell for night in self.told for cell in night}:
            yield sorted(
                {days for night in self.told for days in night.get(cell, {}).values() if days}, key=sorted
            )

    def nightly_states(self) -> Iterator[list[frozenset[int]]]:
        """Yield for each cell and night the sets of audits that this night told the sums of."""
        for night in self.told:
            for sets in night.values():
                yield sorted({days for days in sets.values() if days}, key=sorted)

    def people(self, days: frozenset[int]) -> int:
        """Return how many people made these audits."""
        return len({self.who[day] for day in days})

    def fewest_by_differences(self) -> int:
        """Return how many people the smallest difference of two states of a cell has, or a state itself."""
        found = [one ^ other for states in self.states() for one, other in combinations(states, 2)]
        found += [one for states in self.states() for one in states]
        return min(self.people(days) for days in found)

    def fewest_solved(self, states: Iterator[list[frozenset[int]]]) -> int:
        """Return how many people the smallest part has whose own sum the sums of all states determine."""
        return min((self.people(part) for told in states for part in solved_parts(told)), default=0)


def _sets_by_cell(admission: Admission) -> dict[int, Sets]:
    known = admission.observations
    masks = {"all": np.ones(len(known), dtype=np.bool_)}
    masks |= {part.name: admission.split & (known.daypart == part) for part in (Daypart.DAY, Daypart.NIGHT)}
    groups = gender_part(known.gender)
    masks |= {name: admission.by_gender & (groups == place) for place, name in enumerate(GROUPS)}
    return {
        int(cell): {
            name: frozenset(known.observed_day[mask & (known.cell == cell)].tolist())
            for name, mask in masks.items()
        }
        for cell in np.unique(known.cell)
    }


def solved_parts(told: list[frozenset[int]]) -> Iterator[frozenset[int]]:
    """Yield the parts whose sums follow from the sums of sets.

    A part are audits that are in the same sets; it follows where its indicator is in the row space.
    """
    parts: dict[frozenset[int], set[int]] = {}
    for audit in frozenset().union(*told):
        parts.setdefault(frozenset(at for at, days in enumerate(told) if audit in days), set()).add(audit)
    within = np.array([[at in signature for signature in parts] for at in range(len(told))], dtype=float)
    weights, *_ = np.linalg.lstsq(within.T, np.eye(len(parts)), rcond=None)
    off = np.abs(within.T @ weights - np.eye(len(parts))).max(axis=0)
    yield from (frozenset(part) for part, far in zip(parts.values(), off.tolist(), strict=True) if far < 1e-6)
