"""How tests ask a published city over OGC API Features."""

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.server.conftest import World

Ask = Callable[..., TestResponse]
HYPHENED = {"bbox_crs": "bbox-crs", "filter_lang": "filter-lang", "filter_crs": "filter-crs"}


@pytest.fixture
def ask(world: World) -> Ask:
    """Return the answer to a path below the city's landing page."""
    client = world.client()

    def get(path: str = "", headers: dict[str, str] | None = None, **parameters: Any) -> TestResponse:
        told = {HYPHENED.get(name, name): value for name, value in parameters.items()}
        return client.get(f"/ogc/testville{path}", query_string=told or None, headers=headers)

    return get


@pytest.fixture
def found(ask: Ask) -> Callable[..., set[str]]:
    """Return the ids of the features of a collection that parameters ask for; all are on one page."""

    def get(collection: str, **parameters: Any) -> set[str]:
        answer = ask(f"/collections/{collection}/items", **parameters)
        assert answer.status_code == 200, answer.text
        ids = {feature["id"] for feature in answer.json["features"]}
        assert len(ids) == answer.json["numberMatched"] == answer.json["numberReturned"]
        return ids

    return get
