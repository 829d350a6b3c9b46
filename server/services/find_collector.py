"""Who stands behind an OpenRosa address: a phone by its token, or one of a campaign's phones."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.errors import NotAuthenticated
from server.queries.campaigns import CampaignRow, find_campaign_by_token
from server.queries.devices import Auditor, find_auditor, find_phone, find_sender, keep_phone
from server.services.find_campaign import JOIN_GRACE
from server.services.submit_audits import Sender
from server.services.tokens import PREFIXES, token_hash


@dataclass(frozen=True, kw_only=True)
class Collector:
    """The holder of an OpenRosa address."""

    device_id: UUID
    auditor: Auditor | None
    """The phone as the store knows it; None for one that a campaign has not met yet."""
    campaign: CampaignRow | None = None

    def late(self, now: datetime) -> bool:
        """Return whether it is no phone of its campaign, which was closed or has been over for a week."""
        if self.campaign is None or (self.auditor is not None and self.auditor.practice_before is not None):
            return False
        return self.campaign.closed_at is not None or now > self.campaign.ends_at + JOIN_GRACE


def find_collector(
    connection: Connection, *, city_id: int, token: str, phone: str, secret: bytes
) -> Collector:
    """Return who holds a token; `phone` is what a phone calls itself and tells a campaign's phones apart.

    Of `phone` only a keyed hash is kept, as the device's id. Raises NotAuthenticated for a token that is
    unknown or revoked, and for a phone that was.
    """
    if token.startswith(PREFIXES["device"]):
        auditor = find_auditor(connection, city_id=city_id, token_hash=token_hash(token))
        if auditor is not None:
            return Collector(device_id=auditor.device_id, auditor=auditor)
    if token.startswith(PREFIXES["campaign"]):
        campaign = find_campaign_by_token(connection, city_id=city_id, token_hash=token_hash(token))
        if campaign is not None:
            device_id = _phone_id(secret, campaign.campaign_id, phone)
            auditor = find_sender(connection, city_id=city_id, device_id=device_id)
            if auditor is not None or not find_phone(connection, city_id=city_id, device_id=device_id):
                return Collector(device_id=device_id, auditor=auditor, campaign=campaign)
    raise NotAuthenticated("this address is unknown here or has been revoked; scan the QR code again")


def enrol_collector(connection: Connection, *, city_id: int, collector: Collector, now: datetime) -> Sender:
    """Return the device that sends, having kept it if it is new.

    A late phone is no phone of the campaign, so that it cannot count towards its head count.
    """
    auditor, campaign = collector.auditor, collector.campaign
    if auditor is None and campaign is not None:
        late = collector.late(now)
        campaign_id = None if late else campaign.campaign_id
        keep_phone(connection, city_id=city_id, device_id=collector.device_id, campaign_id=campaign_id)
        practice_before = None if late else campaign.starts_at
        auditor = Auditor(collector.device_id, minor=False, practice_before=practice_before)
    if auditor is None:
        raise NotAuthenticated("this address is unknown here or has been revoked; scan the QR code again")
    return Sender(device_id=auditor.device_id, minor=auditor.minor, practice_before=auditor.practice_before)


def _phone_id(secret: bytes, campaign_id: UUID, phone: str) -> UUID:
    digest = hmac.digest(secret, b"collect:" + campaign_id.bytes + phone.encode(), "sha256")
    return UUID(bytes=digest[:16], version=4)
