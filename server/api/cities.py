"""Cities and their instruments, for everybody."""

import re
from typing import Any

from flask import Response
from flask_restx import Namespace, Resource
from shapely.geometry import MultiPolygon

from geo import geojson
from server.api.context import city_named, services
from server.api.reading import parameter
from server.api.shapes.city import CITIES, CITY, CONSENT, INSTRUMENT
from server.api.writing import json_response
from server.cities import City
from server.errors import NotThere
from server.instruments.document import direction
from server.queries.consent import find_current_version, find_texts

namespace = Namespace("cities", path="/cities", description="Cities and what is asked in them")

_CACHED = {"Cache-Control": "public, max-age=60"}
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,4}")


@namespace.route("")
class Cities(Resource):
    """All cities."""

    @namespace.response(
        200, "Every city, in the order of their making", namespace.schema_model("Cities", CITIES)
    )
    def get(self) -> Response:
        """List the cities of this server."""
        found = [_summary(city) for city in services().cities.all()]
        return json_response({"cities": found}, headers=_CACHED)


@namespace.route("/<city>")
class OneCity(Resource):
    """One city."""

    @namespace.response(200, "The city", namespace.schema_model("City", CITY))
    def get(self, city: str) -> Response:
        """Show a city with its boundary and who answers for it."""
        found = city_named(city)
        body = {
            **_summary(found),
            "boundary": geojson.write(found.area),
            "controller": found.settings.get("controller"),
            "contact": found.settings.get("contact"),
        }
        return json_response(body, headers=_CACHED)


@namespace.route("/<city>/instruments/<instrument>")
class OneInstrument(Resource):
    """One instrument of a city, its newest version."""

    @namespace.doc(params={"lang": "language tag such as es; else the city's first language"})
    @namespace.response(200, "The instrument", namespace.schema_model("Instrument", INSTRUMENT))
    def get(self, city: str, instrument: str) -> Response:
        """Show an instrument in a language; what is not translated stands in its default language."""
        found = city_named(city)
        language = parameter("lang", _language_tag, default=next(iter(found.languages), "en"))
        return json_response(found.current(instrument).localised(language), headers=_CACHED)


@namespace.route("/<city>/consent")
class Consent(Resource):
    """What residents are asked to agree to."""

    @namespace.doc(params={"lang": "language tag such as es; else the city's first language"})
    @namespace.response(200, "The text the city approved last", namespace.schema_model("Consent", CONSENT))
    @namespace.response(404, "The city has approved none")
    def get(self, city: str) -> Response:
        """Show the consent text in a language, in the city's first where it is not approved in that one."""
        found = city_named(city)
        requested = parameter("lang", _language_tag, default=found.languages[0])
        with services().database.statements() as connection:
            version = find_current_version(connection, city_id=found.city_id)
            if version is None:
                raise NotThere("this city has approved no consent text; enrol without consent")
            texts = find_texts(connection, city_id=found.city_id, version=version)
        wanted = (requested, requested.replace("_", "-").split("-")[0], found.languages[0])
        lang = next((code for code in wanted if code in texts), min(texts))
        told = {"version": version, "requested": requested, "lang": lang, "direction": direction(lang)}
        return json_response({**told, "text": texts[lang], "available": sorted(texts)}, headers=_CACHED)


def _language_tag(text: str) -> str:
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("must be a language tag such as es or pt-BR")
    return text


def _summary(city: City) -> dict[str, Any]:
    return {
        "slug": city.slug,
        "name": city.name,
        "time_zone": city.time_zone,
        "languages": city.languages,
        "resolution": city.resolution,
        "k": city.k,
        "bbox": bbox(city.area),
        "default_instrument": next(iter(city.documents), None),
        "photos": bool(city.settings.get("photos")),
        "instruments": list(city.documents),
    }


def bbox(area: MultiPolygon) -> list[float]:
    """Return west, south, east, north; across the antimeridian west exceeds east (RFC 7946, 5.2)."""
    west, south, east, north = area.bounds
    if west == -180 and east == 180:
        parts = [part.bounds for part in area.geoms]
        east_half = [bounds[0] for bounds in parts if bounds[0] > 0]
        west_half = [bounds[2] for bounds in parts if bounds[2] < 0]
        if len(east_half) + len(west_half) == len(parts):
            west, east = min(east_half), max(west_half)
    return [west, south, east, north]
