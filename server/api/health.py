"""Is it alive, is it ready, how is it doing: for supervisors, balancers and monitoring."""

import hmac
from functools import lru_cache
from ipaddress import ip_address

from flask import Blueprint, Response, request

from server import durability
from server.api.authentication import token_sent
from server.api.context import services
from server.api.metrics import exposition
from server.api.writing import json_response
from server.draining import is_draining
from server.errors import NotAuthenticated, Unavailable
from server.services.migrate import head, known, revision

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer as long as this process can."""
    return json_response({"status": "alive"}, headers={"Cache-Control": "no-store"})


@blueprint.get("/readyz")
def ready() -> Response:
    """Answer 200 if audits can be taken: the store answers, has this schema, and keeps what it confirms.

    The schema of a newer program will do: it keeps what this one needs until no such process is left.
    """
    if is_draining():
        raise Unavailable("this server is about to end")
    with services().database.transaction() as connection:
        found = revision(connection)
        if found is None or found in _earlier():
            raise Unavailable(f"the store has schema {found}, not {head()}: run 'safeaudit migrate'")
        try:
            durability.check(connection)
        except durability.DurabilityOff as fault:
            raise Unavailable(str(fault)) from fault
    return json_response({"status": "ready", "schema": found}, headers={"Cache-Control": "no-store"})


@blueprint.get("/metrics")
def metrics() -> Response:
    """Tell the numbers to this machine itself, or to who has the metrics token."""
    if not _is_this_machine():
        _check_token()
    text, content_type = exposition()
    return Response(text, content_type=content_type, headers={"Cache-Control": "no-store"})


def _check_token() -> None:
    token, expected = token_sent(), services().settings.metrics_token
    if token is None or expected is None or not hmac.compare_digest(token.encode(), expected.encode()):
        raise NotAuthenticated("metrics are for this machine, or for the token in SAFEAUDIT_METRICS_TOKEN")


def _is_this_machine() -> bool:
    """Return whether the sender is local; a proxy on this machine that is not declared proves nothing."""
    if services().settings.trusted_proxies == 0 and _was_forwarded():
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _was_forwarded() -> bool:
    return any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"))


@lru_cache(maxsize=1)
def _earlier() -> frozenset[str]:
    return known() - {head()}
