"""A town with audits of a summer: enough people in some places, few in others, late ones, new ones."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from sqlalchemy import text

from server.period import Period
from server.queries.releases import Release
from server.releasing.create_release import Order, create_release
from tests.server.publishing.conftest import Town

SECRET = b"a secret of the tests, long enough"
SUMMER = datetime(2025, 8, 1, 12, tzinfo=UTC)
MADE = datetime(2025, 10, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Archive:
    """A town and the folder in which its releases are kept."""

    town: Town
    home: Path

    def order(self, period: str = "2025Q3", **changes: Any) -> Order:
        order = Order(
            city=self.town.city,
            period=Period.of(period),
            instrument_id="safetipin-9",
            purpose=None,
            actor="operator",
        )
        return replace(order, **changes)

    def make(
        self, period: str = "2025Q3", *, now: datetime = MADE, progress: Any = None, **changes: Any
    ) -> Release:
        return create_release(
            self.town.database,
            self.order(period, **changes),
            home=self.home,
            secret=SECRET,
            now=now,
            **({} if progress is None else {"progress": progress}),
        )

    def folder(self, period: str = "2025Q3") -> Path:
        return self.order(period).folder(self.home)

    def left(self) -> list[str]:
        """Return the names of everything in the archive of the town."""
        folder = self.home / "releases" / self.town.city.slug
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def query(self, sql: str) -> list[Any]:
        with self.town.database.transaction() as connection:
            return list(connection.execute(text(sql)))


def people_of_a_summer(town: Town, *, people: int = 40, places: int = 19, seed: int = 3) -> list[UUID]:
    """Let people audit places near the centre, day and night; the farther out, the fewer."""
    rng = np.random.default_rng(seed)
    who = town.people(people // 2, gender="woman", enrolled=SUMMER) + town.people(
        people - people // 2, enrolled=SUMMER
    )
    for part in (0, 1):
        told = [
            (who[index], place, [int(level) for level in rng.integers(0, 4, 9)])
            for place in range(places)
            for index in rng.choice(people, size=max(people - 2 * place, 3), replace=False)
        ]
        town.audits(told, at=SUMMER + timedelta(hours=8 * part), daypart=part, mode="walk")
    apart = [
        (one, place, 1) for place in range(160, 217, 9) for one in rng.choice(who, size=6, replace=False)
    ]
    town.audits([(UUID(str(one)), place, level) for one, place, level in apart], at=SUMMER, daypart=0)
    return who


@pytest.fixture
def archive(town: Town, tmp_path: Path) -> Archive:
    return Archive(town, tmp_path)


@pytest.fixture
def summer(archive: Archive) -> Archive:
    """An archive with a summer's audits, not released yet."""
    people_of_a_summer(archive.town)
    return archive


@pytest.fixture
def town(database: Any, city: Any) -> Town:
    return Town(database, city)
