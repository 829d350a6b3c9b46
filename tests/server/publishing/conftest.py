"""People who audit: devices and audits put into the store as intake leaves them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import insert, text

from geo import cells
from server.cities import City
from server.database import Database
from server.models.audit import audit
from server.models.campaign import campaign
from server.models.device import device, profile
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from server.services.tokens import new_token, token_hash

INSTRUMENT = "safetipin-9"
NOW = datetime.now(UTC)
Level = int | Sequence[int]


@dataclass(frozen=True)
class Town:
    """A city whose people can be told what to do."""

    database: Database
    city: City

    def cell(self, place: int) -> int:
        """Return one of the cells around the centre, numbered from 0; neighbours have near numbers."""
        centre = cells.cell_of(28.60, 77.25, resolution=self.city.resolution)
        return int(cells.disc(centre, k=8)[place])

    def people(
        self,
        count: int,
        *,
        origin: str = "import",
        enrolled: datetime = NOW - timedelta(days=100),
        campaign_id: UUID | None = None,
        gender: str | None = None,
    ) -> list[UUID]:
        """Add devices and return their ids."""
        rows = [
            {"device_id": uuid4(), "origin": origin, "enrolled_at": enrolled, "campaign_id": campaign_id}
            for _ in range(count)
        ]
        with self.database.transaction() as connection:
            connection.execute(insert(device), [{"city_id": self.city.city_id, **row} for row in rows])
            if gender:
                connection.execute(
                    insert(profile).values(gender=gender, city_id=self.city.city_id),
                    [{"device_id": row["device_id"]} for row in rows],
                )
        return [row["device_id"] for row in rows]

    def campaign(self, *, headcount: int | None, hours: float = 3.0) -> UUID:
        """Add a campaign of the last hours and return its id."""
        campaign_id = uuid4()
        with self.database.transaction() as connection:
            connection.execute(
                insert(campaign).values(
                    city_id=self.city.city_id,
                    campaign_id=campaign_id,
                    name="walk",
                    starts_at=NOW - timedelta(hours=hours),
                    ends_at=NOW,
                    confirmed_headcount=headcount,
                    token_hash=token_hash(new_token("campaign")),
                )
            )
        return campaign_id

    def audit(self, who: Iterable[UUID], place: int, level: Level = 2, **values: Any) -> list[UUID]:
        """Let each of some people audit a place once; return the ids of the audits."""
        return self.audits([(one, place, level) for one in who], **values)

    def audits(
        self,
        told: Iterable[tuple[UUID, int, Level]],
        *,
        at: datetime | None = NOW - timedelta(hours=1),
        received: datetime | None = None,
        **values: Any,
    ) -> list[UUID]:
        """Keep audits of (who, place, level of every rating or all levels); return their ids."""
        instrument = self.city.current(INSTRUMENT).instrument
        rows = [
            {
                "city_id": self.city.city_id,
                "audit_id": uuid4(),
                "version": 1,
                "device_id": one,
                "content_hash": bytes(32),
                "received_at": received or at or NOW,
                "instrument_id": instrument.id,
                "instrument_version": instrument.version,
                "cell": _within(self.cell(place)),
                "observed_at": at,
                "daypart": 1,
                "ratings": [level] * len(instrument.ratings) if isinstance(level, int) else list(level),
                "used": True,
                "flags": [],
                **values,
            }
            for one, place, level in told
        ]
        with self.database.transaction() as connection:
            connection.execute(insert(audit), rows)
        return [row["audit_id"] for row in rows]

    def rows(self, run_id: int, *, audience: str | None = None) -> list[tuple[object, ...]]:
        """Return every row of a run's layers, as text, in order."""
        query = text("""
            SELECT layer.instrument_id, layer, audience, feature_id, cell, ST_AsText(geom), properties::text
            FROM layer JOIN layer_row USING (city_id, run_id, instrument_id, layer)
            WHERE city_id = :city_id AND run_id = :run_id AND (audience = :audience OR :audience IS NULL)
            ORDER BY 1, 2, 4""")
        values = {"city_id": self.city.city_id, "run_id": run_id, "audience": audience}
        with self.database.transaction() as connection:
            return [tuple(row) for row in connection.execute(query, values)]

    def shown(self, run_id: int, layer: str = "cells") -> set[int]:
        """Return the numbers of the places that a layer of cells shows."""
        place = {cells.to_text(self.cell(number)): number for number in range(217)}
        return {place[str(row[3])] for row in self.rows(run_id) if row[1] == layer}


def _within(cell: int) -> int:
    """Return a cell of resolution 11 whose parent is the cell."""
    inside = cells.covering(cells.polygon(cell), resolution=11)
    return int(inside[cells.parent(inside, resolution=int(cells.resolution_of(cell))) == cell][0])


def scattered(town: Town, *, auditors: int, places: int, seed: int) -> None:
    """Let people of an import audit places, those in the middle worse."""
    rng = np.random.default_rng(seed)
    people = town.people(auditors)
    told = [
        (people[index], place, int(rng.integers(0, 2) if place < 19 else rng.integers(1, 4)))
        for place in range(places)
        for index in rng.choice(auditors, size=7, replace=False)
    ]
    town.audits(told)


def overlapping_zones(town: Town) -> None:
    """Load three sets that overlap: all, two halves that share a third, and one zone for each cell."""
    here = [town.cell(place) for place in range(4)]

    def around(places: list[int]) -> MultiPolygon:
        return MultiPolygon([*cells.outline(np.array([here[place] for place in places])).geoms])

    west, south, east, north = town.city.area.bounds
    sets = {
        "all": {"all": MultiPolygon([shapely.box(west, south, east, north)])},
        "halves": {"a": around([0, 1, 2]), "b": around([1, 2, 3])},
        "single": {str(place): around([place]) for place in range(4)},
    }
    with town.database.transaction() as connection:
        for name, areas in sets.items():
            shapes = [ZoneShape(name=zone, area=area) for zone, area in areas.items()]
            replace_zones(connection, city_id=town.city.city_id, described=ZoneSet(name=name), shapes=shapes)


@pytest.fixture
def town(database: Database, terse_city: City) -> Town:
    return Town(database, terse_city)


@pytest.fixture
def busy_town(town: Town) -> Town:
    """A town of 91 places whose middle is unsafe."""
    scattered(town, auditors=30, places=91, seed=1)
    return town
