"""What a run reads of one city, at one moment of the store."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Connection

from analysis.disclosure.chronicle import Chronicle
from analysis.disclosure.summary import Voices
from analysis.recency import HALF_LIFE_DAYS, Recency
from analysis.score import Weights
from analysis.surroundings import Surroundings
from analysis.zones import Zone
from server.cities import City
from server.publishing.chronicle import read_chronicle
from server.publishing.held_weights import read_held_weights
from server.publishing.intervening import Intervention, read_interventions, works_of
from server.publishing.surroundings import read_surroundings
from server.publishing.zoning import read_zones
from server.queries.admission import StaleAdmissions, read_stale
from server.queries.heard import read_voices
from server.queries.observations import UsedAudits, read_used_audits

_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Knowledge:
    """What the store knows of one instrument."""

    instrument_id: str
    used: UsedAudits
    voices: Sequence[Voices]
    """Who was heard with it, in the whole city."""
    stale: StaleAdmissions
    chronicle: Chronicle
    surroundings: Surroundings
    recency: Recency
    """The day of the run in the city, and the city's half-life."""
    zones: Sequence[Zone]
    interventions: Sequence[Intervention]
    """All of the city; those of this instrument are evaluated by it."""
    held: Mapping[str, Weights]
    """The fitted weights of the run before, by audience."""
    as_of: datetime


def scored_instruments(city: City) -> list[str]:
    """Return the ids of the instruments that make a score, the city's first first."""
    return [name for name in city.instruments if city.current(name).instrument.scored]


def read_all(connection: Connection, city: City, *, as_of: datetime) -> Iterator[Knowledge]:
    """Yield every scored instrument that has used audits, and the first one though it has none."""
    around = read_surroundings(connection, city, as_of=as_of)
    for place, instrument_id in enumerate(scored_instruments(city)):
        if place:  # points are no instrument's: the city's first shows them
            around = replace(around, reports=None)
        knowledge = read_one(connection, city, instrument_id=instrument_id, as_of=as_of, surroundings=around)
        if len(knowledge.used) or place == 0:
            yield knowledge


def read_one(
    connection: Connection,
    city: City,
    *,
    instrument_id: str,
    as_of: datetime,
    surroundings: Surroundings | None = None,
) -> Knowledge:
    """Return what is known of one instrument from audits observed before `as_of`.

    `surroundings` are the city's where they have been read before.
    """
    everything = read_interventions(connection, city)
    chronicle = read_chronicle(
        connection, city, instrument_id=instrument_id, as_of=as_of, works=works_of(everything)
    )
    used = read_used_audits(
        connection,
        city_id=city.city_id,
        time_zone=city.time_zone,
        resolution=city.resolution,
        versions=city.instruments[instrument_id],
        as_of=as_of,
    )
    return Knowledge(
        instrument_id=instrument_id,
        used=used,
        voices=read_voices(
            connection,
            city_id=city.city_id,
            time_zone=city.time_zone,
            instrument_id=instrument_id,
            as_of=as_of,
        ),
        stale=read_stale(connection, city_id=city.city_id, instrument_id=instrument_id),
        chronicle=chronicle,
        surroundings=surroundings or read_surroundings(connection, city, as_of=as_of),
        recency=_recency(city, chronicle.today),
        zones=read_zones(connection, city),
        interventions=everything,
        held=read_held_weights(connection, city, instrument_id=instrument_id, as_of=as_of),
        as_of=as_of,
    )


def _recency(city: City, today: str) -> Recency:
    day = (date.fromisoformat(today) - _EPOCH).days
    return Recency(today=day, half_life_days=city.settings.get("half_life_days", HALF_LIFE_DAYS))
