"""The API as flask-restx sees it: it routes and documents, and otherwise stays out of the way."""

from collections.abc import Callable
from typing import Any

import flask_restx
from flask import Flask

from server.api import (
    access,
    aggregates,
    audits,
    campaigns,
    cells,
    cities,
    devices,
    indicators,
    interventions,
    layers,
    moderation,
    photos,
    places,
    programme,
    receipts,
    releases,
    requests,
    routes,
    runs,
)
from server.api.shapes.problem import PROBLEM

EXTENSION = "safeaudit-api"
PREFIX = "/api/v1"
NAMESPACES = (
    cities.namespace,
    devices.namespace,
    audits.namespace,
    photos.namespace,
    places.namespace,
    receipts.namespace,
    cells.namespace,
    routes.namespace,
    layers.namespace,
    indicators.namespace,
    programme.namespace,
    campaigns.namespace,
    interventions.namespace,
    requests.namespace,
    moderation.namespace,
    releases.namespace,
    aggregates.namespace,
    runs.namespace,
)
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})


class Api(flask_restx.Api):
    """flask-restx with its error handling taken out: errors leave by `server.api.problems` alone."""

    def error_router(self, original_handler: Callable[[Exception], Any], e: Exception) -> Any:
        """Let Flask's own handlers answer."""
        return original_handler(e)


def register(app: Flask) -> Api:
    """Route every namespace of the API on an application."""
    # No caller may reshape answers by a header: a header without a name turns that off.
    app.config |= {"RESTX_MASK_HEADER": "", "RESTX_MASK_SWAGGER": False, "RESTX_VALIDATE": False}
    api = Api(
        title="safeaudit",
        version="1.0",
        description="Participatory safety audits: residents' ratings in, tested hotspots out.",
        license="Apache-2.0",
        prefix=PREFIX,
        doc=False,
        authorizations={
            "token": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "`Bearer ` and the token of a device or a key",
            }
        },
    )
    for namespace in NAMESPACES:
        api.add_namespace(namespace)
    api.schema_model("Problem", PROBLEM)
    api.init_app(app, add_specs=False)
    return api


def specification(api: Api) -> dict[str, Any]:
    """Return the Swagger 2.0 document, with what holds for all operations put into each; needs a request."""
    document: dict[str, Any] = _swagger_dialect(api.__schema__)
    document["definitions"]["Problem"] = _swagger_dialect(PROBLEM)
    for key in ("host", "responses"):
        document.pop(key, None)
    for path, operations in document["paths"].items():
        route = PREFIX + path.replace("{", "<").replace("}", ">")
        for method in _METHODS & operations.keys():
            _complete(operations[method], access.RULES[route][method.upper()])
    return document


def _complete(operation: dict[str, Any], rule: access.Access) -> None:
    problem = {"schema": {"$ref": "#/definitions/Problem"}}
    operation["responses"]["default"] = {"description": "A problem: see /problems/{slug}", **problem}
    operation["security"] = [] if rule is None else [{"token": []}]
    operation.setdefault("produces", ["application/json", "application/problem+json"])
    if rule is not None:
        holders = ", ".join(sorted(rule))
        operation["description"] = f"{operation.get('description', '')}\n\nToken of: {holders}.".strip()


def _swagger_dialect(shape: Any) -> Any:
    """Return JSON Schema as Swagger 2.0 writes it: no null type, but x-nullable."""
    if isinstance(shape, list):
        return [_swagger_dialect(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    told = {key: _swagger_dialect(value) for key, value in shape.items()}
    if isinstance(told.get("type"), list):
        told["type"] = told["type"][0]
        told["x-nullable"] = True
    return told
