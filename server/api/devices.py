"""Phones: enrolling, and what their holder may see, change and take back."""

from typing import Any

from flask import Response, request
from flask_restx import Namespace, Resource
from sqlalchemy import Connection

from server.api import limiting
from server.api.authentication import actor_here
from server.api.context import Services, city_named, services
from server.api.photos import discard_photos
from server.api.reading import checked
from server.api.shapes.device import ACCEPTED_MOVE, DEVICE, DEVICE_CHANGE, ENROLMENT, MOVE, NEW_DEVICE
from server.api.writing import json_response, no_content
from server.cities import City
from server.errors import Fault, Invalid, NotThere
from server.queries.campaigns import CampaignRow
from server.queries.devices import PROFILE_FIELDS, DeviceRow, find_phone
from server.services.change_device import change_device, forget_comments_and_photos
from server.services.check_consent import check_consent
from server.services.enrol_device import enrol_device
from server.services.erase_device import erase_device
from server.services.find_campaign import find_open_campaign
from server.services.move_device import accept_move, move_link, offer_move

namespace = Namespace("devices", path="/cities/<city>/devices", description="Pseudonymous contributors")
_device = namespace.schema_model("Device", DEVICE)
_enrolment = namespace.schema_model("Enrolment", ENROLMENT)


@namespace.route("")
class Devices(Resource):
    """The phones of a city."""

    @namespace.expect(namespace.schema_model("NewDevice", NEW_DEVICE), validate=False)
    @namespace.response(201, "Enrolled", _enrolment)
    def post(self, city: str) -> Response:
        """Enrol a phone; the token is told this once."""
        here, town, body = services(), city_named(city), checked(NEW_DEVICE)
        campaign = _admit(here, town, body.get("campaign"))
        with here.database.transaction() as connection:
            _check_consent(connection, town, body)
            enrolment = enrol_device(
                connection,
                city_id=town.city_id,
                values=_columns(body),
                profile=body.get("profile") or {},
                campaign_id=campaign.campaign_id if campaign else None,
            )
        return json_response({"device": enrolment.device_id, "token": enrolment.token}, status=201)


@namespace.route("/me")
class OwnDevice(Resource):
    """The phone whose token is sent."""

    @namespace.response(200, "The device", _device)
    def get(self, city: str) -> Response:
        """See what is stored of this device."""
        return json_response(_present(services(), city_named(city)))

    @namespace.expect(namespace.schema_model("DeviceChange", DEVICE_CHANGE), validate=False)
    @namespace.response(200, "The device as it is now", _device)
    def patch(self, city: str) -> Response:
        """Change what this device says of itself; null takes a field back, what is left out stays."""
        here, town, body = services(), city_named(city), checked(DEVICE_CHANGE)
        profile = body.get("profile", {})
        with here.database.transaction() as connection:
            _check_consent(connection, town, body)
            change_device(
                connection,
                city_id=town.city_id,
                device_id=actor_here().id,
                values=_columns(body),
                profile=dict.fromkeys(PROFILE_FIELDS) if profile is None else profile,
            )
        if profile and profile.get("age_band") == "under_18":
            with here.database.transaction() as connection:
                forget_comments_and_photos(connection, city_id=town.city_id, device_id=actor_here().id)
            discard_photos()
        return json_response(_present(here, town))

    @namespace.response(204, "Erased")
    def delete(self, city: str) -> Response:
        """Erase: empty all audits of this device, delete its profile, cut the link between the two."""
        here, city_id, device_id = services(), city_named(city).city_id, actor_here().id
        with here.database.transaction() as connection:
            erase_device(connection, city_id=city_id, device_id=device_id)
            here.endings.note(city_id=city_id, device_id=device_id)
        discard_photos()
        return no_content()


@namespace.route("/me/move")
class MoveOffer(Resource):
    """A move to another phone, as the old one asks for it."""

    @namespace.response(201, "The code, for ten minutes", namespace.schema_model("Move", MOVE))
    def post(self, city: str) -> Response:
        """Ask for a code by which another phone takes this device over."""
        here, town = services(), city_named(city)
        with here.database.transaction() as connection:
            move = offer_move(connection, city_id=town.city_id, device_id=actor_here().id, now=here.now())
        public_url = here.settings.public_url or request.host_url.rstrip("/")
        link = move_link(public_url, slug=town.slug, code=move.code)
        told = {"code": move.code, "expires_at": move.expires_at, "link": link, "qr": _drawn(link)}
        return json_response(told, status=201)


@namespace.route("/move")
class MoveAcceptance(Resource):
    """A move to another phone, as the new one makes it."""

    @namespace.expect(namespace.schema_model("AcceptedMove", ACCEPTED_MOVE), validate=False)
    @namespace.response(200, "Moved; the old token is over", _enrolment)
    def post(self, city: str) -> Response:
        """Take a device over by its code: same audits, same profile, another token."""
        here, town, body = services(), city_named(city), checked(ACCEPTED_MOVE)
        with here.database.statements() as connection:
            limiting.spend_one(connection, limiting.MOVES, limiting.address())
        with here.database.transaction() as connection:
            moved = accept_move(connection, city_id=town.city_id, code=body["code"], now=here.now())
        return json_response({"device": moved.device_id, "token": moved.token})


def _drawn(link: str) -> str:
    """Return a link as the QR code that the other phone scans; the page draws none by itself."""
    import segno  # noqa: PLC0415 - only here

    drawn: str = segno.make(link, error="m", micro=False).svg_data_uri(scale=6)
    return drawn


def _admit(here: Services, town: City, token: str | None) -> CampaignRow | None:
    """Return the campaign that is joined, if any, having counted this enrolment against its limit."""
    if token is None:
        _admit_without_campaign(here, town)
        return None
    with here.database.statements() as connection:
        found = find_open_campaign(connection, city_id=town.city_id, token=token, now=here.now())
        if found is None:
            limiting.spend_one(connection, limiting.enrolment(here.settings), limiting.address())
            unknown = Fault("/campaign", "is unknown, closed or over; enrol without it, or ask the organiser")
            raise Invalid("the campaign cannot be joined", faults=[unknown])
        limit = limiting.campaign_enrolment(here.settings)
        limiting.spend_one(connection, limit, limiting.address(), found.campaign_id.bytes)
        return found


def _admit_without_campaign(here: Services, town: City) -> None:
    of_city, slug = limiting.city_enrolment(here.settings), town.slug.encode()
    # In a flood each request may come from another address, for whose bucket the store would have to write.
    limiting.refuse_if_empty(of_city, slug)
    with here.database.statements() as connection:
        limiting.spend_one(connection, limiting.enrolment(here.settings), limiting.address())
        limiting.spend_one(connection, of_city, slug)


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """Return the columns of a device that a body speaks of."""
    values: dict[str, Any] = {name: body[name] for name in ("locale", "waiting") if name in body}
    if "consent" in body:
        consent = body["consent"] or {}
        values |= {"consent_version": consent.get("version"), "consent_lang": consent.get("lang")}
    return values


def _check_consent(connection: Connection, town: City, body: dict[str, Any]) -> None:
    if body.get("consent"):
        check_consent(connection, city_id=town.city_id, **body["consent"])


def _present(here: Services, town: City) -> dict[str, Any]:
    with here.database.transaction() as connection:
        row = find_phone(connection, city_id=town.city_id, device_id=actor_here().id)
    if row is None:
        raise NotThere("no such device")
    return {
        "device": row.device_id,
        "enrolled_at": row.enrolled_at,
        "locale": row.locale,
        "profile": {"gender": row.gender, "age_band": row.age_band, "disability": row.disability},
        "consent": _consent(row),
        "campaign": _campaign(row),
    }


def _consent(row: DeviceRow) -> dict[str, Any] | None:
    if row.consent_version is None:
        return None
    return {"version": row.consent_version, "lang": row.consent_lang}


def _campaign(row: DeviceRow) -> dict[str, Any] | None:
    if row.campaign_name is None:
        return None
    return {"name": row.campaign_name, "from": row.campaign_starts_at, "to": row.campaign_ends_at}
