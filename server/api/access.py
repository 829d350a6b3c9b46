"""Who may do what: every route and method, on one page. What is not in the table cannot be served."""

from collections.abc import Mapping

from flask import Flask, request

from server.actors import Role
from server.api import limiting
from server.api.authentication import actor_here
from server.api.context import services
from server.errors import NotAllowed

Access = frozenset[Role] | None

PUBLIC: Access = None  # no token needed; views that offer more to some look at the token themselves
AUDITOR: Access = frozenset({Role.AUDITOR})
PLANNER: Access = frozenset({Role.PLANNER, Role.ADMIN})
RESEARCHER: Access = frozenset({Role.PLANNER, Role.ANALYST, Role.ADMIN})
ADMIN: Access = frozenset({Role.ADMIN})
ORGANISER: Access = frozenset({Role.ORGANISER, Role.ADMIN})
MODERATOR: Access = frozenset({Role.MODERATOR, Role.ADMIN})

CITY = "/api/v1/cities/<city>"
OGC = "/ogc/<city>"
TILES = "/tiles/<city>/<layer>"
OPENROSA = "/openrosa/<city>/<token>"

RULES: Mapping[str, Mapping[str, Access]] = {
    "/": {"GET": PUBLIC},
    "/audit": {"GET": PUBLIC},
    "/audit/<name>": {"GET": PUBLIC},
    "/plan": {"GET": PUBLIC},  # the page; what it asks for needs a planner's key
    "/programme": {"GET": PUBLIC},
    "/basemap": {"GET": PUBLIC},
    "/basemap/tiles.pmtiles": {"GET": PUBLIC},
    "/tiles/<city>/streets/<z>/<x>/<y>.mvt": {"GET": PUBLIC},
    "/assets/<path:name>": {"GET": PUBLIC},
    "/healthz": {"GET": PUBLIC},
    "/readyz": {"GET": PUBLIC},
    "/metrics": {"GET": PUBLIC},  # the view itself asks for loopback or the metrics token
    "/problems/<slug>": {"GET": PUBLIC},
    "/cities/<city>/report": {"GET": PUBLIC},  # with a planner's token, the planner's
    "/cities/<city>/report.xlsx": {"GET": PUBLIC},
    "/api/docs": {"GET": PUBLIC},
    "/api/docs.js": {"GET": PUBLIC},
    "/api/swagger.json": {"GET": PUBLIC},
    "/swaggerui/<path:filename>": {"GET": PUBLIC},
    "/api/v1": {"GET": PUBLIC},
    "/api/v1/cities": {"GET": PUBLIC},
    CITY: {"GET": PUBLIC},
    f"{CITY}/instruments/<instrument>": {"GET": PUBLIC},
    f"{CITY}/consent": {"GET": PUBLIC},
    f"{CITY}/cells/<cell>/score": {"GET": PUBLIC},
    f"{CITY}/routes/score": {"POST": PUBLIC},
    f"{CITY}/layers": {"GET": PUBLIC},  # planner layers ask for the planner's key in the view
    f"{CITY}/layers/<layer>.<extension>": {"GET": PUBLIC},
    f"{CITY}/indicators": {"GET": PUBLIC},
    f"{CITY}/indicators.<extension>": {"GET": PUBLIC},
    "/api/v1/programme": {"GET": PUBLIC},
    f"{CITY}/devices": {"POST": PUBLIC},
    f"{CITY}/devices/me": {"GET": AUDITOR, "PATCH": AUDITOR, "DELETE": AUDITOR},
    f"{CITY}/devices/me/move": {"POST": AUDITOR},
    f"{CITY}/devices/move": {"POST": PUBLIC},  # the code is the proof
    f"{CITY}/devices/me/audits": {"GET": AUDITOR},
    f"{CITY}/devices/me/places": {"GET": AUDITOR},
    f"{CITY}/audits": {"POST": AUDITOR},
    f"{CITY}/audits/batch": {"POST": AUDITOR},
    f"{CITY}/audits/<audit>": {"GET": AUDITOR, "PUT": AUDITOR, "DELETE": AUDITOR},
    f"{CITY}/audits/<audit>/photos": {"GET": MODERATOR},
    f"{CITY}/audits/<audit>/photos/<sha256>": {"GET": MODERATOR, "PUT": AUDITOR},
    "/api/v1/receipts": {"POST": PUBLIC},  # the receipt is the proof
    f"{CITY}/interventions": {"GET": PUBLIC, "POST": PLANNER},
    f"{CITY}/interventions/<intervention>": {"GET": PUBLIC, "PATCH": PLANNER},
    f"{CITY}/requests": {"POST": PLANNER},
    f"{CITY}/runs": {"GET": PUBLIC, "POST": PLANNER},
    f"{CITY}/runs/<run>": {"GET": PUBLIC},
    f"{CITY}/runs/jobs/<job>": {"GET": PLANNER},
    f"{CITY}/releases": {"GET": PUBLIC, "POST": ADMIN},
    f"{CITY}/releases/<release>": {"GET": PUBLIC},
    f"{CITY}/releases/<release>/files/<name>": {"GET": PUBLIC},
    f"{CITY}/releases/requests/<release>": {"GET": ADMIN},
    f"{CITY}/aggregates": {"GET": PUBLIC, "POST": RESEARCHER},
    f"{CITY}/aggregates/cost": {"POST": RESEARCHER},
    f"{CITY}/aggregates/<aggregate>": {"GET": PUBLIC},
    f"{CITY}/campaigns": {"GET": ORGANISER, "POST": ORGANISER},
    f"{CITY}/campaigns/<campaign>": {"GET": ORGANISER},
    f"{CITY}/campaigns/<campaign>/debrief": {"GET": ORGANISER},
    f"{CITY}/campaigns/<campaign>/confirm": {"POST": ORGANISER},
    f"{CITY}/campaigns/<campaign>/close": {"POST": ORGANISER},
    f"{CITY}/moderation": {"GET": MODERATOR, "POST": MODERATOR},
    f"{CITY}/moderation/<case>": {"GET": MODERATOR},
    # Planners' layers ask for the planner's key where they are looked up (server.api.published).
    "/ogc/style.css": {"GET": PUBLIC},
    OGC: {"GET": PUBLIC},
    f"{OGC}/conformance": {"GET": PUBLIC},
    f"{OGC}/api": {"GET": PUBLIC},
    f"{OGC}/collections": {"GET": PUBLIC},
    f"{OGC}/collections/<collection>": {"GET": PUBLIC},
    f"{OGC}/collections/<collection>/<any(queryables,schema):kind>": {"GET": PUBLIC},
    f"{OGC}/collections/<collection>/items": {"GET": PUBLIC},
    f"{OGC}/collections/<collection>/items/<item>": {"GET": PUBLIC},
    f"{TILES}/<z>/<x>/<y>.mvt": {"GET": PUBLIC},
    f"{TILES}.json": {"GET": PUBLIC},
    f"{TILES}/style.json": {"GET": PUBLIC},
    f"{TILES}/style.qml": {"GET": PUBLIC},
    f"{TILES}/values.json": {"GET": PUBLIC},
    # The token in the address is a device's or a campaign's; the views look it up.
    f"{OPENROSA}/formList": {"GET": PUBLIC},
    f"{OPENROSA}/forms/<form>.xml": {"GET": PUBLIC},
    f"{OPENROSA}/forms/<form>/manifest": {"GET": PUBLIC},
    f"{OPENROSA}/qr.svg": {"GET": PUBLIC},
    f"{OPENROSA}/submission": {"GET": PUBLIC, "POST": PUBLIC},
}


# What counts against the bucket of the device that sends it, spent on the connection that knows the token.
LIMITED = frozenset(
    {
        (f"{CITY}/audits", "POST"),
        (f"{CITY}/audits/batch", "POST"),
        (f"{CITY}/audits/<audit>", "PUT"),
        (f"{CITY}/audits/<audit>/photos/<sha256>", "PUT"),
    }
)


def guard(app: Flask) -> None:
    """Ask the table before every view; RuntimeError if a route is missing in it."""
    missing = [f"{method} {route}" for route, method in routes(app) if method not in RULES.get(route, {})]
    if missing:
        raise RuntimeError(f"no access rule in server/api/access.py for: {', '.join(missing)}")
    app.before_request(_admit)


def routes(app: Flask) -> list[tuple[str, str]]:
    """Return every (route, method) an application serves; HEAD and OPTIONS go with the others."""
    return [
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def _admit() -> None:
    if request.url_rule is None or request.method == "OPTIONS":
        return
    route, method = request.url_rule.rule, "GET" if request.method == "HEAD" else request.method
    access = RULES[route][method]
    if access is None:
        return
    here = services()
    with here.database.statements() as connection:
        actor = actor_here(connection)
        if actor.role not in access:
            raise NotAllowed(f"this needs a token of: {', '.join(sorted(access))}")
        if (route, method) in LIMITED:
            limiting.spend_one(connection, limiting.submission(here.settings), actor.id.bytes)
