"""SQL of the places a device audited."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, text

_OF_DEVICE = text("""
SELECT h3_parent(cell, :resolution) AS cell, count(*) AS audits, max(observed_at) AS last_observed_at
FROM audit AS a
WHERE city_id = :city_id AND device_id = :device_id AND state = 'kept' AND used
  AND h3_parent(cell, :resolution) > :after AND NOT EXISTS (
    SELECT FROM audit AS later
    WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
      AND later.version > a.version)
GROUP BY 1 ORDER BY 1 LIMIT :limit
""")


@dataclass(frozen=True, kw_only=True)
class OwnPlace:
    """A cell of the city's resolution with what one auditor did there."""

    cell: int
    audits: int
    last_observed_at: datetime | None


def list_places_of_device(
    connection: Connection, *, city_id: int, device_id: UUID, resolution: int, after: int, limit: int
) -> list[OwnPlace]:
    """Return the cells after one, in their order, where used audits of a device stand."""
    values = {
        "city_id": city_id,
        "device_id": device_id,
        "resolution": resolution,
        "after": after,
        "limit": limit,
    }
    return [OwnPlace(**row._mapping) for row in connection.execute(_OF_DEVICE, values)]
