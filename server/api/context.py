"""What a view can reach: the store, the cities, the settings, and who a token belongs to."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import current_app

from server.actors import Actor
from server.cities import City, CityDirectory
from server.database import Database
from server.endings_log import EndingsLog
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
    """Return the services of the application that answers."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def city_named(slug: str) -> City:
    """Return a city by the slug in an address; NotThere where there is none."""
    return services().cities.get(slug)
