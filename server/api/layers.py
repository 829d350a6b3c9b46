"""Published layers as files. Knows no audit and cannot: see the privacy contract in setup.cfg."""

import gzip
from typing import Any

import msgspec
from flask import Response, current_app, request
from flask_restx import Namespace, Resource

from server.actors import Actor
from server.api.context import city_named, services
from server.api.published import log_reading, reader_here, tag_of
from server.api.shapes.layer import LAYERS
from server.api.writing import json_response
from server.cities import City
from server.exporting.files import FORMATS, Format, format_of
from server.exporting.shelf import Shelf
from server.queries.layers import PUBLIC, PublishedLayer, list_latest
from server.services.read_layer import find_layer, read_layer

namespace = Namespace("layers", path="/cities/<city>/layers", description="What the last run published")

_SHELF = "safeaudit-layer-files"
_SHELF_BYTES = 64 * 1024 * 1024
_GZIP_LEVEL = 6  # a third smaller than 1; paid once, as finished files are kept (docs/layers.md)


@namespace.route("")
class Layers(Resource):
    """The layers of a city."""

    @namespace.response(200, "What exists", namespace.schema_model("Layers", LAYERS))
    def get(self, city: str) -> Response:
        """List the layers of the last run, what they hold and where; planners' too, which need a key."""
        town = city_named(city)
        with services().database.layer_reading() as connection:
            found = list_latest(connection, city_id=town.city_id)
        body = {"layers": [_present(town, layer) for layer in found]}
        return json_response(body, headers={"Cache-Control": "public, max-age=60"})


@namespace.route("/<layer>.<extension>")
class LayerFile(Resource):
    """One layer as a file."""

    @namespace.doc(
        params={
            "extension": {"enum": list(FORMATS), "description": "the file format"},
            "instrument": "else the city's first that has this layer",
        }
    )
    @namespace.response(200, "The file; its ETag tells the run")
    @namespace.response(206, "The part asked for by a Range header")
    @namespace.response(304, "The file is the one you have")
    @namespace.response(416, "The part asked for is not in the file")
    def get(self, city: str, layer: str, extension: str) -> Response:
        """Download a layer; planners' layers need a key of a planner, analyst or admin."""
        town, format_ = city_named(city), format_of(extension)
        with services().database.layer_reading() as connection:
            found = find_layer(
                connection,
                city_id=town.city_id,
                name=layer,
                instruments=tuple(town.documents),
                instrument_id=request.args.get("instrument"),
            )
        reader = None if found.audience == PUBLIC else reader_here()
        zipped = format_.is_text and request.accept_encodings.quality("gzip") > 0 and request.range is None
        tag = _tag(found, extension, zipped=zipped)
        response = Response(headers=_headers(found), mimetype=None, content_type=format_.media_type)
        response.set_etag(tag)
        if request.if_none_match.contains(tag):
            response.status_code = 304
            return response
        if zipped:
            response.content_encoding = "gzip"
        response.headers["Content-Disposition"] = f'attachment; filename="{town.slug}-{layer}.{extension}"'
        body = _body(found, format_, tag, zipped=zipped, reader=reader)
        response.set_data(body)
        # GDAL and QGIS open a file by its address in parts (/vsicurl), and refuse a server that sends none.
        response.make_conditional(request.environ, accept_ranges=True, complete_length=len(body))
        return response


def _tag(layer: PublishedLayer, extension: str, *, zipped: bool) -> str:
    tag = tag_of(layer, extension)
    return f"{tag}-gzip" if zipped else tag


def _headers(layer: PublishedLayer) -> dict[str, str]:
    if layer.audience == PUBLIC:
        return {"Cache-Control": "public, max-age=60", "Vary": "Accept-Encoding"}
    return {"Cache-Control": "private, no-store", "Vary": "Accept-Encoding, Authorization"}


def _body(layer: PublishedLayer, format_: Format, tag: str, *, zipped: bool, reader: Actor | None) -> bytes:
    def make() -> bytes:
        with services().database.layer_reading() as connection:
            file = format_.encode(read_layer(connection, layer))
        return gzip.compress(file, _GZIP_LEVEL, mtime=0) if zipped else file

    if reader is None:
        shelf: Shelf[bytes] = current_app.extensions.setdefault(_SHELF, Shelf(_SHELF_BYTES, size_of=len))
        return shelf.get(f"{layer.city_id}/{tag}", make)
    log_reading(layer, reader)
    return make()


def _present(city: City, layer: PublishedLayer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title,
        "audience": layer.audience,
        "instrument": layer.instrument_id,
        "as_of": layer.as_of,
        "published_at": layer.finished_at,
        "fields": msgspec.to_builtins(layer.fields),
        "links": [_link(city, layer, ending, format_) for ending, format_ in FORMATS.items()],
    }


def _link(city: City, layer: PublishedLayer, ending: str, format_: Format) -> dict[str, str]:
    address = f"/api/v1/cities/{city.slug}/layers/{layer.name}.{ending}?instrument={layer.instrument_id}"
    return {"href": address, "type": format_.media_type, "title": format_.title}
