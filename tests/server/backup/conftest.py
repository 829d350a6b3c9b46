"""Where backups are restored to."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from server.cluster.embedded import Cluster


@pytest.fixture
def empty_url(cluster: Cluster) -> Iterator[str]:
    """The address of an empty database with PostGIS."""
    name = f"test_{uuid4().hex[:12]}"
    cluster.create_database(name)
    yield cluster.database_url(name)
    cluster.drop_database(name)
