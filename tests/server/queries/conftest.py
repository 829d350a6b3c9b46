"""The town of the publishing tests, for the SQL below it."""

import pytest

from server.cities import City
from server.database import Database
from tests.server.publishing.conftest import Town


@pytest.fixture
def town(database: Database, city: City) -> Town:
    return Town(database, city)
