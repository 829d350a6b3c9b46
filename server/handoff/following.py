"""How requests stand with the agencies: asked for each night, kept, and shown on the intervention."""

import structlog

from server.cities import City
from server.database import Database
from server.handoff.endpoint import Endpoint
from server.handoff.georeport import Refused, read_request, read_token
from server.outgoing import Interrupted, Unreachable
from server.queries.service_requests import ServiceRequest, list_requests, take_request

_CLOSED = "closed"

log = structlog.get_logger("handoff")


def follow_requests(database: Database, city: City, endpoint: Endpoint) -> list[ServiceRequest]:
    """Return all requests of a city, those sent to this endpoint and not closed asked for anew.

    What cannot be asked for stays as it was, and is logged.
    """
    with database.transaction() as connection:
        known = list_requests(connection, city_id=city.city_id)
    for one in known.values():
        if one.state == "sent" and one.endpoint == endpoint.url and one.status != _CLOSED:
            try:
                _follow(database, city, one, endpoint)
            except (Refused, Interrupted, Unreachable) as error:
                log.warning("request cannot be followed", city=city.slug, reason=str(error))
                if not isinstance(error, Refused):  # it is down: waiting for each would hold back the night
                    break
    with database.transaction() as connection:
        return list(list_requests(connection, city_id=city.city_id).values())


def _follow(database: Database, city: City, one: ServiceRequest, endpoint: Endpoint) -> None:
    id_ = one.service_request_id or (read_token(endpoint, one.token) if one.token else None)
    if id_ is None:
        return
    found = read_request(endpoint, id_)
    values = {"service_request_id": id_, "status": found.status, "status_notes": found.status_notes}
    with database.transaction() as connection:
        take_request(
            connection,
            city_id=city.city_id,
            intervention_id=one.intervention_id,
            before=("sent",),
            values=values,
        )
