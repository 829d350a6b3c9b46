"""What browsers open: the page built from web/, the API's documentation, the pages of problems."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

import msgspec
from flask import Blueprint, Response, current_app, render_template, request, send_file, send_from_directory

import server
from server.api import v1
from server.api.context import city_named, services
from server.api.problem_types import BY_SLUG
from server.api.writing import json_response
from server.basemap import basemap_file, find_basemap
from server.errors import NotThere
from server.queries.streets import STREET_ZOOMS, attribution_of_streets

# Names of built assets carry a hash of their content, so they never change.
_FOR_EVER_S = 365 * 24 * 3600

blueprint = Blueprint("pages", __name__)


def built_page() -> Path:
    """Return the folder into which `npm run build` writes the page."""
    return Path(str(files(server))) / "web" / "dist"


@blueprint.get("/")
def index() -> Response:
    """Serve the map."""
    return _page("index.html")


@blueprint.get("/audit")
def audit() -> Response:
    """Serve the page for phones."""
    return _page("audit.html")


@blueprint.get("/plan")
def plan() -> Response:
    """Serve the page for planners."""
    return _page("plan.html")


@blueprint.get("/programme")
def programme() -> Response:
    """Serve the page of cities side by side."""
    return _page("programme.html")


@blueprint.get("/audit/<name>")
def part_of_audit(name: str) -> Response:
    """Serve what makes the phone's page an app: its worker, manifest and icons, asked for anew each time."""
    response = send_from_directory(built_page() / "audit", name, max_age=0)
    # The worker stands below the page that it may open without a network.
    response.headers["Service-Worker-Allowed"] = "/audit"
    return response


def _page(name: str) -> Response:
    """Return a page; where none is built, say how to."""
    if (built_page() / name).is_file():
        return send_from_directory(built_page(), name, max_age=0)
    return Response(render_template("unbuilt.html"), mimetype="text/html")


@blueprint.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """Serve a part of the page."""
    response = send_from_directory(built_page() / "assets", name, max_age=_FOR_EVER_S)
    response.cache_control.public = True
    response.cache_control.immutable = True
    return response


@blueprint.get("/basemap")
def basemap() -> Response:
    """Say what lies below a map: the style in the settings, our own file, the streets of `city`, or null."""
    settings, slug = services().settings, request.args.get("city")
    if settings.basemap_style:
        found: object = {"kind": "style", "address": settings.basemap_style}
    else:
        found = find_basemap(settings.home) or (_streets(slug) if slug else None)
    return json_response(found, headers={"Cache-Control": "public, max-age=60"})


def _streets(slug: str) -> dict[str, object] | None:
    town = city_named(slug)
    with services().database.transaction() as connection:
        attribution = attribution_of_streets(connection, city_id=town.city_id)
    if attribution is None:
        return None
    tiles = f"/tiles/{town.slug}/streets/{{z}}/{{x}}/{{y}}.mvt"
    least, most = STREET_ZOOMS
    return {"kind": "streets", "tiles": tiles, "minzoom": least, "maxzoom": most, "attribution": attribution}


@blueprint.get("/basemap/tiles.pmtiles")
def basemap_tiles() -> Response:
    """Serve the basemap; browsers ask for parts of it."""
    file = basemap_file(services().settings.home)
    if not file.is_file():
        raise NotThere("this server has no basemap; `safeaudit basemap add FILE.pmtiles` adds one")
    return send_file(file, mimetype="application/vnd.pmtiles", conditional=True, max_age=60)


@blueprint.get("/problems/<slug>")
def problem(slug: str) -> Response:
    """Say what a type of problem means."""
    kind = BY_SLUG.get(slug)
    if kind is None:
        raise NotThere(f"no such type of problem; there are: {', '.join(BY_SLUG)}")
    return Response(render_template("problem_type.html", kind=kind), mimetype="text/html")


@blueprint.get("/api/docs")
def documentation() -> Response:
    """Serve Swagger UI, from our own files alone."""
    return Response(render_template("docs.html"), mimetype="text/html")


@blueprint.get("/api/docs.js")
def documentation_script() -> Response:
    """Serve the script that starts Swagger UI; inline, the content security policy would forbid it."""
    return Response(render_template("docs.js"), mimetype="text/javascript")


@blueprint.get("/api/swagger.json")
def specification() -> Response:
    """Serve the description of the API."""
    return Response(_specification(), mimetype="application/json")


@lru_cache(maxsize=1)
def _specification() -> bytes:
    # The same for every application of this program.
    return msgspec.json.encode(v1.specification(current_app.extensions[v1.EXTENSION]))
