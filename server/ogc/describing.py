"""Landing page, conformance, collections, queryables and schemas as documents."""

from typing import Any

from analysis.disclosure.layer import Field
from server.api.published import Collection
from server.cities import City
from server.filtering.cql2 import GEOMETRY
from server.filtering.crs import CRS84, SYSTEMS
from server.ogc.conformance import CLASSES
from server.ogc.editions import edition_of
from server.ogc.links import GEOJSON, HTML, JSON, OPENAPI, REL, SCHEMA, Link, address, link

Document = dict[str, Any]

JSON_TYPES = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean"}


def landing(town: City) -> Document:
    """Return the landing page without the links to itself."""
    return {
        "title": f"Safety audits of {town.name}",
        "description": "What the last analysis published, as layers for maps and other programs.",
        "links": [
            link(address(town, "/api", {"f": "json"}), "service-desc", OPENAPI, "The API, OpenAPI 3.0"),
            link(address(town, "/api", {"f": "html"}), "service-doc", HTML, "The API for people"),
            link(address(town, "/conformance"), "conformance", JSON, "Conformance classes"),
            link(address(town, "/collections"), "data", JSON, "The layers"),
        ],
    }


def conformance() -> Document:
    """Return what is declared."""
    return {"conformsTo": list(CLASSES)}


def collections(town: City, found: list[Collection]) -> Document:
    """Return the list of collections without the links to itself."""
    return {"crs": list(SYSTEMS), "collections": [collection(town, one) for one in found], "links": []}


def collection(town: City, one: Collection) -> Document:
    """Return one collection."""
    path, layer = f"/collections/{one.id}", one.layer
    bounds = edition_of(layer).bounds
    as_of = layer.as_of.isoformat()
    return {
        "id": one.id,
        "title": layer.title,
        "description": f"{layer.features} features of {layer.instrument_id}; audits until {as_of}",
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [list(bounds or town.area.bounds)], "crs": CRS84.uri},
            "temporal": {"interval": [[None, as_of]]},
        },
        "crs": list(SYSTEMS),
        "storageCrs": CRS84.uri,
        "links": [
            link(address(town, path), "self", JSON, "This collection"),
            link(address(town, path, {"f": "html"}), "alternate", HTML, "This collection as a page"),
            link(address(town, f"{path}/items"), "items", GEOJSON, "Its features"),
            link(address(town, f"{path}/items", {"f": "html"}), "items", HTML, "Its features as a page"),
            *_schema_links(town, path),
        ],
    }


def schema(town: City, one: Collection, name: str) -> Document:
    """Return the JSON Schema of the features, `schema` or `queryables`: what is told can be asked for."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(town, f"/collections/{one.id}/{name}"),
        "type": "object",
        "title": one.layer.title,
        "properties": {
            GEOMETRY: {"title": "Shape", "format": "geometry-any", "x-ogc-role": "primary-geometry"},
            **{field.name: property_of(field, seq) for seq, field in enumerate(one.layer.fields, start=1)},
        },
        "additionalProperties": False,
    }


def property_of(field: Field, seq: int) -> Document:
    """Return the schema of one field."""
    told: Document = {"title": field.title, "type": JSON_TYPES[field.type], "x-ogc-propertySeq": seq}
    return told | ({"x-ogc-role": "id"} if field.name in ("cell", "id") else {})


def _schema_links(town: City, path: str) -> list[Link]:
    return [
        link(address(town, f"{path}/queryables"), f"{REL}/queryables", SCHEMA, "What can be asked for"),
        link(address(town, f"{path}/schema"), f"{REL}/schema", SCHEMA, "Its fields"),
        link(address(town, f"{path}/schema"), "describedby", SCHEMA, "Its fields"),
    ]
