"""Whoever overlays zones of several sets, groups and nights finds groups of k people, never a person."""

from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from analysis.by_gender import GROUPS, gender_part
from analysis.disclosure import gate, visibility
from analysis.disclosure.columns import PUBLIC
from geo.sun import Daypart
from server.publishing import admitting, finding
from server.publishing.analyse_city import analyse_city
from server.queries.audits import end_audits

from .conftest import NOW, Town, overlapping_zones

K = 5
DAY, NIGHT = int(Daypart.DAY), int(Daypart.NIGHT)
BATCHES: tuple[dict[tuple[str | None, int], int], ...] = (
    {("woman", NIGHT): 5, ("man", NIGHT): 5},
    {("woman", DAY): 5, ("man", NIGHT): 6},
    {("woman", DAY): 5, ("man", DAY): 1, ("man", NIGHT): 5},
    {("woman", NIGHT): 6},
    {("woman", NIGHT): 3, ("man", NIGHT): 2},
    {("woman", DAY): 5, ("man", DAY): 5, ("other", DAY): 1},
    {("woman", NIGHT): 5, (None, NIGHT): 5},
    {("man", DAY): 4, ("woman", DAY): 1},
)
"""Who audits one cell between two runs: gender and hour."""


class Watch:
    """What stands behind each row of each run's public layers: audits, told from each other by their days."""

    def __init__(self, town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
        self.town = town
        self.who: dict[int, UUID] = {}
        self.ids: dict[int, UUID] = {}
        self.rows: list[dict[str, frozenset[int]]] = []
        analyse, by_gender, table = finding.analyse, finding.analyse_by_gender, gate.zone_table

        def watched(observations: Any, **options: Any) -> Any:
            if "split" in options:
                self.rows.append({})
                self.seen, self.parts = observations, np.full(len(observations), -1)
                self.hours = np.where(options["split"], observations.daypart, -1)
                self._tell_hours(options["split"])
            return analyse(observations, **options)

        def watched_by_gender(observations: Any, **options: Any) -> Any:
            self.parts = np.where(options["split"], gender_part(observations.gender), -1)
            return by_gender(observations, **options)

        def watched_table(variants: Any, zones: Any, precision: Any, **options: Any) -> Any:
            if precision is PUBLIC:
                self._tell_zones(variants, zones)
            return table(variants, zones, precision, **options)

        monkeypatch.setattr(finding, "analyse", watched)
        monkeypatch.setattr(finding, "analyse_by_gender", watched_by_gender)
        monkeypatch.setattr(gate, "zone_table", watched_table)

    def _tell(self, name: str, mask: Any) -> None:
        days = frozenset(self.seen.observed_day[mask].tolist())
        if days:
            self.rows[-1][name] = days

    def _tell_hours(self, split: Any) -> None:
        for cell in np.unique(self.seen.cell).tolist():
            here = self.seen.cell == cell
            self._tell(f"cell {cell}", here)
            for part in (Daypart.DAY, Daypart.NIGHT):
                self._tell(f"cell {cell} {part.name}", here & split & (self.seen.daypart == part))

    def _tell_zones(self, variants: Any, zones: Any) -> None:
        for group, variant in variants.items():
            of_group = self._of_group(group)
            for zone in zones:
                inside = np.isin(self.seen.cell, np.intersect1d(variant.estimates.cell, zone.cells))
                self._tell(f"{zone.set}/{zone.name} {group}", inside & of_group)

    def _of_group(self, group: str | None) -> Any:
        """Return which audits a row speaks of: everybody's, one gender's, or those of one half of the day."""
        if not group:
            return np.ones(len(self.seen), dtype=bool)
        if group.startswith("daypart:"):
            return self.hours == Daypart[group.removeprefix("daypart:").upper()]
        return self.parts == list(GROUPS).index(group)

    def audit(self, place: int, batch: dict[tuple[str | None, int], int]) -> None:
        for (gender, daypart), count in batch.items():
            for person in self.town.people(count, gender=gender):
                moment = NOW - timedelta(days=len(self.who) + 2)
                [id_] = self.town.audit([person], place, daypart=daypart, at=moment, received=NOW)
                day = (moment + timedelta(hours=5, minutes=30)).date().toordinal() - 719163
                self.who[day], self.ids[day] = person, id_

    def withdraw_one(self, rng: np.random.Generator) -> None:
        public = sorted({day for audits in self.rows[-1].values() for day in audits})
        with self.town.database.transaction() as connection:
            chosen = self.ids[int(rng.choice(public))]
            end_audits(connection, city_id=self.town.city.city_id, ids=[chosen], state="withdrawn")

    def people(self, days: frozenset[int]) -> int:
        return len({self.who[day] for day in days})

    def differences(self) -> list[tuple[str, str, int]]:
        """Return by how many people any two rows of any runs differ, and how many stand behind each."""
        told = {days: name for run in self.rows for name, days in run.items()}
        pairs = [(told[a], told[b], self.people(a ^ b)) for a, b in combinations(told, 2)]
        return pairs + [(name, "nothing", self.people(days)) for days, name in told.items()]

    def smallest_parts(self) -> list[int]:
        """Return for each run how many people the smallest part has that its rows together tell apart.

        A part are the audits that are in the same rows; any sum and difference of rows is one of whole parts.
        """
        smallest = []
        for run in self.rows:
            parts = defaultdict(set)
            for day in frozenset().union(*run.values()):
                parts[frozenset(name for name, days in run.items() if day in days)].add(day)
            smallest += [min(self.people(frozenset(part)) for part in parts.values())] if parts else []
        return smallest


def live(town: Town, watch: Watch, *, seed: int, nights: int) -> None:
    rng = np.random.default_rng(seed)
    overlapping_zones(town)
    for night in range(nights):
        if night % 4 == 3:
            watch.withdraw_one(rng)
        for place in rng.permutation(4)[:2].tolist():
            watch.audit(place, BATCHES[int(rng.integers(len(BATCHES)))])
        analyse_city(town.database, town.city)


def test_no_overlay_of_zones_groups_and_nights_leaves_fewer_than_k_people(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = Watch(town, monkeypatch)
    live(town, watch, seed=1, nights=9)
    found = [one for one in watch.differences() if one[-1]]
    assert len(found) > 500
    assert [one for one in found if one[-1] < K] == []
    assert min(watch.smallest_parts()) >= K
    names = {name for run in watch.rows for name in run}
    assert {"all/all gender:woman", "all/all gender:man", "single/0 "} <= names


def test_without_the_rule_a_person_is_found(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(entering: Any, stale: Any, *, k: int) -> Any:
        return honest(entering, stale, k=k)[0], np.ones(len(entering), dtype=bool)

    honest = admitting._split
    monkeypatch.setattr(admitting, "_split", careless)
    monkeypatch.setattr(visibility, "divisible", lambda audits, *_: np.ones(len(audits), dtype=bool))
    watch = Watch(town, monkeypatch)
    live(town, watch, seed=1, nights=5)
    assert min(count for *_, count in watch.differences() if count) < K
    assert min(watch.smallest_parts()) < K
