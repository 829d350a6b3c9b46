"""A town whose public addresses somebody asks night after night, beside a twin where who waits never came."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import numpy as np

from analysis.disclosure.admission import wave_size
from geo import cells
from server.publishing.analyse_city import analyse_city
from server.queries.audits import end_audits
from tests.server.public_addresses import CELLS, Answers, answers, features
from tests.server.publishing.conftest import NOW, Town

PLACES = 4
Facts = dict[tuple[str, str], tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """One audit of a place."""

    id: UUID
    who: UUID
    place: int
    level: int
    daypart: int
    at: datetime
    came: datetime
    """When it was imported: those of one night together, on no other day."""


@dataclass
class Batch:
    """What entered one place together; apart by day and night only where nobody is found by it."""

    visits: list[Visit]
    apart: bool


@dataclass
class Admitted:
    """The admission rule, kept by hand: which visits may be told of, and which wait."""

    k: int
    wave: int
    """So many places must be ready, or k people have come to one on one night."""
    waiting: dict[int, list[Visit]] = field(default_factory=lambda: defaultdict(list))
    entered: dict[int, list[Batch]] = field(default_factory=lambda: defaultdict(list))
    hidden: set[int] = field(default_factory=set)

    def enter(self) -> list[Visit]:
        """Let those enter who are k people in one place, if it is time; return their visits."""
        ready = [place for place, those in self.waiting.items() if _people(those) >= self.k]
        if len(ready) < self.wave:
            ready = [place for place in ready if self._together(self.waiting[place])]
        for place in ready:
            visits = self.waiting.pop(place)
            apart = place not in self.hidden and all(map(self._none_or_k, _by_hour(visits)))
            self.entered[place].append(Batch(visits, apart))
        self.hidden -= set(ready)
        return [visit for place in ready for visit in self.entered[place][-1].visits]

    def end(self, visit: Visit) -> bool:
        """Take a visit out; return whether it may have been told of."""
        if visit in self.waiting[visit.place]:
            self.waiting[visit.place].remove(visit)
            return False
        [batch] = (one for one in self.entered[visit.place] if visit in one.visits)
        batch.visits.remove(visit)
        batch.apart = False
        self.hidden.add(visit.place)
        return True

    def told(self, place: int, layer: str) -> frozenset[Visit]:
        """Return the visits that a layer of cells knows of a place; none where it shows nothing."""
        batches = [] if place in self.hidden else self.entered[place]
        if layer == "cells":
            return frozenset(visit for batch in batches for visit in batch.visits)
        apart = [visit for batch in batches if batch.apart for visit in batch.visits]
        rest = [visit for batch in batches if not batch.apart for visit in batch.visits]
        parts = _by_hour(apart)
        shown = all(map(self._none_or_k, (*parts, rest)))
        return frozenset(parts[layer == "cells-night"]) if shown else frozenset()

    def _together(self, visits: Sequence[Visit]) -> bool:
        nights = {visit.came for visit in visits}
        return any(_people(one for one in visits if one.came == night) >= self.k for night in nights)

    def _none_or_k(self, visits: Sequence[Visit]) -> bool:
        return _people(visits) in (0, *range(self.k, len(visits) + 1))


class PublicNights:
    """What was asked for each night, and what told of fewer than k people."""

    def __init__(self, town: Town, twin: Town, home: Path, *, crowd: Sequence[UUID], seed: int) -> None:
        self.town, self.twin, self.home, self.crowd = town, twin, home, crowd
        self.rng, self.rule = np.random.default_rng(seed), Admitted(town.city.k, wave_size(0))
        self.visits: list[Visit] = []
        self.asked = 0
        self.differing: list[str] = []
        """Addresses whose answer is not the twin's."""
        self.behind: list[int] = []
        """People through whom each change of a count, month or presence of a cell came about."""

    def live(self, nights: int, *, share: int = 1) -> None:
        """Let people audit and withdraw, and a run follow, night after night.

        Each night every public address is asked, or one in `share`, others the next night.
        """
        facts: Facts = {}
        for night in range(nights):
            earlier = {key: self.rule.told(*key) for key in self._keys()}
            came = self._audit(NOW - timedelta(days=nights - night))
            if night % 4 == 3:
                self._end_one()
            _keep(self.twin, self.rule.enter())
            mine, other = self._answers(night, share)
            self.asked += len(mine)
            self.differing += [one for one in mine.keys() | other.keys() if mine.get(one) != other.get(one)]
            facts, before = self._facts(mine), facts
            self.behind += list(self._causes(before, facts, earlier, came))

    def _answers(self, night: int, share: int) -> tuple[Answers, Answers]:
        both = []
        for town in (self.town, self.twin):
            analyse_city(town.database, town.city)
            both.append(answers(town, self.home, share=share, turn=night))
        return both[0], both[1]

    def _audit(self, moment: datetime) -> dict[int, set[UUID]]:
        """Let a few people audit some places, now and then k at once; return who came where."""
        came: dict[int, set[UUID]] = {}
        for place in self.rng.permutation(PLACES)[:3].tolist():
            count = int(self.rng.choice([1, 2, 4, 7], p=(0.3, 0.3, 0.25, 0.15)))
            hour, level = int(self.rng.integers(2)), int(self.rng.integers(4))
            near = self.rng.choice(len(self.crowd), size=count, replace=False).tolist()
            made = [self._visit(self.crowd[one], place, level, hour, moment) for one in near]
            came[place] = {visit.who for visit in made}
            self.rule.waiting[place] += made
            _keep(self.town, made)
        return came

    def _visit(self, who: UUID, place: int, level: int, hour: int, came: datetime) -> Visit:
        id_ = UUID(bytes=self.rng.bytes(16), version=4)
        at = NOW - timedelta(days=len(self.visits) + 2)
        one = Visit(id=id_, who=who, place=place, level=level, daypart=hour, at=at, came=came)
        self.visits.append(one)
        return one

    def _end_one(self) -> None:
        one = self.visits.pop(int(self.rng.integers(len(self.visits))))
        _end(self.town, one)
        if self.rule.end(one):
            _end(self.twin, one)

    def _facts(self, told: Answers) -> Facts:
        """Return what is told exactly of each cell: that it is shown, lower bounds, the last month."""
        names = ("auditors_min", "audits_min", "last_audit")
        return {
            (layer, feature["id"]): tuple(feature["properties"][name] for name in names)
            for layer in CELLS
            for feature in features(told, self.town, layer)
        }

    def _causes(
        self,
        before: Facts,
        facts: Facts,
        earlier: dict[tuple[int, str], frozenset[Visit]],
        came: dict[int, set[UUID]],
    ) -> Iterator[int]:
        for place, layer in self._keys():
            key = (layer, cells.to_text(self.town.cell(place)))
            if before.get(key) != facts.get(key):
                changed = self.rule.told(place, layer) ^ earlier[place, layer]
                yield _people(changed) or len(came.get(place, ()))

    def _keys(self) -> Iterator[tuple[int, str]]:
        return ((place, layer) for place in range(PLACES) for layer in CELLS)


def _keep(town: Town, visits: Iterable[Visit]) -> None:
    for one in visits:
        told = {"audit_id": one.id, "daypart": one.daypart, "at": one.at, "received": one.came}
        town.audit([one.who], one.place, one.level, **told)


def _end(town: Town, visit: Visit) -> None:
    with town.database.transaction() as connection:
        end_audits(connection, city_id=town.city.city_id, ids=[visit.id], state="withdrawn")


def _people(visits: Iterable[Visit]) -> int:
    return len({visit.who for visit in visits})


def _by_hour(visits: Sequence[Visit]) -> tuple[list[Visit], list[Visit]]:
    """Return the visits by day and those by night."""
    day, night = ([visit for visit in visits if visit.daypart == part] for part in (0, 1))
    return day, night
