"""SQL of devices: phones known by a token, and what their holders say of themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.models.campaign import campaign
from server.models.device import device, profile
from server.prepared import Prepared, Row, to_bool, to_moment

PROFILE_FIELDS = ("gender", "age_band", "disability")

_SENDER = """
SELECT device.device_id, profile.age_band IS NOT DISTINCT FROM 'under_18', campaign.starts_at
FROM device
LEFT JOIN profile ON profile.city_id = device.city_id AND profile.device_id = device.device_id
LEFT JOIN campaign ON campaign.city_id = device.city_id AND campaign.campaign_id = device.campaign_id
WHERE device.city_id = $1 AND device.revoked_at IS NULL AND device.erased_at IS NULL
"""
_HOLD = """
SELECT device_id FROM device
WHERE city_id = %(city_id)s AND device_id = %(device_id)s AND erased_at IS NULL AND revoked_at IS NULL
FOR KEY SHARE
"""
_BY_TOKEN = Prepared(f"{_SENDER} AND device.token_hash = $2")
_BY_ID = Prepared(f"{_SENDER} AND device.device_id = $2")


@dataclass(frozen=True)
class Auditor:
    """A device that may send, as far as submitting needs to know it."""

    device_id: UUID
    minor: bool
    practice_before: datetime | None


@dataclass(frozen=True)
class DeviceRow:
    """One phone, whole, with its profile and the campaign it belongs to."""

    device_id: UUID
    locale: str | None
    consent_version: str | None
    consent_lang: str | None
    enrolled_at: datetime
    gender: str | None
    age_band: str | None
    disability: str | None
    campaign_name: str | None
    campaign_starts_at: datetime | None
    campaign_ends_at: datetime | None


def find_auditor(connection: Connection, *, city_id: int, token_hash: bytes) -> Auditor | None:
    """Return the device that holds a token, unless it was revoked or erased."""
    return _sender(_BY_TOKEN.rows(connection, city_id, token_hash))


def find_sender(connection: Connection, *, city_id: int, device_id: UUID) -> Auditor | None:
    """Return a device by its id, unless it was revoked or erased."""
    return _sender(_BY_ID.rows(connection, city_id, device_id))


def _sender(rows: list[Row]) -> Auditor | None:
    if not rows:
        return None
    [(device_id, minor, starts_at)] = rows
    return Auditor(UUID(device_id), to_bool(minor), to_moment(starts_at) if starts_at else None)


def insert_phone(connection: Connection, *, city_id: int, device_id: UUID, values: dict[str, Any]) -> None:
    """Add a phone; `values` are further columns of the device."""
    connection.execute(insert(device).values(city_id=city_id, device_id=device_id, origin="phone", **values))


def keep_phone(connection: Connection, *, city_id: int, device_id: UUID, campaign_id: UUID | None) -> None:
    """Add a phone that is known by a campaign's link and what it calls itself, unless it is there."""
    values = {"city_id": city_id, "device_id": device_id, "campaign_id": campaign_id, "origin": "phone"}
    connection.execute(upsert(device).values(**values).on_conflict_do_nothing())


def is_tokenless_phone(connection: Connection, *, city_id: int, device_id: UUID) -> bool:
    """Return whether a phone is known by a campaign's link and its own name alone."""
    own = (device.c.city_id == city_id) & (device.c.device_id == device_id)
    tokenless = (device.c.origin == "phone") & device.c.token_hash.is_(None) & device.c.erased_at.is_(None)
    return connection.scalar(select(device.c.device_id).where(own, tokenless)) is not None


def hold_phone(connection: Connection, *, city_id: int, device_id: UUID) -> bool:
    """Return whether a phone may send, and keep it from being erased until the transaction ends."""
    values = {"city_id": city_id, "device_id": device_id}
    return connection.exec_driver_sql(_HOLD, values).first() is not None


def update_phone(connection: Connection, *, city_id: int, device_id: UUID, values: dict[str, Any]) -> None:
    """Change columns of a phone."""
    if values:
        own = (device.c.city_id == city_id) & (device.c.device_id == device_id)
        connection.execute(update(device).where(own).values(values))


def redeem_move(
    connection: Connection, *, city_id: int, move_hash: bytes, now: datetime, token_hash: bytes
) -> UUID | None:
    """Give the device that offered this move a new token, and return it; None where no move is open."""
    open_move = (
        (device.c.city_id == city_id) & (device.c.move_hash == move_hash) & (device.c.move_until > now)
    )
    standing = device.c.revoked_at.is_(None) & device.c.erased_at.is_(None)
    moved: UUID | None = connection.scalar(
        update(device)
        .where(open_move, standing)
        .values(token_hash=token_hash, move_hash=None, move_until=None)
        .returning(device.c.device_id)
    )
    return moved


def put_profile(
    connection: Connection, *, city_id: int, device_id: UUID, values: dict[str, str | None]
) -> None:
    """Keep these fields of a profile; None takes one back, fields left out stay as they were."""
    if not values:
        return
    statement = upsert(profile).values(city_id=city_id, device_id=device_id, **values)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["city_id", "device_id"], set_=dict(values))
    )


def find_phone(connection: Connection, *, city_id: int, device_id: UUID) -> DeviceRow | None:
    """Return one phone."""
    own = (device.c.city_id == city_id) & (device.c.device_id == device_id) & device.c.erased_at.is_(None)
    of_profile = (profile.c.city_id == device.c.city_id) & (profile.c.device_id == device.c.device_id)
    of_campaign = (campaign.c.city_id == device.c.city_id) & (campaign.c.campaign_id == device.c.campaign_id)
    row = connection.execute(
        select(
            device.c.device_id,
            device.c.locale,
            device.c.consent_version,
            device.c.consent_lang,
            device.c.enrolled_at,
            *(profile.c[name] for name in PROFILE_FIELDS),
            campaign.c.name.label("campaign_name"),
            campaign.c.starts_at.label("campaign_starts_at"),
            campaign.c.ends_at.label("campaign_ends_at"),
        )
        .select_from(device.outerjoin(profile, of_profile).outerjoin(campaign, of_campaign))
        .where(own)
    ).one_or_none()
    return None if row is None else DeviceRow(*row)
