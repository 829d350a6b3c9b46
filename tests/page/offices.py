"""The office of planners: a server of its own, where work may be planned, and a desk with a key."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import make_url
from werkzeug.serving import make_server

from server.actors import Role
from server.app import create_app
from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.services.create_key import create_key
from server.settings import Settings
from tests.conftest import database_like
from tests.page.flags import PLAIN
from tests.world import World

Visit = Callable[..., Any]


@dataclass(frozen=True)
class Office:
    """A server of one's own with the world's cities, and an admin's key of each."""

    origin: str
    database: Database
    keys: dict[str, str]

    def asked(self, path: str, *, slug: str = "testville") -> Any:
        """Return what the server tells the admin."""
        headers = {"Authorization": f"Bearer {self.keys[slug]}"}
        with urlopen(Request(f"{self.origin}/api/v1/cities/{slug}/{path}", headers=headers)) as answer:
            return json.load(answer)

    def works(self) -> dict[str, dict[str, Any]]:
        return {one["name"]: one for one in self.asked("interventions")["interventions"]}


@pytest.fixture(scope="session")
def office(
    cluster: Cluster, world: World, built_page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    world.disconnect()
    with database_like(cluster, template=str(make_url(world.url).database)) as name:
        database = connect(cluster.database_url(name), pool_size=8)
        cities = CityDirectory(database)
        with database.transaction() as connection:
            keys = {
                city.slug: create_key(connection, city_id=city.city_id, role=Role.ADMIN, name="office").token
                for city in cities.all()
            }
        app = create_app(Settings(home=tmp_path_factory.mktemp("office")), database, cities)
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Office(f"http://127.0.0.1:{server.server_port}", database, keys)
        server.shutdown()
        database.dispose()


@pytest.fixture
def desk(office: Office, visit: Visit) -> Callable[..., Any]:
    """Return a function that opens the page with the key of a city."""

    def open_(slug: str = "testville", *, flags: list[str] = PLAIN, **options: Any) -> Any:
        address = f"{office.origin}/plan?city={slug}"
        return visit(address, key=office.keys[slug], slug=slug, flags=flags, **options)

    return open_
