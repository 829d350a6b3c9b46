"""SQL of campaigns: their join tokens, their times, their phones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import shapely
from shapely.geometry import MultiPolygon
from sqlalchemy import Connection, func, insert, select, text, update

from server.models.campaign import campaign


@dataclass(frozen=True)
class CampaignRow:
    """One campaign; its token is kept as a hash and cannot be shown again."""

    campaign_id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    headcount: int | None
    confirmed_headcount: int | None
    closed_at: datetime | None
    area: MultiPolygon | None

    def state(self, now: datetime) -> str:
        """Return `planned`, `running`, `over` or `closed`."""
        if self.closed_at is not None:
            return "closed"
        if now < self.starts_at:
            return "planned"
        return "running" if now <= self.ends_at else "over"


@dataclass(frozen=True)
class Phones:
    """How many phones joined a campaign, how many of them sent an audit that is still kept, and how many hold
    more (they said so last, or of a record photos are still to come) or said last that they hold nothing."""

    enrolled: int
    sent: int
    waiting: int
    done: int


_COLUMNS = [
    *(campaign.c[name] for name in CampaignRow.__dataclass_fields__ if name != "area"),
    func.ST_AsBinary(campaign.c.area).label("area"),
]
_PHONES = text("""
SELECT count(*) AS enrolled, count(*) FILTER (WHERE EXISTS (
    SELECT FROM audit WHERE audit.city_id = device.city_id AND audit.device_id = device.device_id
                        AND audit.state = 'kept' AND audit.location IS NOT NULL)) AS sent,
       count(*) FILTER (WHERE waiting > 0 OR EXISTS (
    SELECT FROM submission WHERE submission.city_id = device.city_id
                             AND submission.device_id = device.device_id AND NOT complete AND xml IS NOT NULL
       )) AS waiting,
       count(*) FILTER (WHERE waiting = 0) AS done
FROM device
WHERE city_id = :city_id AND campaign_id = :campaign_id AND erased_at IS NULL
""")


def _row(row: Any) -> CampaignRow:
    values = dict(row._mapping)
    values["area"] = None if values["area"] is None else shapely.from_wkb(bytes(values["area"]))
    return CampaignRow(**values)


def insert_campaign(
    connection: Connection,
    *,
    city_id: int,
    campaign_id: UUID,
    token_hash: bytes,
    values: dict[str, Any],
    area: MultiPolygon | None,
) -> None:
    """Add a campaign; `values` are its further columns."""
    shape = None if area is None else func.ST_GeomFromWKB(shapely.to_wkb(area), 4326)
    connection.execute(
        insert(campaign).values(
            city_id=city_id, campaign_id=campaign_id, token_hash=token_hash, area=shape, **values
        )
    )


def list_campaigns(connection: Connection, *, city_id: int) -> Sequence[CampaignRow]:
    """Return every campaign of a city, the latest first."""
    rows = connection.execute(
        select(*_COLUMNS)
        .where(campaign.c.city_id == city_id)
        .order_by(campaign.c.starts_at.desc(), campaign.c.campaign_id)
    )
    return [_row(row) for row in rows]


def find_campaign(connection: Connection, *, city_id: int, campaign_id: UUID) -> CampaignRow | None:
    """Return one campaign."""
    row = connection.execute(
        select(*_COLUMNS).where(campaign.c.city_id == city_id, campaign.c.campaign_id == campaign_id)
    ).one_or_none()
    return None if row is None else _row(row)


def find_campaign_by_token(connection: Connection, *, city_id: int, token_hash: bytes) -> CampaignRow | None:
    """Return the campaign whose join link holds a token."""
    row = connection.execute(
        select(*_COLUMNS).where(campaign.c.city_id == city_id, campaign.c.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else _row(row)


def update_campaign(
    connection: Connection, *, city_id: int, campaign_id: UUID, values: dict[str, Any]
) -> None:
    """Change columns of a campaign."""
    own = (campaign.c.city_id == city_id) & (campaign.c.campaign_id == campaign_id)
    connection.execute(update(campaign).where(own).values(values))


def lock_campaign(connection: Connection, *, city_id: int, campaign_id: UUID) -> None:
    """Let whatever else locks this campaign wait for the commit."""
    own = (campaign.c.city_id == city_id) & (campaign.c.campaign_id == campaign_id)
    connection.execute(select(campaign.c.campaign_id).where(own).with_for_update())


def count_phones(connection: Connection, *, city_id: int, campaign_id: UUID) -> Phones:
    """Return how many phones joined and how many sent something."""
    row = connection.execute(_PHONES, {"city_id": city_id, "campaign_id": campaign_id}).one()
    return Phones(**row._mapping)
