"""The one door by which errors leave: RFC 9457 problem+json, or a small page where HTML is preferred."""

from typing import Any

import psycopg
import sqlalchemy.exc
import structlog
from flask import Flask, Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from server.api import openrosa_answers, problem_types
from server.api.problem_titles import LANGUAGES
from server.api.problem_types import ProblemType
from server.api.writing import json_response
from server.errors import Fault, Refusal, TooMany, Unavailable

_RETRY_AFTER_OUTAGE_S = 3
_READ_ONLY = "25006"  # a standby answers while another server takes over

log = structlog.get_logger("problems")


def register(app: Flask) -> None:
    """Let every error of an application leave by this door."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)


def _refused(refusal: Refusal) -> Response:
    response = _problem(problem_types.type_of(refusal), detail=refusal.detail, faults=refusal.faults)
    if isinstance(refusal, TooMany):
        response.headers["Retry-After"] = str(refusal.retry_after_s)
    if isinstance(refusal, Unavailable):
        response.headers["Retry-After"] = str(_RETRY_AFTER_OUTAGE_S)
    return response


def _http_error(error: HTTPException) -> Response | HTTPException:
    status = error.code or 500
    if status < 400:
        return error
    kind = problem_types.BY_STATUS.get(status) or problem_types.unnamed(status)
    response = _problem(kind, detail=kind.meaning.split(". ")[0])
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _failed(error: Exception) -> Response:
    if _is_outage(error):
        log.warning("store unavailable", exc_info=error)
        response = _problem(
            problem_types.UNAVAILABLE, detail="the store cannot be reached just now; send the same again"
        )
        response.headers["Retry-After"] = str(_RETRY_AFTER_OUTAGE_S)
        return response
    log.error("request failed", exc_info=error)
    return _problem(problem_types.INTERNAL, detail="tell the operator the id in `instance`")


def _is_outage(error: BaseException) -> bool:
    """Return whether an error means that the store is away, rather than that a statement is wrong."""
    if isinstance(error, sqlalchemy.exc.DBAPIError):
        return error.connection_invalidated or (error.orig is not None and _is_outage(error.orig))
    # OperationalError: connection lost, out of room or memory, shut down, deadlock, timeout.
    return (
        isinstance(error, psycopg.OperationalError | sqlalchemy.exc.TimeoutError)
        or getattr(error, "sqlstate", None) == _READ_ONLY
    )


def _problem(kind: ProblemType, *, detail: str, faults: tuple[Fault, ...] = ()) -> Response:
    language = request.accept_languages.best_match(LANGUAGES, "en")
    body: dict[str, Any] = {
        "type": kind.path if kind.slug else "about:blank",
        "title": kind.title(language),
        "status": kind.status,
        "detail": detail,
        "instance": f"urn:uuid:{g.request_id}",
    }
    if faults:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.detail} for fault in faults]
    response = _rendered(body)
    if response.mimetype == "application/json":
        response.mimetype = "application/problem+json"
    response.headers["Content-Language"] = language
    response.headers["Cache-Control"] = "no-store"
    response.vary.update(["Accept", "Accept-Language"])
    if kind is problem_types.NOT_AUTHENTICATED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="safeaudit"'
    return response


def _rendered(body: dict[str, Any]) -> Response:
    if openrosa_answers.is_openrosa():
        faults = [f"{fault['pointer']} {fault['detail']}" for fault in body.get("errors", ())]
        message = f"{body['title']}: {'; '.join([body['detail'], *faults])}"
        return openrosa_answers.told(message, status=body["status"])
    return _page(body) if _prefers_html() else json_response(body, status=body["status"])


def _page(body: dict[str, Any]) -> Response:
    return Response(render_template("problem.html", **body), status=body["status"], mimetype="text/html")


def _prefers_html() -> bool:
    accepted = request.accept_mimetypes
    return accepted["text/html"] > max(accepted["application/json"], accepted["application/problem+json"])
