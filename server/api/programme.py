"""The cities of this server and of others side by side, by what each publishes of itself."""

from typing import Any

from flask import Response, current_app
from flask_restx import Namespace, Resource

from server.api.context import services
from server.api.indicators import read_indicators
from server.api.shapes.programme import PROGRAMME
from server.api.short_memory import ShortMemory
from server.api.writing import json_response
from server.cities import City
from server.programme import OtherCity, fetch_others
from server.queries.layers import count_trends
from server.services.read_layer import NoRun, find_layer

namespace = Namespace("programme", path="/programme", description="Cities side by side")

_OTHERS = "safeaudit-other-cities"
_OTHERS_LAST_S = 600
_CACHED = {"Cache-Control": "public, max-age=60"}


@namespace.route("")
class Programme(Resource):
    """Cities side by side."""

    @namespace.response(200, "By name; of no other order", namespace.schema_model("Programme", PROGRAMME))
    def get(self) -> Response:
        """Show the indicators of each city, and of those that the operator names on other servers."""
        here = sorted(services().cities.all(), key=lambda city: city.name.casefold())
        body = {"cities": [_told(city) for city in here], "others": [_other(one) for one in _others()]}
        return json_response(body, headers=_CACHED)


def _told(town: City) -> dict[str, Any]:
    told: dict[str, Any] = {"slug": town.slug, "name": town.name}
    try:
        layer, found = read_indicators(town)
    except NoRun:
        return told | {"as_of": None, "instrument": None, "indicators": [], "trends": {}}
    return told | {
        "as_of": layer.as_of,
        "instrument": layer.instrument_id,
        "indicators": found,
        "trends": _trends(town),
    }


def _trends(town: City) -> dict[str, int]:
    """Return how many shown places are worse, better and so on: the change over time that is published."""
    with services().database.layer_reading() as connection:
        cells = find_layer(
            connection,
            city_id=town.city_id,
            name="cells",
            instruments=tuple(town.documents),
            instrument_id=None,
        )
        return count_trends(connection, cells)


def _others() -> list[OtherCity]:
    memory: ShortMemory[str, list[OtherCity]] = current_app.extensions.setdefault(
        _OTHERS, ShortMemory(lasts_s=_OTHERS_LAST_S, most=1)
    )
    found = memory.get("")
    if found is None:
        found = fetch_others(services().settings.programme_sources)
        # Where one gave no answer, it is asked again the next time.
        if all(one.problem is None for one in found):
            memory.put("", found)
    return found


def _other(city: OtherCity) -> dict[str, Any]:
    file = city.file
    return {
        "name": city.name,
        "address": city.address,
        "problem": city.problem,
        "as_of": file.as_of if file else None,
        "instrument": file.instrument if file else None,
        "indicators": file.indicators if file else [],
    }
