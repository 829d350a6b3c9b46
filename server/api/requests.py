"""Requests to agencies: what a place lacks is handed over once, by Open311 or as a file."""

from typing import Any

from flask import Response
from flask_restx import Namespace, Resource

from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.reading import checked
from server.api.shapes.service_request import HANDED_OVER, NEW_REQUEST
from server.api.writing import json_response
from server.cities import City
from server.errors import Fault, Invalid
from server.queries.service_requests import ServiceRequest

namespace = Namespace("requests", path="/cities/<city>/requests", description="Handed to agencies")


@namespace.route("")
class Requests(Resource):
    """What agencies are asked to mend."""

    @namespace.expect(namespace.schema_model("NewRequest", NEW_REQUEST), validate=False)
    @namespace.response(
        200, "Handed over; the same again is the same", namespace.schema_model("HandedOver", HANDED_OVER)
    )
    @namespace.response(409, "It was sent already, may have arrived, or was refused: the detail says which")
    def post(self, city: str) -> Response:
        """Ask an agency to mend what a hotspot or dark spot lacks; never two requests for one need."""
        return json_response(_told(_hand_over(city_named(city), checked(NEW_REQUEST))))


def _hand_over(town: City, asked: dict[str, Any]) -> ServiceRequest:
    # They read reports and load what these need, which no other request does.
    from server.handoff.deficit import find_deficit  # noqa: PLC0415 - see above
    from server.handoff.requesting import endpoint_of, send_request, write_request  # noqa: PLC0415 - see above

    here, actor = services(), f"key:{actor_here().id}"
    endpoint = endpoint_of(town, here.settings.open311_keys)
    if asked.get("send") and endpoint is None:
        fault = Fault("/send", "the city names no endpoint: the operator sets open311 of the city")
        raise Invalid("there is nowhere to send it; hand it over as a file", faults=[fault])
    deficit = find_deficit(here.database, town, asked["place"], asked.get("rating"))
    if asked.get("send") and endpoint is not None:
        again = asked.get("again", False)
        return send_request(here.database, town, deficit, endpoint, actor=actor, again=again)
    return write_request(here.database, town, deficit, actor=actor)


def _told(request: ServiceRequest) -> dict[str, Any]:
    return {
        "intervention": request.intervention_id,
        "rating": request.parameter,
        "state": request.state,
        "endpoint": request.endpoint,
        "service_request_id": request.service_request_id,
        "fields": dict(request.fields),
    }
