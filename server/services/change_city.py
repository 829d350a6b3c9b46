"""Change what is set for a city."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from server.cities import City
from server.city_form import COLUMNS, ENTRIES
from server.errors import Fault, Invalid
from server.photos.extra import missing_extra
from server.queries.aggregates import YEARLY_EPSILON
from server.queries.cities import update_city

CHANGEABLE = tuple(name for name in ENTRIES if name != "resolution")
"""The resolution is not: admitted cells, runs and releases hang on it."""


def change_city(connection: Connection, *, city: City, said: Mapping[str, Any]) -> None:
    """Set the given entries, as `server.city_form.read_entries` returns them; others stay.

    Raises Invalid where k would fall: what was published under k must not become readable under less; where
    the privacy budget would rise, which is a promise too; and where photos are turned on without the packages
    they need.
    """
    if said.get("k", city.k) < city.k:
        raise Invalid("k may only rise", faults=[Fault("/k", f"is {city.k}; give {city.k} or more")])
    before = city.settings.get("epsilon_per_year", float(YEARLY_EPSILON))
    if said.get("epsilon_per_year", before) > before:
        fault = Fault("/epsilon_per_year", f"is {before:g}; give {before:g} or less")
        raise Invalid("the privacy budget may only fall", faults=[fault])
    need_what_photos_need(said)
    columns = {name: value for name, value in said.items() if name in COLUMNS}
    settings = {name: value for name, value in said.items() if name not in COLUMNS}
    values = {**columns, "settings": {**city.settings, **settings}}
    update_city(connection, city_id=city.city_id, values=values)


def need_what_photos_need(said: Mapping[str, Any]) -> None:
    """Return unless photos are turned on and cannot be drawn here: Invalid, with the line to type."""
    missing = missing_extra() if said.get("photos") else ""
    if missing:
        raise Invalid("photos cannot be turned on", faults=[Fault("/photos", missing)])
