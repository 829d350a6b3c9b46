"""Hand a deficit over once: as a file, or to the city's endpoint. Never two requests for one deficit."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.exc import IntegrityError

from analysis.effect.design import FOLLOW_UP_DAYS
from server.cities import City
from server.database import Database
from server.errors import Conflict, Fault, Invalid
from server.handoff.deficit import Deficit
from server.handoff.endpoint import Endpoint
from server.handoff.georeport import Refused, find_by_reference, post_request
from server.outgoing import Interrupted, Unreachable
from server.queries.interventions import Terms
from server.queries.service_requests import (
    ServiceRequest,
    State,
    find_request,
    insert_request,
    take_request,
)
from server.services.plan_intervention import (
    change_intervention,
    get_intervention,
    plan_intervention,
)

KIND = "service request"
_AGAIN: tuple[State, ...] = ("refused", "unsent")
"""States in which it is certain that the agency has nothing."""
_DOUBTFUL: tuple[State, ...] = ("sending", "unknown")


def endpoint_of(city: City, keys: Mapping[str, str]) -> Endpoint | None:
    """Return where the city's agencies take requests, with its key from the settings; None: nowhere."""
    said = city.settings.get("open311")
    if said is None:
        return None
    return Endpoint(url=said["url"], jurisdiction_id=said.get("jurisdiction_id"), api_key=keys.get(city.slug))


def write_request(database: Database, city: City, deficit: Deficit, *, actor: str) -> ServiceRequest:
    """Return the request to be handed over by other means; the same again returns the same.

    An intervention of status `requested` stands for it. Conflict where it was sent already.
    """
    kept = _kept(database, city, deficit, state="written", endpoint=None, actor=actor)
    if kept.state not in ("written", *_AGAIN):
        raise Conflict(f"it was sent to {kept.endpoint} already; `safeaudit intervention status {city.slug}`")
    return kept


def send_request(
    database: Database,
    city: City,
    deficit: Deficit,
    endpoint: Endpoint,
    *,
    actor: str,
    again: bool = False,
) -> ServiceRequest:
    """Return the request as the agency took it; one that was taken before is returned as it is.

    Conflict, and nothing is sent, where it may have arrived without an answer and the agency's list does not
    show it, or where it was handed over as a file: `again` sends it all the same, on the operator's word.
    Conflict with the server's words where it is refused.
    """
    kept = _kept(database, city, deficit, state="unsent", endpoint=endpoint.url, actor=actor)
    if kept.state == "sent":
        return kept
    if kept.state in _DOUBTFUL and (found := _recognised(database, city, kept, endpoint)) is not None:
        return found
    before = _AGAIN if not again else (*_AGAIN, *_DOUBTFUL, "written")
    fields = dict(deficit.fields(kept.intervention_id, _service_code(city, deficit.parameter)))
    values = {"state": "sending", "endpoint": endpoint.url, "fields": fields, "problem": None}
    ours = _take(database, city, kept, before, values)
    if ours is None:
        raise Conflict(_doubt(kept))
    return _sent(database, city, ours, fields, endpoint, actor=actor)


def _kept(
    database: Database, city: City, deficit: Deficit, *, state: State, endpoint: str | None, actor: str
) -> ServiceRequest:
    """Return the one request of this deficit, made with its intervention if there is none."""
    found = _find(database, city, deficit)
    if found is not None:
        return found
    try:
        return _made(database, city, deficit, state=state, endpoint=endpoint, actor=actor)
    except IntegrityError:  # somebody else was first: their intervention stays, ours is rolled back
        found = _find(database, city, deficit)
        if found is None:
            raise
        return found


def _find(database: Database, city: City, deficit: Deficit) -> ServiceRequest | None:
    with database.transaction() as connection:
        return find_request(
            connection, city_id=city.city_id, feature_id=deficit.feature_id, parameter=deficit.parameter
        )


def _made(
    database: Database, city: City, deficit: Deficit, *, state: State, endpoint: str | None, actor: str
) -> ServiceRequest:
    code = _service_code(city, deficit.parameter, needed=endpoint is not None)
    today = _today(city)
    terms = Terms(
        instrument_id=deficit.instrument_id,
        name=deficit.name,
        kind=KIND,
        area=deficit.area,
        begins_on=today,
        follow_up_days=FOLLOW_UP_DAYS,
        targets=(deficit.parameter,),
        owner=deficit.agency,
        status="requested",
    )
    with database.transaction() as connection:
        made = plan_intervention(connection, city, terms, today=today, actor=actor)
        request = ServiceRequest(
            intervention_id=made,
            feature_id=deficit.feature_id,
            parameter=deficit.parameter,
            endpoint=endpoint,
            fields=dict(deficit.fields(made, code)),
            state=state,
            updated_at=datetime.now(UTC),
        )
        insert_request(connection, city_id=city.city_id, request=request)
    return request


def _recognised(
    database: Database, city: City, kept: ServiceRequest, endpoint: Endpoint
) -> ServiceRequest | None:
    """Return the request if the agency's list shows that it arrived; None where that cannot be told."""
    try:
        found = find_by_reference(
            endpoint, str(kept.intervention_id), service_code=kept.fields["service_code"]
        )
    except (Refused, Interrupted, Unreachable):
        return None
    if found is None:
        return None
    values = {
        "state": "sent",
        "problem": None,
        "service_request_id": found.service_request_id,
        "status": found.status,
        "status_notes": found.status_notes,
    }
    return _take(database, city, kept, _DOUBTFUL, values)


def _sent(
    database: Database,
    city: City,
    kept: ServiceRequest,
    fields: dict[str, str],
    endpoint: Endpoint,
    *,
    actor: str,
) -> ServiceRequest:
    """Send a request that is ours alone to send, and keep what is known of it whatever happens."""
    _tell_intervention(database, city, kept, "requested", actor)
    try:
        posted = post_request(endpoint, fields)
    except Interrupted as error:
        _note(database, city, kept, "unknown", str(error))
        raise Conflict(f"it may have arrived: {error}; the same again looks for it first") from error
    except (Refused, Unreachable) as error:
        _note(database, city, kept, "refused" if isinstance(error, Refused) else "unsent", str(error))
        _tell_intervention(database, city, kept, "cancelled", actor)
        raise Conflict(f"{endpoint.url} did not take it: {error}") from error
    values = {"state": "sent", "service_request_id": posted.service_request_id, "token": posted.token}
    return _take(database, city, kept, ("sending",), values) or kept


def _note(database: Database, city: City, kept: ServiceRequest, state: State, problem: str) -> None:
    _take(database, city, kept, ("sending",), {"state": state, "problem": problem[:500]})


def _take(
    database: Database,
    city: City,
    kept: ServiceRequest,
    before: Sequence[State],
    values: Mapping[str, Any],
) -> ServiceRequest | None:
    with database.transaction() as connection:
        return take_request(
            connection,
            city_id=city.city_id,
            intervention_id=kept.intervention_id,
            before=before,
            values=values,
        )


def _tell_intervention(database: Database, city: City, kept: ServiceRequest, status: str, actor: str) -> None:
    """Let the intervention say whether anything is asked for; what a planner made of it since, stays."""
    with database.transaction() as connection:
        row = get_intervention(connection, city, kept.intervention_id)
        if row.status in ("requested", "cancelled") and row.status != status:
            changes = {"status": status}
            change_intervention(
                connection, city, kept.intervention_id, changes, today=_today(city), actor=actor
            )


def _service_code(city: City, parameter: str, *, needed: bool = True) -> str | None:
    services: Mapping[str, str] = city.settings.get("open311", {}).get("services", {})
    if needed and parameter not in services:
        known = ", ".join(services) or "none"
        fault = Fault(f"/open311/services/{parameter}", f"is missing; there are: {known}")
        raise Invalid("the city names no service for this parameter", faults=[fault])
    return services.get(parameter)


def _doubt(kept: ServiceRequest) -> str:
    if kept.state == "written":
        return "it was handed over as a file; with --again it is sent besides"
    return (
        f"it may have arrived ({kept.problem or 'it is being sent just now'}), and the agency does not list "
        f"it; ask whether they have safeaudit {kept.intervention_id}, and send it --again if not"
    )


def _today(city: City) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(city.time_zone)).date()
