"""Campaigns, for those who organise them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import Response, request
from flask_restx import Namespace, Resource
from shapely.geometry import MultiPolygon

from geo import geojson
from geo.areas import read_boundary
from geo.errors import PlaceError
from server.api.authentication import actor_here
from server.api.checking import moment
from server.api.context import city_named, services
from server.api.reading import checked, uuid_in_path
from server.api.shapes.campaign import (
    CAMPAIGN,
    CAMPAIGN_WITH_PHONES,
    CAMPAIGNS,
    CONFIRMATION,
    DEBRIEF,
    NEW_CAMPAIGN,
    OPENED_CAMPAIGN,
)
from server.api.writing import json_response
from server.errors import Fault, Invalid
from server.queries.campaigns import CampaignRow, count_phones, list_campaigns
from server.services.close_campaign import close_campaign
from server.services.collect_settings import collect_address
from server.services.confirm_campaign import confirm_campaign
from server.services.debrief_campaign import debrief_campaign
from server.services.find_campaign import get_campaign
from server.services.open_campaign import NewCampaign, join_link, open_campaign

namespace = Namespace("campaigns", path="/cities/<city>/campaigns", description="Audit walks")
_campaign = namespace.schema_model("Campaign", CAMPAIGN)
_opened = namespace.schema_model("OpenedCampaign", OPENED_CAMPAIGN)
_with_phones = namespace.schema_model("CampaignWithPhones", CAMPAIGN_WITH_PHONES)


@namespace.route("")
class Campaigns(Resource):
    """The campaigns of a city."""

    @namespace.response(200, "The latest first", namespace.schema_model("Campaigns", CAMPAIGNS))
    def get(self, city: str) -> Response:
        """List the campaigns of a city."""
        here, town = services(), city_named(city)
        with here.database.transaction() as connection:
            found = list_campaigns(connection, city_id=town.city_id)
        return json_response({"campaigns": [_present(row, here.now()) for row in found]})

    @namespace.expect(namespace.schema_model("NewCampaign", NEW_CAMPAIGN), validate=False)
    @namespace.response(201, "Opened; the link is told this once", _opened)
    def post(self, city: str) -> Response:
        """Open a campaign and get its join link."""
        here, town, body = services(), city_named(city), checked(NEW_CAMPAIGN)
        asked = NewCampaign(
            name=body["name"],
            starts_at=moment(body["from"]),
            ends_at=moment(body["to"]),
            area=_area(body.get("area")),
            headcount=body.get("headcount"),
        )
        with here.database.transaction() as connection:
            opened = open_campaign(connection, city_id=town.city_id, campaign=asked, actor=_actor())
            row = get_campaign(connection, city_id=town.city_id, campaign_id=opened.campaign_id)
        public_url = here.settings.public_url or request.host_url.rstrip("/")
        link = join_link(public_url, slug=town.slug, token=opened.token)
        collect = collect_address(public_url, slug=town.slug, token=opened.token)
        told = {"token": opened.token, "link": link, "collect": collect, "collect_qr": f"{collect}/qr.svg"}
        return json_response(_present(row, here.now()) | told, status=201)


@namespace.route("/<campaign>")
class OneCampaign(Resource):
    """One campaign."""

    @namespace.response(200, "The campaign", _with_phones)
    def get(self, city: str, campaign: str) -> Response:
        """Show a campaign, with how many phones joined and how many sent something."""
        here, town, campaign_id = services(), city_named(city), uuid_in_path(campaign)
        with here.database.transaction() as connection:
            row = get_campaign(connection, city_id=town.city_id, campaign_id=campaign_id)
            phones = count_phones(connection, city_id=town.city_id, campaign_id=campaign_id)
        return json_response(_present(row, here.now()) | {"phones": asdict(phones)})


@namespace.route("/<campaign>/debrief")
class OneDebrief(Resource):
    """What the walk found."""

    @namespace.response(200, "Counts of answers, or insufficient", namespace.schema_model("Debrief", DEBRIEF))
    @namespace.response(409, "It is under way")
    def get(self, city: str, campaign: str) -> Response:
        """Show what the walk found, where at least k people sent audits of it."""
        here, town, campaign_id = services(), city_named(city), uuid_in_path(campaign)
        with here.database.transaction() as connection:
            row = get_campaign(connection, city_id=town.city_id, campaign_id=campaign_id)
            told = debrief_campaign(connection, city=town, campaign=row, now=here.now())
        status = {"status": "insufficient"} if told.content is None else {"status": "shown", **told.content}
        about = {"campaign": campaign_id, "name": row.name, "from": row.starts_at, "to": row.ends_at}
        return json_response({**about, "k": town.k, "made_at": told.made_at, **status})


@namespace.route("/<campaign>/confirm")
class Confirmation(Resource):
    """The head count of a campaign."""

    @namespace.expect(namespace.schema_model("Confirmation", CONFIRMATION), validate=False)
    @namespace.response(200, "Confirmed; an analysis follows", _campaign)
    @namespace.response(409, "It has not begun")
    def post(self, city: str, campaign: str) -> Response:
        """Confirm how many people walked: as many phones count as auditors."""
        here, town, campaign_id = services(), city_named(city), uuid_in_path(campaign)
        headcount = checked(CONFIRMATION)["headcount"]
        with here.database.transaction() as connection:
            row = confirm_campaign(
                connection,
                city_id=town.city_id,
                campaign_id=campaign_id,
                headcount=headcount,
                actor=_actor(),
                now=here.now(),
            )
        return json_response(_present(row, here.now()))


@namespace.route("/<campaign>/close")
class Closing(Resource):
    """The end of a campaign."""

    @namespace.response(200, "Closed", _campaign)
    def post(self, city: str, campaign: str) -> Response:
        """Close a campaign: its link enrols nobody any more; again is no error."""
        here, town, campaign_id = services(), city_named(city), uuid_in_path(campaign)
        with here.database.transaction() as connection:
            row = close_campaign(
                connection, city_id=town.city_id, campaign_id=campaign_id, actor=_actor(), now=here.now()
            )
        return json_response(_present(row, here.now()))


def _present(row: CampaignRow, now: datetime) -> dict[str, Any]:
    return {
        "campaign": row.campaign_id,
        "name": row.name,
        "from": row.starts_at,
        "to": row.ends_at,
        "state": row.state(now),
        "headcount": row.headcount,
        "confirmed_headcount": row.confirmed_headcount,
        "area": None if row.area is None else geojson.write(row.area),
    }


def _actor() -> str:
    return f"key:{actor_here().id}"


def _area(document: dict[str, Any] | None) -> MultiPolygon | None:
    if document is None:
        return None
    try:
        return read_boundary(document).area
    except PlaceError as error:
        raise Invalid("the area cannot be used", faults=[Fault("/area", str(error))]) from None
