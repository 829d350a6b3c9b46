"""SQL of instruments: every version of every questionnaire a city has used."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from server.models.instrument import instrument


def list_documents(connection: Connection, city_id: int) -> Sequence[dict[str, Any]]:
    """Return the stored documents of a city: its first instrument first, versions oldest first."""
    rows = connection.execute(
        select(instrument.c.document)
        .where(instrument.c.city_id == city_id)
        .order_by(instrument.c.position, instrument.c.instrument_id, instrument.c.version)
    )
    return [row.document for row in rows]


def insert_document(
    connection: Connection, *, city_id: int, instrument_id: str, version: int, document: dict[str, Any]
) -> None:
    """Add a version of an instrument; a new instrument goes last in its city."""
    of_city = instrument.c.city_id == city_id
    place = connection.scalar(
        select(func.min(instrument.c.position)).where(of_city, instrument.c.instrument_id == instrument_id)
    )
    if place is None:
        last = connection.scalar(select(func.max(instrument.c.position)).where(of_city))
        place = 0 if last is None else last + 1
    connection.execute(
        insert(instrument).values(
            city_id=city_id,
            instrument_id=instrument_id,
            version=version,
            position=place,
            document=document,
        )
    )


def update_document(
    connection: Connection, *, city_id: int, instrument_id: str, version: int, document: dict[str, Any]
) -> None:
    """Replace the texts of a stored version."""
    connection.execute(
        update(instrument)
        .where(
            instrument.c.city_id == city_id,
            instrument.c.instrument_id == instrument_id,
            instrument.c.version == version,
        )
        .values(document=document)
    )
