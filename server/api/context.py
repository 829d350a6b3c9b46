"""What a view can reach: the store, the cities, the settings, and who a token belongs to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from flask import current_app, g, has_request_context, request

from server.actors import Actor
from server.cities import City, CityDirectory
from server.database import Database
from server.endings_log import EndingsLog
from server.errors import NotThere
from server.photos.album import Album
from server.photos.darkroom import Darkroom
from server.settings import Settings

EXTENSION = "safeaudit"


@dataclass(frozen=True, kw_only=True)
class Services:
    """Everything the views of one application share; put together in `server.app`."""

    database: Database
    cities: CityDirectory
    settings: Settings
    secret: bytes
    album: Album
    darkroom: Darkroom
    endings: EndingsLog
    find_actor: Callable[..., Actor | None]
    """`find_actor(connection, city_id=, token=)`; lent, so that the layer path cannot reach devices."""

    def now(self) -> datetime:
        """Return the time by which what arrives is judged."""
        return datetime.now(UTC)


def services() -> Services:
    """Return the services of the application that answers, their store at the city in the address."""
    if "services" not in g:
        slug = (request.view_args or {}).get("city") if has_request_context() else None
        whole: Services = current_app.extensions[EXTENSION]
        try:
            return whole if slug is None else enter(whole.cities.get(slug).city_id)
        except NotThere:
            return whole
    found: Services = g.services
    return found


def enter(city_id: int) -> Services:
    """Return the services of this request, whose store shows raw rows of this city from here on."""
    whole: Services = current_app.extensions[EXTENSION]
    there = g.services = replace(whole, database=whole.database.of(city_id))
    return there


def city_named(slug: str) -> City:
    """Return a city by the slug in an address; NotThere where there is none."""
    return services().cities.get(slug)
