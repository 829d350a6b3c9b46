"""Values -> responses."""

from collections.abc import Mapping
from typing import Any

import msgspec
from flask import Response


def json_response(body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a JSON response; UUIDs and times are written as text, times with their offset."""
    return Response(msgspec.json.encode(body), status=status, headers=headers, mimetype="application/json")


def no_content() -> Response:
    """Return the empty answer to an act that leaves nothing to say."""
    response = Response(status=204)
    del response.headers["Content-Type"]  # of nothing (RFC 9110, 8.3)
    return response
