"""What a run knows of a city beside its audits of places."""

from datetime import datetime

from sqlalchemy import Connection

from analysis.clusters import Reports
from analysis.surroundings import Surroundings
from server.cities import City
from server.intake.placing import STORED_RESOLUTION
from server.queries.observations import read_used_audits
from server.queries.surroundings import read_incidents, read_population, read_streets

_HAZARD = "hazard"
"""The instrument whose audits are reports of hazards."""


def read_surroundings(connection: Connection, city: City, *, as_of: datetime) -> Surroundings:
    """Return what is known of a city beside its audits; incidents and hazards before `as_of`."""
    return Surroundings(
        streets=read_streets(connection, city_id=city.city_id),
        population=read_population(connection, city_id=city.city_id),
        agencies=city.settings.get("agencies", {}),
        reports={
            "incidents": read_incidents(
                connection, city_id=city.city_id, time_zone=city.time_zone, as_of=as_of
            ),
            "hazards": _hazards(connection, city, as_of=as_of),
        },
    )


def _hazards(connection: Connection, city: City, *, as_of: datetime) -> Reports:
    versions = city.instruments.get(_HAZARD)
    if versions is None:
        return Reports.none()
    used = read_used_audits(
        connection,
        city_id=city.city_id,
        time_zone=city.time_zone,
        resolution=STORED_RESOLUTION,
        versions=versions,
        as_of=as_of,
    )
    return Reports.of_audits(used.observations)
