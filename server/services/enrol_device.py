"""Enrol a phone: from here on its holder is a pseudonym with a token."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Connection

from server.queries.devices import insert_phone, put_profile
from server.services.tokens import new_token, token_hash


@dataclass(frozen=True)
class Enrolment:
    """A new device and its token, which is told this once."""

    device_id: UUID
    token: str


def enrol_device(
    connection: Connection,
    *,
    city_id: int,
    values: dict[str, Any],
    profile: dict[str, str | None],
    campaign_id: UUID | None = None,
) -> Enrolment:
    """Return a new phone of a city; `values` are its `locale`, `consent_version` and `consent_lang`."""
    enrolment = Enrolment(uuid4(), new_token("device"))
    insert_phone(
        connection,
        city_id=city_id,
        device_id=enrolment.device_id,
        values={**values, "campaign_id": campaign_id, "token_hash": token_hash(enrolment.token)},
    )
    put_profile(connection, city_id=city_id, device_id=enrolment.device_id, values=profile)
    return enrolment
