"""Absolute links: QGIS and GDAL take no others."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import request

from server.api.context import services
from server.cities import City

Link = dict[str, str]

JSON = "application/json"
HTML = "text/html"
GEOJSON = "application/geo+json"
SCHEMA = "application/schema+json"
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"
REL = "http://www.opengis.net/def/rel/ogc/1.0"


def origin() -> str:
    """Return the address under which clients reach this server: the setting, else the request's own."""
    return services().settings.public_url or request.host_url.rstrip("/")


def address(town: City, path: str = "", parameters: Mapping[str, str] | None = None) -> str:
    """Return the absolute address of a path below a city's landing page."""
    query = f"?{urlencode(parameters)}" if parameters else ""
    return f"{origin()}/ogc/{town.slug}{path}{query}"


def link(href: str, rel: str, type_: str, title: str) -> Link:
    """Return one link."""
    return {"href": href, "rel": rel, "type": type_, "title": title}


def self_and_alternate(
    town: City, path: str, parameters: Mapping[str, str], *, own: str, form: str
) -> list[Link]:
    """Return the links to what is being read, of media type `own` where no page, and to its other form."""
    kept = {name: value for name, value in parameters.items() if name != "f"}
    types = {"json": (own, "This document"), "html": (HTML, "This document as a page")}
    other = "html" if form == "json" else "json"
    return [
        link(address(town, path, kept | {"f": form}), "self", *types[form]),
        link(address(town, path, kept | {"f": other}), "alternate", *types[other]),
    ]
