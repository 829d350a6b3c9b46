"""What happened at one's own places."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_restx import Namespace, Resource

from geo.cells import from_text, to_text
from geo.errors import CellError
from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.reading import one_of, parameter, whole_number
from server.api.shapes.place import PLACES
from server.api.writing import json_response
from server.cities import City
from server.queries.interventions import list_interventions
from server.queries.places import OwnPlace, list_places_of_device
from server.services.follow_places import FollowedPlace, follow_places

namespace = Namespace("places", path="/cities/<city>/devices/me/places", description="One's own places")

_PAGE, _LARGEST_PAGE = 100, 500


@namespace.route("")
class OwnPlaces(Resource):
    """The cells of one's own audits."""

    @namespace.doc(
        params={
            "instrument": "whose scores and hotspots; else the city's first",
            "limit": f"at most so many, 1 to {_LARGEST_PAGE}; else {_PAGE}",
            "after": "a cell: the places after it; `next` has it",
        }
    )
    @namespace.response(200, "By cell; next is null at the end", namespace.schema_model("Places", PLACES))
    def get(self, city: str) -> Response:
        """See what happened where one audited: heard, asked for, planned, done, and what it did."""
        town = city_named(city)
        instrument = parameter("instrument", one_of(*town.documents), default=town.default_instrument)
        limit = parameter("limit", whole_number(1, _LARGEST_PAGE), default=_PAGE)
        after = parameter("after", _cell, default=0)
        with services().database.transaction() as connection:
            found = list_places_of_device(
                connection,
                city_id=town.city_id,
                device_id=actor_here().id,
                resolution=town.resolution,
                after=after,
                limit=limit + 1,
            )
        page = found[:limit]
        further = {"instrument": instrument, "limit": limit, "after": to_text(page[-1].cell)} if page else {}
        told = {
            "places": followed(town, page, instrument=instrument),
            "next": f"{request.base_url}?{urlencode(further)}" if len(found) > limit else None,
        }
        return json_response(told, headers={"Cache-Control": "private, no-store"})


def followed(town: City, places: list[OwnPlace], *, instrument: str) -> list[dict[str, Any]]:
    """Return places as their auditor sees them."""
    database = services().database
    with database.transaction() as connection:
        interventions = list_interventions(connection, city_id=town.city_id)
    with database.layer_reading() as connection:
        found = follow_places(connection, town, places, instrument_id=instrument, interventions=interventions)
    return [_present(place) for place in found]


def _present(place: FollowedPlace) -> dict[str, Any]:
    return {
        "cell": to_text(place.own.cell),
        "audits": place.own.audits,
        "last_observed_at": place.own.last_observed_at,
        "heard": place.score is not None,
        "score": place.score,
        "hotspot": place.hotspot,
        "interventions": [
            {
                "intervention": row.intervention_id,
                "name": row.name,
                "kind": row.kind,
                "targets": row.targets,
                "status": row.status,
                "from": row.begins_on.isoformat(),
                "to": None if row.completes_on is None else row.completes_on.isoformat(),
                **effect,
            }
            for row, effect in place.interventions
        ],
    }


def _cell(text: str) -> int:
    try:
        return from_text(text)
    except CellError as error:
        raise ValueError(str(error)) from None
