"""Runs: how the published numbers were made; for planners every kept one, and a new one on demand."""

from typing import Any

from flask import Response
from flask_restx import Namespace, Resource

from server.actors import Role
from server.api.authentication import actor_here, token_sent
from server.api.context import city_named, services
from server.api.shapes.run import RUN, RUN_JOB, RUNS
from server.api.writing import json_response
from server.cities import City
from server.errors import NotThere
from server.queries.jobs import Job
from server.queries.layers import PUBLIC, PublishedLayer, list_of_run
from server.queries.runs import RunRecord, list_records
from server.services.order_run import find_run_job, order_run

namespace = Namespace("runs", path="/cities/<city>/runs", description="How the layers were made")

_PLANNERS = frozenset({Role.PLANNER, Role.ANALYST, Role.ADMIN})
_run_job = namespace.schema_model("RunJob", RUN_JOB)
_LARGEST_ID = 2**63 - 1


@namespace.route("")
class Runs(Resource):
    """The runs of a city."""

    @namespace.response(200, "The latest first", namespace.schema_model("Runs", RUNS))
    def get(self, city: str) -> Response:
        """Show the run behind the public layers; a planner's key shows every run that is kept."""
        town, planner = city_named(city), _planner()
        return _answer({"runs": [_present(town, run, planner=planner) for run in _visible(town, planner)]})

    @namespace.response(202, "It will run; Location tells where to ask for it", _run_job)
    def post(self, city: str) -> Response:
        """Start a run; one that waits already serves both."""
        town = city_named(city)
        with services().database.transaction() as connection:
            job_id = order_run(connection, city_id=town.city_id, actor=f"key:{actor_here().id}")
        with services().database.transaction() as connection:
            job = find_run_job(connection, city_id=town.city_id, job_id=job_id)
        place = f"/api/v1/cities/{town.slug}/runs/jobs/{job_id}"
        return json_response(_told(job), status=202, headers={"Location": place, "Retry-After": "10"})


@namespace.route("/<run>")
class OneRun(Resource):
    """One run."""

    @namespace.response(200, "How it was made, and what it published", namespace.schema_model("Run", RUN))
    def get(self, city: str, run: str) -> Response:
        """Show a run: without a planner's key the one behind the public layers alone."""
        town, planner, run_id = city_named(city), _planner(), _number(run)
        for one in _visible(town, planner):
            if one.run_id == run_id:
                return _answer(_present(town, one, planner=planner))
        raise NotThere("no such run here")


@namespace.route("/jobs/<job>")
class RunJob(Resource):
    """A run that was asked for."""

    @namespace.response(200, "How far it is; run is its number once it is published", _run_job)
    def get(self, city: str, job: str) -> Response:
        """Show what became of a run that was asked for; told for a day after its end."""
        town, job_id = city_named(city), _number(job)
        with services().database.transaction() as connection:
            found = find_run_job(connection, city_id=town.city_id, job_id=job_id)
        return json_response(_told(found), headers={"Cache-Control": "private, no-store"})


def _planner() -> bool:
    """Return whether a planner asks; a token that is none is refused."""
    if token_sent() is None:
        return False
    return actor_here().role in _PLANNERS


def _visible(town: City, planner: bool) -> list[RunRecord]:
    """Return the runs somebody may see: of the public ones the latest alone, so that none can be compared."""
    with services().database.layer_reading() as connection:
        kept = list(list_records(connection, city_id=town.city_id))
    return kept if planner else [run for run in kept if run.public][:1]


def _present(town: City, run: RunRecord, *, planner: bool) -> dict[str, Any]:
    with services().database.layer_reading() as connection:
        layers = list_of_run(connection, city_id=town.city_id, run_id=run.run_id)
    made = run.parameters
    return {
        "run": run.run_id,
        "as_of": run.as_of,
        "finished_at": run.finished_at,
        "public": run.public,
        "seed": run.seed,
        "k": made["k"],
        "resolution": made["resolution"],
        "software": made["software"],
        "instruments": [_account(id_, told, planner) for id_, told in made["instruments"].items()],
        "layers": [_layer(layer) for layer in layers if planner or layer.audience == PUBLIC],
    } | ({"started_at": run.started_at} if planner else {})


def _account(instrument_id: str, told: dict[str, Any], planner: bool) -> dict[str, Any]:
    """Return how the numbers of an instrument were made, for everybody by the public account alone."""
    everybody = {name: told[name] for name in ("version", "half_life_days")}
    everybody |= {"instrument": instrument_id, "public": told.get("public")}
    if not planner:
        return everybody
    return everybody | {name: told[name] for name in ("audits", "street_km", "planner")}


def _layer(layer: PublishedLayer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "instrument": layer.instrument_id,
        "audience": layer.audience,
        "features": layer.features,
    }


def _told(job: Job) -> dict[str, Any]:
    return {
        "job": job.job_id,
        "status": job.status,
        "asked_at": job.asked_at,
        "finished_at": job.finished_at,
        "run": job.run_id,
        "share": job.share,
    }


def _number(text: str) -> int:
    """Return the number in a path; any other text names nothing."""
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID):
        raise NotThere("nothing here, or not yours")
    return int(text)


def _answer(body: dict[str, Any]) -> Response:
    control = "public, max-age=60" if token_sent() is None else "private, no-store"
    return json_response(body, headers={"Cache-Control": control, "Vary": "Authorization"})
