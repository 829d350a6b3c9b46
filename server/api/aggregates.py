"""Aggregates with differential privacy: for everybody what was answered, for researchers questions."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from flask_restx import Namespace, Resource

from server.aggregating.ask import Cost, ask, budgets, cost_of
from server.aggregating.question import Question
from server.aggregating.wording import budget_told, noise_told, question_of
from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.reading import checked
from server.api.shapes.aggregate import AGGREGATE, AGGREGATES, COST, NEW_AGGREGATE
from server.api.writing import json_response
from server.cities import City
from server.errors import NotThere
from server.queries.aggregates import Asked, find_aggregate, list_aggregates

namespace = Namespace(
    "aggregates", path="/cities/<city>/aggregates", description="Counts and means with differential privacy"
)
_aggregate = namespace.schema_model("Aggregate", AGGREGATE)
_question = namespace.schema_model("NewAggregate", NEW_AGGREGATE)

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_YET = {"Cache-Control": "no-store", "Retry-After": "2"}
_PEOPLE = (20, 50, 100, 200, 500)
"""For how many the width of a mean's interval is told beforehand."""


@namespace.route("")
class Aggregates(Resource):
    """What was asked of a city."""

    @namespace.response(200, "The latest first", namespace.schema_model("Aggregates", AGGREGATES))
    def get(self, city: str) -> Response:
        """List what was asked, and what of the privacy budget of each year is spent."""
        town = city_named(city)
        today = services().now().astimezone(ZoneInfo(town.time_zone)).date()
        with services().database.layer_reading() as connection:
            left = budgets(connection, town, today=today)
            found = list_aggregates(connection, city_id=town.city_id)
        body = {
            "budgets": [budget_told(one) for one in left],
            "aggregates": [_short(town, one) for one in found],
        }
        return json_response(body, headers={"Cache-Control": "no-store"})

    @namespace.expect(_question, validate=False)
    @namespace.response(200, "It was answered before, and costs nothing", _aggregate)
    @namespace.response(202, "It is paid for and will be answered; Location tells where", _aggregate)
    @namespace.response(409, "Too little is left of the year's budget, or the quarter is open")
    @namespace.response(503, "OpenDP is not installed here")
    def post(self, city: str) -> Response:
        """Ask a question; it spends epsilon for ever, unless it was asked before."""
        town = city_named(city)
        asked = ask(
            services().database,
            town,
            _read(town),
            actor=f"key:{actor_here().id}",
            now=services().now(),
        )
        if asked.answer is not None:
            return json_response(_whole(town, asked))
        headers = {**_NOT_YET, "Location": _address(town, asked)}
        return json_response(_whole(town, asked), status=202, headers=headers)


@namespace.route("/cost")
class CostOfAggregate(Resource):
    """What a question would cost."""

    @namespace.expect(_question, validate=False)
    @namespace.response(200, "Nothing is spent by asking this", namespace.schema_model("Cost", COST))
    @namespace.response(409, "The quarter is open")
    def post(self, city: str) -> Response:
        """Tell what a question would spend, what is left, and how exact the answer would be."""
        town = city_named(city)
        question = _read(town)
        cost = cost_of(services().database, town, question, now=services().now())
        return json_response(_cost(town, question, cost), headers={"Cache-Control": "private, no-store"})


@namespace.route("/<aggregate>")
class OneAggregate(Resource):
    """One question and its answer."""

    @namespace.response(200, "The question; once answered, it never changes", _aggregate)
    def get(self, city: str, aggregate: str) -> Response:
        """Show what was asked and what was answered."""
        town = city_named(city)
        with services().database.layer_reading() as connection:
            found = find_aggregate(connection, city_id=town.city_id, aggregate_id=aggregate)
        if found is None:
            raise NotThere(f"nobody asked for an aggregate {aggregate[:80]!r} here")
        return json_response(_whole(town, found), headers=_NOT_YET if found.answer is None else _FOR_EVER)


def _read(town: City) -> Question:
    return question_of(services().database, town, checked(NEW_AGGREGATE))


def _short(town: City, asked: Asked) -> dict[str, Any]:
    told = {name: value for name, value in asked.question.items() if name != "zones_sha256"}
    status = "answered" if asked.answer is not None else "refused" if asked.fault else "waiting"
    return {
        **told,
        "id": asked.aggregate_id,
        "status": status,
        "epsilon": float(asked.epsilon),
        "year": asked.year,
        "asked_at": asked.asked_at,
        "answered_at": asked.answered_at,
        "fault": asked.fault,
        "href": _address(town, asked),
    }


def _whole(town: City, asked: Asked) -> dict[str, Any]:
    return {**_short(town, asked), **(asked.answer or {"noise": [], "software": None, "rows": []})}


def _cost(town: City, question: Question, cost: Cost) -> dict[str, Any]:
    terms = question.terms(town)
    return {
        "id": question.id,
        "epsilon": float(cost.epsilon),
        "asked_before": cost.known,
        "affordable": cost.epsilon <= cost.budget.left or cost.epsilon == Decimal(0),
        "budget": budget_told(cost.budget),
        "noise": noise_told(terms),
        "mean_within": [{"auditors": people, "within": terms.mean_within(people)} for people in _PEOPLE]
        if terms.top
        else [],
    }


def _address(town: City, asked: Asked) -> str:
    return f"/api/v1/cities/{town.slug}/aggregates/{asked.aggregate_id}"
