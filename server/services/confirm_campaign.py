"""Confirm how many people walked: as many of the campaign's phones count as auditors."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.errors import Conflict, Fault, Invalid
from server.queries.campaigns import CampaignRow, update_campaign
from server.queries.events import insert_event
from server.queries.jobs import enqueue_analysis
from server.services.find_campaign import get_campaign
from server.services.open_campaign import LARGEST_HEADCOUNT


def confirm_campaign(
    connection: Connection,
    *,
    city_id: int,
    campaign_id: UUID,
    headcount: int,
    actor: str,
    now: datetime,
) -> CampaignRow:
    """Return the campaign with its confirmed head count; an analysis follows, in the same transaction.

    A count may be corrected by confirming again. Conflict before the walk has begun.
    """
    if not 1 <= headcount <= LARGEST_HEADCOUNT:
        raise Invalid(
            "this is no head count",
            faults=[Fault("/headcount", f"must be a whole number from 1 to {LARGEST_HEADCOUNT}")],
        )
    campaign = get_campaign(connection, city_id=city_id, campaign_id=campaign_id)
    if now < campaign.starts_at:
        raise Conflict("the campaign has not begun; confirm the people who came once it has")
    update_campaign(
        connection, city_id=city_id, campaign_id=campaign_id, values={"confirmed_headcount": headcount}
    )
    insert_event(
        connection,
        city_id=city_id,
        actor=actor,
        action="campaign.confirm",
        detail={"campaign": str(campaign_id), "headcount": headcount},
    )
    enqueue_analysis(connection, city_id=city_id)
    return get_campaign(connection, city_id=city_id, campaign_id=campaign_id)
