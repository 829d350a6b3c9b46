"""Whoever saves every nightly layer and subtracts them finds groups of k people, never a person."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from geo.sun import Daypart
from server.publishing import finding
from server.publishing.analyse_city import analyse_city
from server.queries.audits import end_audits
from server.queries.events import OPERATOR
from server.services.moderate import Act, hide_audit, moderate

from .conftest import NOW, Town

K = 5
DAYPARTS = {
    "cells": set(Daypart),
    "cells-day": {Daypart.DAY},
    "cells-night": {Daypart.NIGHT},
    "hotspots": set(Daypart),
    "hotspots-night": {Daypart.NIGHT},
}
BATCHES = ([5, 0, 0], [5, 1, 0], [4, 1, 0], [5, 5, 0], [1, 7, 0], [0, 6, 0], [5, 5, 1], [6, 0, 5], [3, 3, 3])
"""People who audit one cell between two runs: by day, by night, at a time unknown."""

Rows = dict[str, list[tuple[object, ...]]]


def public_rows(town: Town) -> Rows:
    """Make a run and return its public rows by layer."""
    rows = town.rows(analyse_city(town.database, town.city), audience="public")
    return {name: [row for row in rows if row[1] == name] for name in DAYPARTS}


def audit_batch(town: Town, place: int, counts: list[int], rng: np.random.Generator) -> None:
    """Let different people audit a place; each batch is of another severity, so that rows change."""
    level = int(rng.integers(0, 4))
    for daypart, count in enumerate(counts):
        if count:
            town.audit(town.people(count), place, level, daypart=daypart)


def test_every_changed_public_row_traces_to_k_people_admitted_in_its_daypart(town: Town) -> None:
    """One cell is audited between two runs, so that each change has one possible cause."""
    rng = np.random.default_rng(7)
    for place in range(19):
        audit_batch(town, place, [6, 6, 0], rng)
    before = public_rows(town)
    changed = dict.fromkeys(DAYPARTS, 0)
    for counts in rng.permutation(BATCHES * 2).tolist():
        audit_batch(town, int(rng.integers(0, 9)), counts, rng)
        after = public_rows(town)
        for layer, dayparts in DAYPARTS.items():
            if after[layer] != before[layer]:
                changed[layer] += 1
                people = sum(counts[daypart] for daypart in dayparts)
                assert people >= K, f"{layer} changed through {people} of {counts}"
        before = after
    assert min(changed["cells"], changed["cells-day"], changed["cells-night"]) >= 3


class Watch:
    """What the public models of each run knew: audits, told from each other by their days."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town = town
        self.who: dict[int, UUID] = {}
        self.ids: dict[int, UUID] = {}
        self.hidden: int | None = None
        self.known: list[dict[str, dict[int, frozenset[int]]]] = []
        honest = finding.analyse

        def watched(observations: Any, **options: Any) -> Any:
            if "split" in options:
                self.known.append(_by_cell(observations, options["split"]))
            return honest(observations, **options)

        monkeypatch.setattr(finding, "analyse", watched)

    def audit(self, place: int, counts: list[int]) -> None:
        for daypart, count in enumerate(counts):
            for person in self.town.people(count) if count else []:
                moment = NOW - timedelta(days=len(self.who) + 2)
                [id_] = self.town.audit([person], place, daypart=daypart, at=moment, received=NOW)
                day = (moment + timedelta(hours=5, minutes=30)).date().toordinal() - 719163
                self.who[day], self.ids[day] = person, id_

    def withdraw_one(self, rng: np.random.Generator) -> None:
        with self.town.database.transaction() as connection:
            ids = [self._public_one(rng)]
            end_audits(connection, city_id=self.town.city.city_id, ids=ids, state="withdrawn")

    def hide_one_or_restore(self, rng: np.random.Generator) -> None:
        """Let a moderator hide an audit, or restore what is hidden."""
        with self.town.database.transaction() as connection:
            if self.hidden is None:
                self.hidden = hide_audit(
                    connection, self.town.city, audit_id=self._public_one(rng), act=_act("hide")
                )
            else:
                moderate(connection, self.town.city, case_id=self.hidden, act=_act("restore"))
                self.hidden = None

    def _public_one(self, rng: np.random.Generator) -> UUID:
        public = sorted(day for audits in self.known[-1]["cells"].values() for day in audits)
        return self.ids[int(rng.choice(public))]

    def differences(self) -> Iterator[tuple[str, int, set[UUID]]]:
        """Yield the people by whom any two things known of a cell differ, at any two runs."""
        for cell in {cell for run in self.known for cell in run["cells"]}:
            told = {
                (name, audits)
                for run in self.known
                for name, cells in run.items()
                if (audits := cells.get(cell, frozenset()))
            }
            for (one, first), (other, second) in combinations(told, 2):
                yield f"{one}/{other}", cell, {self.who[day] for day in first ^ second}
            yield from ((name, cell, {self.who[day] for day in audits}) for name, audits in told)


def _act(action: str) -> Act:
    return Act(action=action, reason="because", actor=OPERATOR, now=NOW, secret=b"x" * 32)


def _by_cell(observations: Any, split: Any) -> dict[str, dict[int, frozenset[int]]]:
    """Return the audits that can be had of each cell: of the three models, and all without day and night."""
    day, night = (split & (observations.daypart == part) for part in (Daypart.DAY, Daypart.NIGHT))
    everything = np.ones(len(split), dtype=bool)
    sets = {"cells": everything, "day": day, "night": night, "rest": ~(day | night)}
    return {
        name: {
            int(cell): frozenset(observations.observed_day[mask & (observations.cell == cell)].tolist())
            for cell in np.unique(observations.cell[mask])
        }
        for name, mask in sets.items()
    }


def test_no_two_public_states_of_a_cell_differ_by_fewer_than_k_people(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    watch = Watch(town, monkeypatch)
    for night in range(16):
        if night % 3 == 2:
            watch.withdraw_one(rng)
        if night % 3 == 1:
            watch.hide_one_or_restore(rng)
        for place in (0, 1, 2):
            watch.audit(place, BATCHES[int(rng.integers(len(BATCHES)))])
        analyse_city(town.database, town.city)
    found = [(names, len(people)) for names, _, people in watch.differences() if people]
    assert len(found) > 100
    assert [(names, count) for names, count in found if count < K] == []
    assert {name for run in watch.known for name in run if run[name]} == {"cells", "day", "night", "rest"}
