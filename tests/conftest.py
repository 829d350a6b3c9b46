"""What all tests share: a real PostGIS, a migrated database of its own for each test, a city."""

import os
import tempfile
import threading
from collections.abc import Callable, Container, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import shapely
from shapely.geometry import MultiPolygon

from server.cities import City, CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.instruments.catalogue import builtin
from server.queries.cities import insert_city
from server.queries.instruments import insert_document
from server.services.migrate import migrate

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TEMPLATE = "template_migrated"
Meanwhile = Callable[[Callable[[], object]], Callable[[], object]]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data beside the checkout; skip where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real data not found at {SHARED_DATA}")
    return SHARED_DATA


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Run a private PostGIS for the session; one for each worker of a parallel run."""
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home", durable=False)
        cluster.start()
        try:
            cluster.create_database(TEMPLATE)
            template = connect(cluster.database_url(TEMPLATE), pool_size=1)
            migrate(template)
            template.dispose()
            yield cluster
        finally:
            cluster.stop()


@pytest.fixture(scope="session")
def world(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a city with every layer, for tests that only read what is published (`tests.world.World`)."""
    from tests.world import live_world  # noqa: PLC0415 - it builds on this module

    with live_world(cluster, tmp_path_factory.mktemp("world")) as made:
        yield made


@contextmanager
def database_like(cluster: Cluster, template: str = TEMPLATE) -> Iterator[str]:
    """Yield the name of a database of one's own, copied from another to which nobody is connected."""
    name = f"test_{os.getpid()}_{uuid4().hex[:8]}"
    cluster.create_database(name, template=template)
    yield name
    cluster.drop_database(name)


@pytest.fixture
def database_url(cluster: Cluster) -> Iterator[str]:
    """Return the address of a fresh, migrated database."""
    with database_like(cluster) as name:
        yield cluster.database_url(name)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Return a fresh, migrated database."""
    database = connect(database_url, pool_size=8)
    yield database
    database.dispose()


@pytest.fixture
def cities(database: Database) -> CityDirectory:
    """Return the directory of the database's cities."""
    return CityDirectory(database)


# About 10 by 11 km each.
TESTVILLE = MultiPolygon([shapely.box(77.20, 28.55, 77.30, 28.65)])
OTHERTOWN = MultiPolygon([shapely.box(36.75, -1.35, 36.85, -1.25)])
FEW = frozenset({"lighting", "people", "walk_path", "feeling"})


def make_city(
    database: Database,
    slug: str,
    *,
    area: MultiPolygon,
    asked: Container[str] | None = None,
    **values: object,
) -> None:
    """Put a city with all built-in instruments into a database, their questions cut down to those `asked`."""
    defaults = {
        "slug": slug,
        "name": slug.title(),
        "time_zone": "Asia/Kolkata",
        "languages": ["en", "hi"],
        "resolution": 9,
        "k": 5,
        "settings": {},
    }
    with database.transaction() as connection:
        city_id = insert_city(connection, values=defaults | values, area=area)
        for document in builtin().values():
            insert_document(
                connection,
                city_id=city_id,
                instrument_id=document.instrument.id,
                version=document.instrument.version,
                document=_cut(document.to_json(), asked),
            )


def _cut(document: dict[str, Any], asked: Container[str] | None) -> dict[str, Any]:
    kept = [one for one in document["questions"] if asked is None or one["name"] in asked]
    return document | {"questions": kept or document["questions"]}


@pytest.fixture
def terse_city(database: Database, cities: CityDirectory) -> City:
    """Return "testville" as in `city`, where only a few questions are asked: a run costs by the question."""
    make_city(database, "testville", area=TESTVILLE, asked=FEW)
    make_city(database, "othertown", area=OTHERTOWN, asked=FEW)
    return cities.get("testville")


@pytest.fixture
def city(database: Database, cities: CityDirectory) -> City:
    """Return the city "testville", about 10 by 11 km, with another city beside it as noise."""
    make_city(database, "testville", area=TESTVILLE)
    make_city(database, "othertown", area=OTHERTOWN)
    return cities.get("testville")


@pytest.fixture
def meanwhile() -> Iterator[Meanwhile]:
    """Start something in a thread, see that it waits, and return what gives its result."""
    with ThreadPoolExecutor(1) as pool:

        def start(act: Callable[[], object]) -> Callable[[], object]:
            begun = threading.Event()

            def do() -> object:
                begun.set()
                return act()

            running = pool.submit(do)
            assert begun.wait(60)
            with pytest.raises(TimeoutError):
                running.result(timeout=0.5)
            return lambda: running.result(timeout=60)

        yield start
