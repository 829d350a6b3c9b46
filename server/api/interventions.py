"""Interventions: for everybody what was done where and what it did, for planners the rest."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from flask import Response
from flask_restx import Namespace, Resource
from shapely.geometry import MultiPolygon

from analysis.disclosure.layer import Value
from analysis.effect.design import FOLLOW_UP_DAYS
from analysis.effect.result import Effect
from geo import geojson
from geo.areas import read_boundary
from geo.errors import PlaceError
from server.actors import Actor, Role
from server.api.authentication import actor_here, token_sent
from server.api.context import city_named, services
from server.api.reading import checked, uuid_in_path
from server.api.shapes.intervention import (
    INTERVENTION,
    INTERVENTION_CHANGES,
    INTERVENTIONS,
    NEW_INTERVENTION,
)
from server.api.writing import json_response
from server.cities import City
from server.errors import Fault, Invalid
from server.queries.interventions import (
    InterventionRow,
    Terms,
    ToldEffect,
    list_effects,
    list_interventions,
)
from server.queries.service_requests import ServiceRequest, list_requests
from server.services.plan_intervention import change_intervention, get_intervention, plan_intervention
from server.services.published_effects import UNTOLD, published_effects

namespace = Namespace(
    "interventions", path="/cities/<city>/interventions", description="What was done, and what it did"
)
_intervention = namespace.schema_model("Intervention", INTERVENTION)

_PLANNERS = frozenset({Role.PLANNER, Role.ANALYST, Role.ADMIN})
_PER = 1000.0
_COLUMN = {"from": "begins_on", "to": "completes_on", "instrument": "instrument_id"}


@namespace.route("")
class Interventions(Resource):
    """The interventions of a city."""

    @namespace.response(
        200, "In the order in which they begin", namespace.schema_model("Interventions", INTERVENTIONS)
    )
    def get(self, city: str) -> Response:
        """List what was done in a city and what it did; a planner's key shows partners, reasons, details."""
        town = city_named(city)
        with services().database.transaction() as connection:
            rows = list_interventions(connection, city_id=town.city_id)
        return _answer({"interventions": _present(town, rows)})

    @namespace.expect(namespace.schema_model("NewIntervention", NEW_INTERVENTION), validate=False)
    @namespace.response(201, "Kept", _intervention)
    def post(self, city: str) -> Response:
        """Keep an intervention: its effect is told once, after the follow-up laid down here."""
        town = city_named(city)
        defaults: dict[str, Any] = {
            "follow_up_days": FOLLOW_UP_DAYS,
            "instrument_id": town.default_instrument,
        }
        terms = Terms(**(defaults | _columns(checked(NEW_INTERVENTION))))
        with services().database.transaction() as connection:
            made = plan_intervention(connection, town, terms, today=_today(town), actor=_actor())
            row = get_intervention(connection, town, made)
        return _answer(_present(town, [row])[0], status=201)


@namespace.route("/<intervention>")
class OneIntervention(Resource):
    """One intervention."""

    @namespace.response(200, "The intervention", _intervention)
    def get(self, city: str, intervention: str) -> Response:
        """Show an intervention."""
        town = city_named(city)
        with services().database.transaction() as connection:
            row = get_intervention(connection, town, uuid_in_path(intervention))
        return _answer(_present(town, [row])[0])

    @namespace.expect(namespace.schema_model("InterventionChanges", INTERVENTION_CHANGES), validate=False)
    @namespace.response(200, "Changed", _intervention)
    @namespace.response(409, "Its effect has been told: place, days and targets stay as they were")
    def patch(self, city: str, intervention: str) -> Response:
        """Change what is said of an intervention."""
        town, changes = city_named(city), _columns(checked(INTERVENTION_CHANGES))
        with services().database.transaction() as connection:
            row = change_intervention(
                connection,
                town,
                uuid_in_path(intervention),
                changes,
                today=_today(town),
                actor=_actor(),
            )
        return _answer(_present(town, [row])[0])


def _present(town: City, rows: list[InterventionRow]) -> list[dict[str, Any]]:
    with services().database.layer_reading() as connection:
        effects = published_effects(connection, city_id=town.city_id)
    with services().database.transaction() as connection:
        requests = list_requests(connection, city_id=town.city_id)
        told = list_effects(connection, city_id=town.city_id, audience="planner")
    planner = _reader() is not None
    presented = []
    for row in rows:
        public = _public(row, effects.get(str(row.intervention_id), UNTOLD))
        request = {"request": _request(requests.get(row.intervention_id), planner=planner)}
        private = _private(row, told.get(row.intervention_id)) if planner else {}
        presented.append(public | request | private)
    return presented


def _request(request: ServiceRequest | None, *, planner: bool) -> dict[str, Any] | None:
    """Return how a request stands; the agency's words and what went wrong are for planners."""
    if request is None or (request.state != "sent" and not planner):
        return None
    names = ("service_request_id", "status", "updated_at")
    more = ("status_notes", "state", "problem", "endpoint") if planner else ()
    return {name: getattr(request, name) for name in (*names, *more)}


def _public(row: InterventionRow, effect: Any) -> dict[str, Any]:
    values: dict[str, Value] = dict(effect)
    return {
        "intervention": row.intervention_id,
        "name": row.name,
        "kind": row.kind,
        "targets": row.targets,
        "from": row.begins_on.isoformat(),
        "to": None if row.completes_on is None else row.completes_on.isoformat(),
        "cost": None if row.cost is None else float(row.cost),
        "currency": row.currency,
        "owner": row.owner,
        "status": row.status,
        "follow_up_days": row.follow_up_days,
        "instrument": row.instrument_id,
        "area": geojson.write(row.area),
        **values,
    }


def _private(row: InterventionRow, told: ToldEffect | None) -> dict[str, Any]:
    return {
        "partners": row.partners,
        "reason": row.reason,
        "evaluation": None if told is None else _evaluation(row, told),
    }


def _evaluation(row: InterventionRow, told: ToldEffect) -> dict[str, Any]:
    found = told.evaluation
    per_cost = _scaled(found.effect, _PER / float(row.cost)) if found.effect and row.cost else None
    return {
        "as_of": told.as_of,
        "audits_before": found.audits[0],
        "audits_after": found.audits[1],
        "auditors_before": found.auditors[0],
        "auditors_after": found.auditors[1],
        "effect": found.effect,
        "effect_per_1000": per_cost,
        "score": found.score,
        "ratings": found.ratings,
        "surroundings": found.ring,
        "trend_p": found.trend_p,
        "months": msgspec.to_builtins(found.months),
        "places": found.places,
    }


def _scaled(effect: Effect, factor: float) -> Effect:
    parts = ("estimate", "low", "high", "detectable")
    return replace(effect, **{name: getattr(effect, name) * factor for name in parts})


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """Return the terms that a body says, by the names of the store; Invalid with all faults."""
    faults: list[Fault] = []
    said = {_COLUMN.get(name, name): value for name, value in body.items()}
    for name in ("from", "to"):
        if body.get(name) is not None:
            said[_COLUMN[name]] = _day(name, body[name], faults)
    for name in ("targets", "partners"):
        if name in said:
            said[name] = tuple(said[name])
    if said.get("cost") is not None:
        said["cost"] = Decimal(str(said["cost"]))
    if "area" in said:
        said["area"] = _area(said["area"], faults)
    if faults:
        raise Invalid("the intervention cannot be kept so", faults=faults)
    return said


def _day(name: str, text: str, faults: list[Fault]) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault(f"/{name}", "must be a day such as 2026-03-01"))
        return None


def _area(document: dict[str, Any], faults: list[Fault]) -> MultiPolygon | None:
    try:
        return read_boundary(document).area
    except PlaceError as error:
        faults.append(Fault("/area", str(error)))
        return None


def _reader() -> Actor | None:
    """Return the planner who asks, None for everybody else; a token that is none is refused."""
    if token_sent() is None:
        return None
    actor = actor_here()
    return actor if actor.role in _PLANNERS else None


def _answer(body: dict[str, Any], *, status: int = 200) -> Response:
    control = "public, max-age=60" if token_sent() is None else "private, no-store"
    return json_response(body, status=status, headers={"Cache-Control": control, "Vary": "Authorization"})


def _today(town: City) -> date:
    now: datetime = services().now()
    return now.astimezone(ZoneInfo(town.time_zone)).date()


def _actor() -> str:
    return f"key:{actor_here().id}"
