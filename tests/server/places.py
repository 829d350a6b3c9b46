"""A town with everything a report tells of, analysed once; one without anything, one never analysed."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
import shapely
from shapely.geometry import MultiPolygon

from geo import cells
from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.publishing.analyse_city import analyse_city
from server.queries.interventions import Terms
from server.queries.reference import ReferenceFeature, ReferenceSet, replace_reference
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from server.report.published import Published, find_layers, read_published
from server.services.plan_intervention import plan_intervention
from tests.conftest import TEMPLATE, make_city
from tests.server.publishing.conftest import INSTRUMENT, Town

AGENCIES = {"lighting": "Power Board", "walk_path": "Roads & Paths <Dept>"}


@dataclass(frozen=True)
class Places:
    """A store with `testville`; `emptyville`, analysed without anything; `othertown`, without a run."""

    url: str
    database: Database
    cities: CityDirectory

    @property
    def city(self) -> City:
        return self.cities.get("testville")

    @property
    def middle(self) -> float:
        """The longitude where the zones West and East meet."""
        return float(cells.polygon(Town(self.database, self.city).cell(0)).centroid.x)

    def published(self, *, planner: bool, slug: str = "testville") -> Published:
        city = self.cities.get(slug)
        with self.database.layer_reading() as connection:
            layers = find_layers(connection, city, planner=planner)
            return read_published(connection, city, layers, planner=planner)


@pytest.fixture(scope="session")
def places(cluster: Cluster) -> Iterator[Places]:
    name = f"test_{os.getpid()}_report"
    cluster.create_database(name, template=TEMPLATE)
    url = cluster.database_url(name)
    database = connect(url, pool_size=4)
    area = MultiPolygon([shapely.box(77.22, 28.57, 77.28, 28.63)])
    make_city(database, "testville", area=area, settings={"agencies": AGENCIES})
    make_city(database, "othertown", area=MultiPolygon([shapely.box(36.75, -1.35, 36.85, -1.25)]))
    make_city(
        database, "emptyville", area=MultiPolygon([shapely.box(10, 10, 10.05, 10.05)]), languages=["ar"]
    )
    found = Places(url=url, database=database, cities=CityDirectory(database))
    town = Town(database, found.city)
    _audit(town)
    _load_surroundings(town)
    for slug in ("testville", "emptyville"):
        analyse_city(database, found.cities.get(slug))
    yield found
    database.dispose()
    cluster.drop_database(name)


def _audit(town: Town) -> None:
    """Let women and men audit 91 places by day and by night; 19 lack light and more, others a walk path."""
    rng = np.random.default_rng(7)
    asked = [rating.name for rating in town.city.current(INSTRUMENT).instrument.ratings]
    groups = [town.people(14, gender=gender) for gender in ("woman", "man")]
    for daypart in (0, 1):
        told = []
        for place in range(91):
            for people in groups:
                for index in rng.choice(len(people), size=6, replace=False):
                    levels = rng.integers(1, 4, len(asked))
                    if place < 19:
                        levels[:5] = rng.integers(0, 2, 5)
                    if 70 <= place < 80:
                        levels[5:] = 0
                    told.append((people[index], place, levels.tolist()))
        town.audits(told, daypart=daypart)


def _load_surroundings(town: Town) -> None:
    west, south, east, north = town.city.area.bounds
    x, y = cells.polygon(town.cell(0)).centroid.coords[0]
    halves = {"West": shapely.box(west, south, x, north), "East": shapely.box(x, south, east, north)}
    streets = {
        "Mall Road": shapely.LineString([(west, y), (east, y)]),
        "Bank & Sons Street": shapely.LineString([(x, south), (x, north)]),
    }
    city_id = town.city.city_id
    with town.database.transaction() as connection:
        replace_zones(
            connection,
            city_id=city_id,
            described=ZoneSet(name="wards", licence=None, attribution=None),
            shapes=[ZoneShape(name=name, area=MultiPolygon([area])) for name, area in halves.items()],
        )
        replace_reference(
            connection,
            city_id=city_id,
            described=ReferenceSet(kind="streets", name="osm"),
            features=[
                ReferenceFeature(
                    id=name,
                    geom=shapely.to_wkb(line, hex=True),
                    label=name,
                    owner="Port Trust",
                    amount=None,
                    occurred_at=None,
                    properties={},
                )
                for name, line in streets.items()
            ],
        )
        terms = Terms(
            instrument_id=INSTRUMENT,
            name="Lamps",
            kind="street lights",
            area=MultiPolygon([cells.polygon(town.cell(40))]),
            begins_on=datetime.now(UTC).date() + timedelta(days=9),
            follow_up_days=60,
            targets=("lighting",),
        )
        plan_intervention(connection, town.city, terms, today=datetime.now(UTC).date(), actor="operator")
