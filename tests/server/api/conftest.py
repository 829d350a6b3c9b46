"""A client of the whole application on a real store, and the people of the journeys."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from shapely.geometry import MultiPolygon
from sqlalchemy import text

from server.actors import Role
from server.api import v1
from server.app import create_app
from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import TENANT_ROLE, Database, connect
from server.jobs import job_app
from server.photos.album import open_album
from server.queries.consent import insert_texts
from server.services.create_key import create_key
from server.settings import Settings
from tests.conftest import TEMPLATE, make_city
from tests.server.api.collectors import Phone, Rows
from tests.server.api.people import Person

Work = Callable[[], None]

_FILLED = """TRUNCATE loose_photo, moderation_case, intervention_effect, intervention, consent_text,
             released_audit, release_request, release, aggregate, privacy_budget, campaign_debrief,
             admission, audit, profile, device, campaign, event, api_key,
             rate_bucket, layer_row, layer, run, cell_geometry,
             jobs.procrastinate_jobs CASCADE"""


@pytest.fixture(scope="session")
def store(cluster: Cluster) -> Iterator[Database]:
    """One database for all tests of the API, with two cities; a copy for each test takes too long."""
    name = f"test_{os.getpid()}_api"
    cluster.create_database(name, template=TEMPLATE)
    database = connect(cluster.database_url(name), pool_size=8)
    make_city(database, "testville", area=MultiPolygon([shapely.box(77.20, 28.55, 77.30, 28.65)]))
    make_city(database, "othertown", area=MultiPolygon([shapely.box(36.75, -1.35, 36.85, -1.25)]))
    yield database
    database.dispose()
    cluster.drop_database(name)


@pytest.fixture(scope="session")
def serving() -> Iterator[Callable[[Database], Database]]:
    """Return a database as web and worker see it: of one city at a time."""
    known: dict[str, Database] = {}

    def serve(database: Database) -> Database:
        url = database.engine.url.render_as_string(hide_password=False)
        if url not in known:
            known[url] = connect(url, pool_size=8, role=TENANT_ROLE)
        return known[url]

    yield serve
    for database in known.values():
        database.dispose()


@pytest.fixture
def served_store(serving: Callable[[Database], Database], database: Database) -> Database:
    """The database of the API's tests as web and worker see it."""
    return serving(database)


@pytest.fixture
def database(store: Database) -> Iterator[Database]:
    """The database of the API's tests as its owner sees it, emptied of all but its cities."""
    yield store
    with store.transaction() as connection:
        connection.execute(text(_FILLED))


@pytest.fixture
def city(cities: CityDirectory) -> City:
    return cities.get("testville")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, public_url="https://audits.example.org")


@pytest.fixture
def app(
    settings: Settings, database: Database, served_store: Database, cities: CityDirectory, city: City
) -> Flask:
    return create_app(settings, served_store, cities)


@pytest.fixture
def specification(app: Flask) -> dict[str, Any]:
    with app.test_request_context("/"):
        return v1.specification(app.extensions[v1.EXTENSION])


@pytest.fixture
def stranger(app: Flask, specification: dict[str, Any]) -> Iterator[Person]:
    """Nobody the server knows."""
    with app.test_client() as client:
        yield Person(client, specification)


@pytest.fixture
def app_with(
    database: Database, served_store: Database, cities: CityDirectory, city: City
) -> Callable[[Settings], Person]:
    """Return a stranger at an application with other settings."""

    def make(settings: Settings) -> Person:
        app = create_app(settings, served_store, cities)
        with app.test_request_context("/"):
            told = v1.specification(app.extensions[v1.EXTENSION])
        return Person(app.test_client(), told)

    return make


@pytest.fixture
def enrol(stranger: Person) -> Callable[..., Person]:
    """Enrol a phone with a body and return its holder."""

    def enrol_one(city: str = "testville", **body: Any) -> Person:
        response = stranger.post(f"/api/v1/cities/{city}/devices", body)
        assert response.status_code == 201, response.json
        return replace(stranger, token=response.json["token"], device=response.json["device"])

    return enrol_one


@pytest.fixture
def photos_on(database: Database, cities: CityDirectory, city: City) -> Iterator[None]:
    """The city takes photos."""
    change = text("UPDATE city SET settings = CAST(:settings AS jsonb) WHERE slug = :slug")
    with database.transaction() as connection:
        connection.execute(change, {"settings": '{"photos": true}', "slug": city.slug})
    cities.read_again()
    yield
    with database.transaction() as connection:
        connection.execute(change, {"settings": "{}", "slug": city.slug})
    cities.read_again()


@pytest.fixture
def consent(database: Database, city: City) -> str:
    """The version of a consent text that the city has approved in English and Hindi."""
    with database.transaction() as connection:
        insert_texts(connection, city_id=city.city_id, version="2026-1", texts={"en": "Yes.", "hi": "हाँ।"})
    return "2026-1"


@pytest.fixture
def amina(enrol: Callable[..., Person]) -> Person:
    """Amina audits her streets."""
    return enrol(profile={"gender": "woman", "age_band": "25_39"}, locale="hi")


@pytest.fixture
def bela(enrol: Callable[..., Person]) -> Person:
    """Bela audits too, on a phone of her own."""
    return enrol()


@pytest.fixture
def give_key(database: Database, cities: CityDirectory, stranger: Person) -> Callable[..., Person]:
    """Make somebody staff of a city."""

    def give(role: Role, slug: str = "testville") -> Person:
        with database.transaction() as connection:
            made = create_key(connection, city_id=cities.get(slug).city_id, role=role, name="test")
        return replace(stranger, token=made.token)

    return give


@pytest.fixture
def omar(give_key: Callable[..., Person]) -> Person:
    """Omar organises walks."""
    return give_key(Role.ORGANISER)


@pytest.fixture
def work(database: Database, served_store: Database, cities: CityDirectory, settings: Settings) -> Work:
    """Return what does all queued jobs as the worker does them."""

    def work_once() -> None:
        worker = partial(
            job_app(database.engine.url.render_as_string(hide_password=False)).run_worker,
            wait=False,
            concurrency=1,
            install_signal_handlers=False,
            additional_context={
                "database": served_store,
                "owner": database,
                "cities": cities,
                "album": open_album(settings),
                "home": settings.home,
                "settings": settings,
                "url": database.engine.url.render_as_string(hide_password=False),
                "secret": b"a secret of the tests",
                "open311_keys": {},
                "seed": 0,
            },
        )
        # In a thread: the browser of the page's tests may hold this one's event loop.
        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(worker).result()

    return work_once


@pytest.fixture
def phone(amina: Person, stranger: Person) -> Phone:
    """Amina's phone, whose Collect is set up with the token it enrolled with."""
    assert amina.token is not None
    return Phone(stranger, amina.token)


@pytest.fixture
def rows(database: Database) -> Rows:
    """Return the rows of a query."""

    def ask(query: str) -> list[dict[str, Any]]:
        with database.transaction() as connection:
            return [dict(row._mapping) for row in connection.execute(text(query))]

    return ask
