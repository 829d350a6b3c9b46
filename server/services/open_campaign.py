"""Open a campaign: an audit walk that people join by one link."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID, uuid4

from shapely.geometry import MultiPolygon
from sqlalchemy import Connection

from server.errors import Fault, Invalid
from server.queries.campaigns import insert_campaign
from server.queries.events import insert_event
from server.services.tokens import new_token, token_hash

LARGEST_HEADCOUNT = 10_000
LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True)
class NewCampaign:
    """What an organiser says of a walk."""

    name: str
    starts_at: datetime
    ends_at: datetime
    area: MultiPolygon | None = None
    headcount: int | None = None

    def faults(self) -> list[Fault]:
        """Return what is wrong with it, by the names in which it is asked for."""
        faults = []
        if not 0 < len(self.name.strip()) <= LONGEST_NAME:
            faults.append(Fault("/name", f"must be a text of 1 to {LONGEST_NAME} characters"))
        if self.starts_at >= self.ends_at:
            faults.append(Fault("/to", "must be later than 'from'"))
        if self.headcount is not None and not 1 <= self.headcount <= LARGEST_HEADCOUNT:
            faults.append(Fault("/headcount", f"must be a whole number from 1 to {LARGEST_HEADCOUNT}"))
        return faults


@dataclass(frozen=True)
class OpenedCampaign:
    """A new campaign and the token of its join link, which is told this once."""

    campaign_id: UUID
    token: str


def open_campaign(
    connection: Connection, *, city_id: int, campaign: NewCampaign, actor: str
) -> OpenedCampaign:
    """Return a new campaign of a city; Invalid with all faults of what was said."""
    faults = campaign.faults()
    if faults:
        raise Invalid("the campaign cannot be opened so", faults=faults)
    opened = OpenedCampaign(uuid4(), new_token("campaign"))
    insert_campaign(
        connection,
        city_id=city_id,
        campaign_id=opened.campaign_id,
        token_hash=token_hash(opened.token),
        values={
            "name": campaign.name.strip(),
            "starts_at": campaign.starts_at,
            "ends_at": campaign.ends_at,
            "headcount": campaign.headcount,
        },
        area=campaign.area,
    )
    detail = {"campaign": str(opened.campaign_id)}
    insert_event(connection, city_id=city_id, actor=actor, action="campaign.open", detail=detail)
    return opened


def join_link(public_url: str, *, slug: str, token: str) -> str:
    """Return the address in a campaign's QR code."""
    return f"{public_url}/audit?" + urlencode({"city": slug, "c": token})
