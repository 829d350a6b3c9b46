"""SQL of debriefs: what the phones of a campaign sent of the walk, and what its organiser was told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, select, text
from sqlalchemy.dialects.postgresql import insert

from server.models.campaign import campaign_debrief

_WALKED = text("""
SELECT a.device_id, a.instrument_version, a.ratings, a.received_at
FROM audit AS a
JOIN device AS d USING (city_id, device_id)
JOIN campaign AS c ON c.city_id = d.city_id AND c.campaign_id = d.campaign_id
WHERE a.city_id = :city_id AND d.campaign_id = :campaign_id AND a.instrument_id = :instrument_id
  AND a.state = 'kept' AND a.used
  AND a.observed_at BETWEEN date_trunc('hour', c.starts_at, :time_zone) AND c.ends_at
  AND NOT EXISTS (SELECT FROM audit AS later
                  WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
                    AND later.version > a.version)
  AND NOT EXISTS (SELECT FROM moderation_audit AS m JOIN moderation_case AS c USING (city_id, case_id)
                  WHERE m.city_id = a.city_id AND m.audit_id = a.audit_id AND c.state = 'hidden')
""")


def list_walked(
    connection: Connection, *, city_id: int, campaign_id: UUID, instrument_id: str, time_zone: str
) -> list[Row[Any]]:
    """Return device, instrument version, ratings and arrival of the used audits made on the walk."""
    values = {"city_id": city_id, "campaign_id": campaign_id, "instrument_id": instrument_id}
    return list(connection.execute(_WALKED, {**values, "time_zone": time_zone}))


def find_debrief(
    connection: Connection, *, city_id: int, campaign_id: UUID
) -> tuple[datetime, dict[str, Any]] | None:
    """Return when the latest debrief of a campaign was made, and what it says."""
    own = (campaign_debrief.c.city_id == city_id) & (campaign_debrief.c.campaign_id == campaign_id)
    row = connection.execute(
        select(campaign_debrief.c.made_at, campaign_debrief.c.content).where(own)
    ).first()
    return None if row is None else (row.made_at, row.content)


def put_debrief(
    connection: Connection, *, city_id: int, campaign_id: UUID, made_at: datetime, content: dict[str, Any]
) -> None:
    """Keep a debrief in place of an earlier one."""
    values = {"made_at": made_at, "content": content}
    statement = insert(campaign_debrief).values(city_id=city_id, campaign_id=campaign_id, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["city_id", "campaign_id"], set_=values)
    )
