"""Indicators of a city, for reports and for comparing cities."""

import csv
import io
from dataclasses import fields

import msgspec
from flask import Response, request
from flask_restx import Namespace, Resource

from server.api.context import city_named, services
from server.api.shapes.indicator import INDICATORS
from server.api.writing import json_response
from server.cities import City
from server.errors import NotThere
from server.queries.layers import PublishedLayer
from server.services.read_indicators import LAYER, Indicator, indicators_of
from server.services.read_layer import find_layer, read_layer

namespace = Namespace("indicators", path="/cities/<city>", description="Figures of a city as a whole")

_CACHED = {"Cache-Control": "public, max-age=60"}
_PARAMETERS = {"instrument": "else the city's first"}


@namespace.route("/indicators")
class Indicators(Resource):
    """What the last public run says of the city as a whole."""

    @namespace.doc(params=_PARAMETERS)
    @namespace.response(200, "Every indicator", namespace.schema_model("Indicators", INDICATORS))
    def get(self, city: str) -> Response:
        """Show the indicators; a value is null where not enough people audited."""
        return _json(*_read(city))


@namespace.route("/indicators.<extension>")
class IndicatorsFile(Resource):
    """The same as a file."""

    @namespace.doc(params={**_PARAMETERS, "extension": {"enum": ["json", "csv"], "description": "format"}})
    @namespace.response(200, "Every indicator: JSON as above, or one line each")
    def get(self, city: str, extension: str) -> Response:
        """Download the indicators as JSON or CSV."""
        if extension not in ("json", "csv"):
            raise NotThere(f"indicators come as json and csv, not as {extension[:20]!r}")
        layer, found = _read(city)
        return _json(layer, found) if extension == "json" else _csv(found)


def _read(city: str) -> tuple[PublishedLayer, list[Indicator]]:
    return read_indicators(city_named(city), request.args.get("instrument"))


def read_indicators(town: City, instrument_id: str | None = None) -> tuple[PublishedLayer, list[Indicator]]:
    """Return the indicators of a city and the layer that they stand in; NoRun before the first run."""
    with services().database.layer_reading() as connection:
        layer = find_layer(
            connection,
            city_id=town.city_id,
            name=LAYER,
            instruments=tuple(town.documents),
            instrument_id=instrument_id,
        )
        return layer, indicators_of(read_layer(connection, layer))


def _json(layer: PublishedLayer, found: list[Indicator]) -> Response:
    body = {"as_of": layer.as_of, "instrument": layer.instrument_id, "indicators": found}
    return json_response(body, headers=_CACHED)


def _csv(found: list[Indicator]) -> Response:
    target = io.StringIO()
    writer = csv.DictWriter(target, [field.name for field in fields(Indicator)])
    writer.writeheader()
    writer.writerows(msgspec.to_builtins(found))
    return Response(target.getvalue(), headers=_CACHED, content_type="text/csv; charset=utf-8")
