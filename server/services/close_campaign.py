"""Close a campaign: its link enrols nobody any more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.queries.campaigns import CampaignRow, update_campaign
from server.queries.events import insert_event
from server.services.find_campaign import get_campaign


def close_campaign(
    connection: Connection, *, city_id: int, campaign_id: UUID, actor: str, now: datetime
) -> CampaignRow:
    """Return the campaign, closed; its phones keep what they have and may still send."""
    campaign = get_campaign(connection, city_id=city_id, campaign_id=campaign_id)
    if campaign.closed_at is not None:
        return campaign
    update_campaign(connection, city_id=city_id, campaign_id=campaign_id, values={"closed_at": now})
    detail = {"campaign": str(campaign_id)}
    insert_event(connection, city_id=city_id, actor=actor, action="campaign.close", detail=detail)
    return get_campaign(connection, city_id=city_id, campaign_id=campaign_id)
