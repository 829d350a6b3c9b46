"""The description of the API in OpenAPI 3.0; GDAL and QGIS take page sizes and queryables from it."""

from importlib.metadata import version
from typing import Any

from server.api.published import Collection
from server.cities import City
from server.filtering.crs import SYSTEMS
from server.ogc.asking import DEFAULT_LIMIT, FORMS, LARGEST_LIMIT
from server.ogc.describing import JSON_TYPES
from server.ogc.links import GEOJSON, HTML, JSON, SCHEMA, address

Document = dict[str, Any]

_CRS = {"type": "string", "format": "uri", "enum": list(SYSTEMS)}
_NUMBERS = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}


def openapi(town: City, collections: list[Collection]) -> Document:
    """Return the document for a city, with the items of each collection."""
    paths = {
        "/": _get("landing", "The landing page", JSON),
        "/api": _get("api", "This document", JSON),
        "/conformance": _get("conformance", "Conformance classes", JSON),
        "/collections": _get("collections", "The layers", JSON),
    }
    for one in collections:
        paths |= _paths_of(one)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"Safety audits of {town.name}",
            "version": version("safeaudit"),
            "description": "Layers of the last analysis, after OGC API Features.",
        },
        "servers": [{"url": address(town)}],
        "paths": paths,
        "components": {
            "parameters": _shared_parameters(),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "password": {"type": "http", "scheme": "basic"},  # the token is the password
            },
        },
        "security": [{}, {"token": []}, {"password": []}],
    }


def _paths_of(one: Collection) -> dict[str, Document]:
    path, name = f"/collections/{one.id}", one.id
    shared = [{"$ref": f"#/components/parameters/{key}"} for key in _shared_parameters() if key != "f"]
    fields = [
        _parameter(field.name, {"type": JSON_TYPES[field.type]}, f"Only with this value: {field.title}")
        for field in one.layer.fields
    ]
    id_ = _parameter("featureId", {"type": "string"}, "Id of the feature") | {"in": "path", "required": True}
    crs = {"$ref": "#/components/parameters/crs"}
    return {
        path: _get(f"describe.{name}", one.layer.title, JSON),
        f"{path}/queryables": _get(f"queryables.{name}", "What can be asked for", SCHEMA),
        f"{path}/schema": _get(f"schema.{name}", "Its fields", SCHEMA),
        f"{path}/items": _get(f"items.{name}", f"{one.layer.title}: features", GEOJSON, *shared, *fields),
        f"{path}/items/{{featureId}}": _get(f"item.{name}", "One feature", GEOJSON, id_, crs),
    }


def _get(operation: str, summary: str, media_type: str, *parameters: Document) -> Document:
    content = {media_type: {"schema": {"type": "object"}}, HTML: {"schema": {"type": "string"}}}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    return {
        "get": {
            "operationId": operation,
            "summary": summary,
            "parameters": [{"$ref": "#/components/parameters/f"}, *parameters],
            "responses": {
                "200": {"description": summary, "content": content},
                "default": {"description": "A problem (RFC 9457)", "content": problem},
            },
        }
    }


def _shared_parameters() -> dict[str, Document]:
    limit = {"type": "integer", "minimum": 1, "maximum": LARGEST_LIMIT, "default": DEFAULT_LIMIT}
    language = {"type": "string", "enum": ["cql2-text", "cql-text"], "default": "cql2-text"}
    text = {"type": "string"}
    return {
        "f": _parameter("f", {"type": "string", "enum": list(FORMS)}, "Form of the answer"),
        "limit": _parameter("limit", limit, "Most features on a page; more than the maximum is the maximum"),
        "after": _parameter("after", text, "Id behind which the page begins; `next` links carry it"),
        "crs": _parameter("crs", _CRS, "Of the coordinates in the answer"),
        "bbox": _parameter("bbox", _NUMBERS, "West,south,east,north") | {"style": "form", "explode": False},
        "bbox-crs": _parameter("bbox-crs", _CRS, "Of the box"),
        "datetime": _parameter("datetime", text, "A time, or an interval such as 2026-01-01/.."),
        "filter": _parameter("filter", text, "CQL2 text"),
        "filter-lang": _parameter("filter-lang", language, "Language of the filter"),
        "filter-crs": _parameter("filter-crs", _CRS, "Of coordinates in the filter"),
    }


def _parameter(name: str, schema: Document, description: str) -> Document:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": description}
