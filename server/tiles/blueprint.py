"""The addresses below `/tiles/{city}/{layer}`."""

import gzip

import msgspec
import shapely
from flask import Blueprint, Response, request

from server.api.context import city_named, services
from server.api.published import collection_here
from server.errors import NotThere
from server.exporting.compact import encode_compact
from server.filtering.matching import matching
from server.ogc.answering import of_layer
from server.ogc.asking import FILTERS, parameters_here, predicate_here
from server.ogc.editions import edition_of, index_of, kept
from server.ogc.links import JSON, origin
from server.queries.features import make_tile
from server.queries.layers import PublishedLayer
from server.queries.streets import STREET_ZOOMS, make_streets_tile
from server.services.read_layer import read_layer
from server.styles.look import look_of
from server.styles.maplibre import maplibre_style
from server.styles.qml import qml
from server.tiles.cutting import CutTile

blueprint = Blueprint("tiles", __name__, url_prefix="/tiles")

MVT = "application/vnd.mapbox-vector-tile"
QML = "application/x-qgis-layer-settings"
DEEPEST = 14
"""A tile there is 2.4 km wide and told to 0.6 m; maps draw it larger beyond."""
_BOUNDARY_DEGREES = 0.0005  # the outline on a map needs no more


@blueprint.get("/<city>/<layer>/<z>/<x>/<y>.mvt")
def tile(city: str, layer: str, z: str, x: str, y: str) -> Response:
    """Serve a tile: of the whole layer as kept from its first making, of a filter what it leaves of that."""
    town = city_named(city)
    place = _place(z, x, y)
    found = collection_here(town, layer)
    parameters_here(*FILTERS, *(field.name for field in found.layer.fields))
    predicate = predicate_here(town, found.layer)

    def make() -> bytes:
        if predicate is None:
            return _tile(found.layer, place)
        return _cut(found.layer, place).showing(matching(predicate, index_of(found.layer)))

    lasting = None if predicate else "/".join(map(str, place))
    return of_layer(found, "mvt", MVT, make, lasting=lasting, costly=True)


@blueprint.get("/<city>/streets/<z>/<x>/<y>.mvt")
def streets(city: str, z: str, x: str, y: str) -> Response:
    """Serve a tile of the streets that a city loaded, for maps without a basemap; no layer is called so."""
    town, place = city_named(city), _place(z, x, y, zooms=STREET_ZOOMS)
    with services().database.transaction() as connection:
        tile = make_streets_tile(connection, city_id=town.city_id, place=place)
    response = Response(tile, mimetype=MVT)
    response.headers.update({"Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"})
    if request.accept_encodings.quality("gzip") > 0:
        response.set_data(gzip.compress(tile, 1, mtime=0))
        response.content_encoding = "gzip"
    return response


@blueprint.get("/<city>/<layer>.json")
def tilejson(city: str, layer: str) -> Response:
    """Describe the tiles of a layer: TileJSON 3.0."""
    town = city_named(city)
    found = collection_here(town, layer)
    parameters_here()

    def make() -> bytes:
        west, south, east, north = edition_of(found.layer).bounds or town.area.bounds
        body = {
            "tilejson": "3.0.0",
            "name": found.layer.title,
            "scheme": "xyz",
            "tiles": [f"{origin()}/tiles/{town.slug}/{found.id}/{{z}}/{{x}}/{{y}}.mvt"],
            "minzoom": 0,
            "maxzoom": DEEPEST,
            "bounds": [west, south, east, north],
            "center": [(west + east) / 2, (south + north) / 2, 11],
            "vector_layers": [
                {"id": found.layer.name, "fields": {field.name: field.title for field in found.layer.fields}}
            ],
        }
        return msgspec.json.encode(body)

    return of_layer(found, "tilejson", JSON, make, lasting=origin())


@blueprint.get("/<city>/<layer>/style.json")
def style(city: str, layer: str) -> Response:
    """Serve a MapLibre style of a layer, with its legend as metadata."""
    town = city_named(city)
    found = collection_here(town, layer)
    parameters_here()

    def make() -> bytes:
        boundary = shapely.to_geojson(town.area.simplify(_BOUNDARY_DEGREES))
        body = maplibre_style(
            look_of(found.layer.fields),
            name=found.layer.title,
            layer=found.layer.name,
            tilejson=f"{origin()}/tiles/{town.slug}/{found.id}.json",
            boundary=msgspec.Raw(boundary.encode()),
        )
        return msgspec.json.encode(body)

    return of_layer(found, "style", JSON, make, lasting=origin())


@blueprint.get("/<city>/<layer>/style.qml")
def qgis_style(city: str, layer: str) -> Response:
    """Serve the same as a layer style of QGIS."""
    found = collection_here(city_named(city), layer)
    parameters_here()
    response = of_layer(found, "qml", QML, lambda: qml(look_of(found.layer.fields)), lasting="style")
    response.headers["Content-Disposition"] = f'attachment; filename="{city}-{found.id}.qml"'
    return response


@blueprint.get("/<city>/<layer>/values.json")
def values(city: str, layer: str) -> Response:
    """Serve cells as ids and values, for maps that draw hexagons themselves (docs/tiles.md)."""
    found = collection_here(city_named(city), layer)
    parameters_here()
    if not {"cell", "class", "score"} <= {field.name for field in found.layer.fields}:
        raise NotThere(f"{found.id} has no such form; cells, cells-day, cells-night and cells-now have")
    return of_layer(found, "values", JSON, lambda: _compact(found.layer), lasting="values")


def _compact(layer: PublishedLayer) -> bytes:
    with services().database.layer_reading() as connection:
        return encode_compact(read_layer(connection, layer))


def _cut(layer: PublishedLayer, place: tuple[int, int, int]) -> CutTile:
    ids = index_of(layer).ids

    def make() -> CutTile:
        return CutTile.of(_tile(layer, place), ids=ids, id_field=layer.id_field)

    return kept(layer, "/".join(map(str, place)), make)


def _tile(layer: PublishedLayer, place: tuple[int, int, int]) -> bytes:
    with services().database.layer_reading() as connection:
        return make_tile(connection, layer, place=place)


def _place(z: str, x: str, y: str, *, zooms: tuple[int, int] = (0, DEEPEST)) -> tuple[int, int, int]:
    """Return the place of a tile in WebMercatorQuad; NotThere tells the limits."""
    if not all(text.isascii() and text.isdigit() and len(text) < 9 for text in (z, x, y)):
        raise NotThere("a tile is named by whole numbers: /{z}/{x}/{y}.mvt")
    zoom, column, row = int(z), int(x), int(y)
    least, most = zooms
    if not least <= zoom <= most:
        raise NotThere(f"there are tiles from z={least} to z={most}, not z={zoom}; draw the last ones larger")
    if max(column, row) >= 2**zoom:
        raise NotThere(f"at z={zoom} x and y go from 0 to {2**zoom - 1}")
    return zoom, column, row
