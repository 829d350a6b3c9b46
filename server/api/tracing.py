"""Each request gets an id, a line in the log and a count; none of them holds what was sent."""

import random
import re
import time
from collections.abc import Iterable
from uuid import UUID

import structlog
from flask import Flask, Response, g, request

from server.api import metrics

_PARAMETER_NAME = re.compile(r"[a-z][a-z_-]{0,30}")
_MOST_PARAMETERS = 12
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger("requests")


def register(app: Flask) -> None:
    """Trace every request of an application; must be registered before all other hooks."""
    app.before_request(_begin)
    app.after_request(_end)


def begin(given_id: str | None) -> str:
    """Return the id of a request that begins; from now on its thread's log lines carry it."""
    request_id = _request_id(given_id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def end(*, method: str, route: str, status: int, seconds: float, parameters: Iterable[str] = ()) -> None:
    """Count an answered request and log its line; `route` is the template: paths hold ids and cells."""
    metrics.count_request(method=method, route=route, status=status, seconds=seconds)
    log.info(
        "request",
        method=method,
        route=route,
        parameters=[name for name in parameters if _PARAMETER_NAME.fullmatch(name)][:_MOST_PARAMETERS],
        status=status,
        ms=round(seconds * 1000, 1),
    )


def _begin() -> None:
    g.started = time.perf_counter()
    g.request_id = begin(request.headers.get("X-Request-ID"))


def _end(response: Response) -> Response:
    response.headers["X-Request-ID"] = g.request_id
    end(
        method=request.method if request.method in _METHODS else "OTHER",
        route=request.url_rule.rule if request.url_rule else "unknown",
        status=response.status_code,
        seconds=time.perf_counter() - g.started,
        parameters=request.args,
    )
    return response


def _request_id(given: str | None) -> str:
    """Return the id a proxy gave if it is a UUID, else a new one: free text would go into the log."""
    try:
        return str(UUID(given)) if given else _new_id()
    except ValueError:
        return _new_id()


def _new_id() -> str:
    """Return a random UUID; it is no secret, and asking the system for randomness lets other threads in."""
    return str(UUID(int=random.getrandbits(128), version=4))
