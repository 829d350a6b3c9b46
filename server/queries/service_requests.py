"""SQL of service requests: what was handed to agencies, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection, insert, select, update

from server.models.service_request import service_request

State = Literal["written", "sending", "sent", "refused", "unsent", "unknown"]
"""`unsent`: nothing reached the agency; `unknown`: it may have, as no answer came."""


@dataclass(frozen=True, kw_only=True)
class ServiceRequest:
    """One request as the store keeps it."""

    intervention_id: UUID
    feature_id: str
    parameter: str
    endpoint: str | None
    fields: Mapping[str, str]
    state: State
    problem: str | None = None
    service_request_id: str | None = None
    token: str | None = None
    status: str | None = None
    status_notes: str | None = None
    updated_at: datetime


_NAMES = tuple(ServiceRequest.__dataclass_fields__)
_SELECT = select(*(service_request.c[name] for name in _NAMES))


def insert_request(connection: Connection, *, city_id: int, request: ServiceRequest) -> None:
    """Keep a new request; IntegrityError where the place has one for this parameter."""
    values = {name: getattr(request, name) for name in _NAMES}
    connection.execute(insert(service_request).values(city_id=city_id, **values))


def find_request(
    connection: Connection, *, city_id: int, feature_id: str, parameter: str
) -> ServiceRequest | None:
    """Return the request of a place for a parameter."""
    found = service_request.c
    query = _SELECT.where(
        found.city_id == city_id, found.feature_id == feature_id, found.parameter == parameter
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else ServiceRequest(**row._mapping)


def list_requests(connection: Connection, *, city_id: int) -> dict[UUID, ServiceRequest]:
    """Return the requests of a city by intervention, the earliest first."""
    query = _SELECT.where(service_request.c.city_id == city_id).order_by(
        service_request.c.created_at, service_request.c.intervention_id
    )
    return {row.intervention_id: ServiceRequest(**row._mapping) for row in connection.execute(query)}


def take_request(
    connection: Connection,
    *,
    city_id: int,
    intervention_id: UUID,
    before: Sequence[State],
    values: Mapping[str, Any],
) -> ServiceRequest | None:
    """Return a request changed, if its state was one of `before`: of several takers one alone gets it."""
    found = service_request.c
    statement = (
        update(service_request)
        .where(
            found.city_id == city_id, found.intervention_id == intervention_id, found.state.in_(list(before))
        )
        .values(updated_at=datetime.now(UTC), **values)
        .returning(*(found[name] for name in _NAMES))
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else ServiceRequest(**row._mapping)
