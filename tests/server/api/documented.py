"""Answers against the committed description of the API, closed: a field nobody documented is a fault."""

from typing import Any

from jsonschema import Draft4Validator
from werkzeug.test import TestResponse

PREFIX = "/api/v1"


def assert_documented(response: TestResponse, method: str, specification: dict[str, Any]) -> None:
    """Fail unless status and body are those the description promises for this operation."""
    rule = response.request.path
    if not rule.startswith(PREFIX) or response.status_code >= 500:
        return
    operation = _operation(rule[len(PREFIX) :], method, specification)
    if operation is None:
        assert response.status_code in (404, 405)
        return
    if response.status_code >= 400:
        assert response.mimetype in ("application/problem+json", "text/html")
        shape = {"$ref": "#/definitions/Problem"}
    else:
        told = operation["responses"]
        assert str(response.status_code) in told, f"{method} {rule}: {response.status_code} is not documented"
        shape = told[str(response.status_code)].get("schema")
    if response.mimetype in ("text/html", "image/jpeg") or response.status_code in (204, 304):
        return
    assert shape is not None, f"{method} {rule}: {response.status_code} has no documented body"
    if "/receipts" in rule and response.status_code == 200:
        return  # one of two shapes, which Swagger 2.0 cannot say; the receipt tests compare the bodies
    closed = _closed({**shape, "definitions": specification["definitions"]})
    faults = [error.message for error in Draft4Validator(closed).iter_errors(response.json)]
    assert not faults, f"{method} {rule}: {faults}"


def _operation(path: str, method: str, specification: dict[str, Any]) -> dict[str, Any] | None:
    parts = path.split("/")
    exact = [route for route in specification["paths"] if route == path]
    for route in exact or sorted(specification["paths"], key=lambda route: route.count("{")):
        pieces = route.split("/")
        if len(pieces) == len(parts) and all(
            piece.startswith("{") or piece == part for piece, part in zip(pieces, parts, strict=True)
        ):
            operation = specification["paths"][route].get(method.lower())
            if operation is not None:
                return operation
    return None


def _closed(shape: Any) -> Any:
    """Return Swagger's dialect as JSON Schema, no further field allowed anywhere."""
    if isinstance(shape, list):
        return [_closed(item) for item in shape]
    if not isinstance(shape, dict):
        return shape
    made = {key: _closed(value) for key, value in shape.items()}
    if isinstance(made.get("properties"), dict) and made.get("type") == "object":
        made["additionalProperties"] = False
    if made.pop("x-nullable", False):
        made["type"] = [made["type"], "null"]
    return made
