"""What is published along ways somebody might walk. The ways are in the body, and nothing keeps them."""

from dataclasses import asdict
from typing import Any

from flask import Response
from flask_restx import Namespace, Resource
from shapely.geometry import LineString

from geo import geojson
from geo.errors import PlaceError
from geo.routes import Passage, length_of_m, passage
from server.api.cells import LAYERS
from server.api.context import city_named, services
from server.api.reading import checked, one_of, parameter
from server.api.shapes.route import LONGEST_M, ROUTE_SCORES, ROUTES
from server.api.writing import json_response
from server.errors import Fault, Invalid
from server.queries.scores import find_scores
from server.services.score_routes import RouteScore, score_routes

namespace = Namespace("routes", path="/cities/<city>/routes", description="Scores along ways")


@namespace.route("/score")
class Scores(Resource):
    """What the latest run published along some ways."""

    @namespace.doc(
        params={
            "daypart": {"enum": list(LAYERS), "description": "else all"},
            "instrument": "else the city's first",
        }
    )
    @namespace.expect(namespace.schema_model("Routes", ROUTES), validate=False)
    @namespace.response(200, "One score each, in order", namespace.schema_model("RouteScores", ROUTE_SCORES))
    def post(self, city: str) -> Response:
        """Compare ways: how much of each is audited, its score, its worst stretch."""
        town = city_named(city)
        daypart = parameter("daypart", one_of(*LAYERS), default="all")
        instrument = parameter("instrument", one_of(*town.documents), default=next(iter(town.documents), ""))
        passages = _passages(checked(ROUTES)["routes"], resolution=town.resolution)
        with services().database.layer_reading() as connection:
            rows = find_scores(
                connection,
                city_id=town.city_id,
                instrument_id=instrument,
                layer=LAYERS[daypart],
                cells={cell for one in passages for cell in one.cell.tolist()},
            )
        told = [_present(score) for score in score_routes(passages, rows)]
        return json_response({"routes": told, "daypart": daypart, "instrument": instrument})


def _passages(lines: list[dict[str, Any]], *, resolution: int) -> list[Passage]:
    """Return the ways through the city's cells; Invalid names every line that is none, or is too long."""
    found, faults = [], []
    for place, line in enumerate(lines):
        try:
            found.append(_passage(line, resolution=resolution))
        except (PlaceError, ValueError) as error:
            faults.append(Fault(f"/routes/{place}", str(error)))
    if faults:
        raise Invalid("a way cannot be followed", faults=faults)
    return found


def _passage(line: dict[str, Any], *, resolution: int) -> Passage:
    way = geojson.read(line)
    if not isinstance(way, LineString):
        raise ValueError("must be a LineString")
    length_m = length_of_m(way)
    if length_m == 0:
        raise ValueError("has no length; give at least two different points")
    if length_m > LONGEST_M:
        raise ValueError(f"is {length_m / 1000:.0f} km long; at most {LONGEST_M / 1000:.0f} km, so cut it")
    return passage(way, resolution=resolution)


def _present(score: RouteScore) -> dict[str, Any]:
    return {"status": "insufficient" if score.score is None else "published", **asdict(score)}
