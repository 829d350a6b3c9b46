"""A city with every layer, published once for all tests that only read what is published."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import shapely
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import MultiPolygon

from server.actors import Role
from server.app import create_app
from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import TENANT_ROLE, Database, connect
from server.layer_table import LayerTable
from server.publishing.analyse_city import analyse_city
from server.queries.interventions import Terms
from server.queries.layers import list_latest
from server.queries.reference import ReferenceFeature, ReferenceSet, replace_reference
from server.queries.zones import ZoneSet, ZoneShape, replace_zones
from server.services.create_key import create_key
from server.services.plan_intervention import plan_intervention
from server.services.read_layer import read_layer
from server.settings import Settings
from tests.conftest import TEMPLATE, make_city
from tests.server.publishing.conftest import INSTRUMENT, NOW, Town

PUBLIC_URL = "https://audits.example.org"


@dataclass(frozen=True)
class World:
    """A published city, the application that serves it, and what it must serve."""

    url: str
    town: Town
    app: Flask
    keys: Mapping[Role, str]
    tables: Mapping[str, LayerTable]
    """Every layer of the city's first instrument, by name."""
    served: Database
    """The store as the application sees it."""

    def disconnect(self) -> None:
        """Leave the database for a while: nobody may be connected to one that is copied."""
        self.served.dispose()
        self.town.database.dispose()

    def client(self) -> FlaskClient:
        return self.app.test_client()

    def asks_as(self, role: Role) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}


@contextmanager
def live_world(cluster: Cluster, home: Path) -> Iterator[World]:
    """Publish the city in a database of its own, served with `home` for its files."""
    name = f"test_{os.getpid()}_world"
    cluster.create_database(name, template=TEMPLATE)
    database = connect(cluster.database_url(name), pool_size=8)
    make_city(database, "testville", area=MultiPolygon([shapely.box(77.20, 28.55, 77.30, 28.65)]))
    make_city(database, "othertown", area=MultiPolygon([shapely.box(36.75, -1.35, 36.85, -1.25)]))
    cities = CityDirectory(database)
    town = Town(database, cities.get("testville"))
    _live(town)
    analyse_city(database, town.city)
    served = connect(cluster.database_url(name), pool_size=8, role=TENANT_ROLE)
    app = create_app(Settings(home=home, public_url=PUBLIC_URL), served, cities)
    with database.transaction() as connection:
        keys = {
            role: create_key(connection, city_id=town.city.city_id, role=role, name="test").token
            for role in (Role.PLANNER, Role.MODERATOR)
        }
    yield World(cluster.database_url(name), town, app, keys, tables_of(town), served)
    served.dispose()
    database.dispose()
    cluster.drop_database(name)


def tables_of(town: Town) -> dict[str, LayerTable]:
    """Return every layer of the latest run of the city's first instrument."""
    with town.database.layer_reading() as connection:
        found = list_latest(connection, city_id=town.city.city_id)
        return {one.name: read_layer(connection, one) for one in found if one.instrument_id == INSTRUMENT}


def _live(town: Town) -> None:
    """Fill a city: 61 places by day and night, the middle worse and dark; zones, streets, incidents."""
    rng = np.random.default_rng(5)
    for gender in ("woman", "man"):
        people = town.people(12, gender=gender)
        for daypart in (0, 1):
            told = [
                (people[who], place, int(rng.integers(0, 2) if place < 19 else rng.integers(1, 4)))
                for place in range(61)
                for who in rng.choice(len(people), size=5, replace=False)
            ]
            town.audits(told, daypart=daypart, at=NOW - timedelta(days=int(rng.integers(1, 90))))
    west, south, east, north = town.city.area.bounds
    middle = (west + east) / 2
    halves = {'It\'s west, "wide"': (west, middle), "पूर्व; East": (middle, east)}
    shapes = [
        ZoneShape(name=name, area=MultiPolygon([shapely.box(left, south, right, north)]))
        for name, (left, right) in halves.items()
    ]
    streets = [
        (shapely.LineString([(77.2 + step, 28.55), (77.2 + step, 28.65)]), f"Street {step}")
        for step in (0.04, 0.05)
    ]
    incidents = [
        (shapely.Point(lng + dx, 28.6 + dy), None)
        for lng in (77.24, 77.26)
        for dx, dy in rng.normal(0, 0.0002, (40, 2)).tolist()
    ]
    with town.database.transaction() as connection:
        described = ZoneSet(name="wards", licence="CC BY 4.0", attribution="Survey office")
        replace_zones(connection, city_id=town.city.city_id, described=described, shapes=shapes)
        for kind, features in (("streets", streets), ("incidents", incidents)):
            replace_reference(
                connection,
                city_id=town.city.city_id,
                described=ReferenceSet(kind=kind, name="set"),
                features=[
                    ReferenceFeature(
                        id=str(number),
                        geom=shapely.to_wkb(shape, hex=True),
                        label=label,
                        owner=None,
                        amount=None,
                        occurred_at=NOW - timedelta(days=number),
                        properties={},
                    )
                    for number, (shape, label) in enumerate(features)
                ],
            )
        for name, cost in (("Lamps, Mill Road", Decimal(120000)), ("-Crossing", None)):
            terms = Terms(
                instrument_id=INSTRUMENT,
                name=name,
                kind="street lights",
                area=MultiPolygon([shapely.box(77.25, 28.6, 77.255, 28.605)]),
                begins_on=(NOW + timedelta(days=30)).date(),
                follow_up_days=60,
                cost=cost,
                currency="INR" if cost else None,
                status="planned",
            )
            plan_intervention(connection, town.city, terms, today=NOW.date(), actor="operator")
