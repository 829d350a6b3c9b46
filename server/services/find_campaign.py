"""Find a campaign: by its id for its organiser, by its token for those who join."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from server.errors import NotThere
from server.queries import campaigns
from server.queries.campaigns import CampaignRow
from server.services.tokens import token_hash

# Phones without network on the walk, and those who switch person on a shared phone, enrol later.
JOIN_GRACE = timedelta(days=7)


def get_campaign(connection: Connection, *, city_id: int, campaign_id: UUID) -> CampaignRow:
    """Return one campaign of a city; NotThere where there is none."""
    found = campaigns.find_campaign(connection, city_id=city_id, campaign_id=campaign_id)
    if found is None:
        raise NotThere("no such campaign in this city")
    return found


def find_open_campaign(
    connection: Connection, *, city_id: int, token: str, now: datetime
) -> CampaignRow | None:
    """Return the campaign of a join token; None where it is unknown, closed, or over for a week."""
    found = campaigns.find_campaign_by_token(connection, city_id=city_id, token_hash=token_hash(token))
    if found is None or found.closed_at is not None or now > found.ends_at + JOIN_GRACE:
        return None
    return found
