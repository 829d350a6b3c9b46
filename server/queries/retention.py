"""SQL of forgetting where and when exactly: old audits keep their cell and their hour."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

_CELLS = text("""
SELECT DISTINCT cell FROM audit
WHERE city_id = :city_id AND exact AND cell IS NOT NULL AND received_at < :before LIMIT :limit
""")
# Every version of an audit, corrected ones too.
_COARSEN = text("""
UPDATE audit SET location = ST_SetSRID(ST_MakePoint(centre.lng, centre.lat), 4326), accuracy_m = NULL,
                 observed_at = date_trunc('hour', observed_at, :time_zone),
                 answered_at = date_trunc('hour', answered_at, :time_zone), exact = false
FROM unnest(CAST(:cells AS bigint[]), CAST(:lat AS float8[]), CAST(:lng AS float8[]))
     AS centre(cell, lat, lng)
WHERE city_id = :city_id AND exact AND audit.cell = centre.cell AND received_at < :before
""")
# What a phone with ODK Collect sent says place and time too, quarantined or not.
_EMPTY_XML = text("""
UPDATE submission SET xml = NULL
WHERE city_id = :city_id AND xml IS NOT NULL AND received_at < :before
""")


def list_exact_cells(connection: Connection, *, city_id: int, before: datetime, limit: int) -> list[int]:
    """Return up to `limit` cells of audits received before a time whose exact point is still known."""
    values = {"city_id": city_id, "before": before, "limit": limit}
    return list(connection.scalars(_CELLS, values))


def coarsen_audits(
    connection: Connection,
    *,
    city_id: int,
    time_zone: str,
    before: datetime,
    cells: Sequence[int],
    lat: Sequence[float],
    lng: Sequence[float],
) -> int:
    """Move those audits of these cells to their centres and full hours; return how many versions that was."""
    values = {"city_id": city_id, "time_zone": time_zone, "before": before}
    done = connection.execute(_COARSEN, {**values, "cells": list(cells), "lat": list(lat), "lng": list(lng)})
    return done.rowcount


def empty_submissions(connection: Connection, *, city_id: int, before: datetime) -> None:
    """Empty the raw XML of submissions received before a time; hash and id stay."""
    connection.execute(_EMPTY_XML, {"city_id": city_id, "before": before})
