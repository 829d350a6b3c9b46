"""The agency that is asked, and a town of one's own that lacks light."""

import json
import os
from collections.abc import Iterator
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from server.cities import City, CityDirectory
from server.city_form import read_entries
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.handoff.deficit import Deficit, find_deficit
from server.handoff.endpoint import Endpoint
from server.handoff.requesting import endpoint_of, send_request
from server.layer_table import LayerTable
from server.queries.interventions import list_interventions
from server.queries.layers import list_latest
from server.queries.service_requests import ServiceRequest, list_requests
from server.services.change_city import change_city
from server.services.read_layer import read_layer
from tests.server.handoff.agency import CITY, KEY, Agency, serving
from tests.server.places import Places


@pytest.fixture
def agency() -> Iterator[Agency]:
    with serving() as found:
        yield found


@pytest.fixture
def own(places: Places, cluster: Cluster) -> Iterator[Places]:
    """A copy of the analysed town's store for one test."""
    places.database.dispose()
    name = f"test_{os.getpid()}_{uuid4().hex[:8]}"
    cluster.create_database(name, template=make_url(places.url).database)
    url = cluster.database_url(name)
    database = connect(url, pool_size=4)
    yield Places(url=url, database=database, cities=CityDirectory(database))
    database.dispose()
    cluster.drop_database(name)


@pytest.fixture
def city(own: Places, agency: Agency) -> City:
    said = {"url": agency.address, "jurisdiction_id": CITY, "services": {"lighting": "LIGHT-1"}}
    with own.database.transaction() as connection:
        change_city(connection, city=own.city, said=read_entries([("open311", json.dumps(said))]))
    own.cities.read_again()
    return own.city


@pytest.fixture
def endpoint(city: City) -> Endpoint:
    found = endpoint_of(city, {"testville": KEY})
    assert found is not None
    return found


def layer(database: Database, city: City, name: str) -> LayerTable:
    with database.layer_reading() as connection:
        latest = list_latest(connection, city_id=city.city_id)
        return read_layer(connection, next(one for one in latest if one.name == name))


@pytest.fixture
def hotspot(own: Places, city: City) -> str:
    """The hotspot that lacks light."""
    columns = layer(own.database, city, "hotspots-now").columns
    return next(
        str(id_)
        for id_, needs in zip(columns["id"], columns["needs"], strict=True)
        if "lighting" in str(needs).split(";")
    )


@pytest.fixture
def deficit(own: Places, city: City, hotspot: str) -> Deficit:
    return find_deficit(own.database, city, hotspot, "lighting")


def stored(database: Database, city: City) -> ServiceRequest:
    with database.transaction() as connection:
        (found,) = list_requests(connection, city_id=city.city_id).values()
    return found


def statuses(database: Database, city: City) -> dict[str, str]:
    with database.transaction() as connection:
        return {row.kind: row.status for row in list_interventions(connection, city_id=city.city_id)}


def send(
    own: Places, city: City, deficit: Deficit, endpoint: Endpoint, *, again: bool = False
) -> ServiceRequest:
    return send_request(own.database, city, deficit, endpoint, actor="operator", again=again)
