"""Receipts: an audit seen, followed, corrected or withdrawn by its code, without the device it came from."""

from typing import Any

from flask import Response
from flask_restx import Namespace, Resource

from geo.cells import parent
from server.api import limiting
from server.api.audits import correction
from server.api.context import Services, enter, services
from server.api.photos import discard_photos
from server.api.places import followed
from server.api.presenting import stored
from server.api.reading import checked
from server.api.shapes.audit import AUDIT, RECEIPT_ACT
from server.api.writing import json_response, no_content
from server.cities import City
from server.errors import Fault, Invalid, NotThere
from server.intake.receipts import read_receipt
from server.queries.audits import Stored
from server.queries.devices import find_sender
from server.queries.places import OwnPlace
from server.services.erase_device import erase_by_receipt
from server.services.redeem_receipt import redeem_receipt
from server.services.submit_audits import Sender
from server.services.withdraw_audit import withdraw_audit

namespace = Namespace("receipts", path="/receipts", description="Audits by their receipt code")


@namespace.route("")
class Receipts(Resource):
    """An act on the audit a code was given for."""

    @namespace.expect(namespace.schema_model("ReceiptAct", RECEIPT_ACT), validate=False)
    @namespace.response(
        200,
        "show: the audit; correct: as after PUT; place: as in devices/me/places",
        namespace.schema_model("Audit", AUDIT),
    )
    @namespace.response(
        409, "erase: its phone has a token of its own; correct: it was withdrawn, or is being changed"
    )
    @namespace.response(204, "withdraw: withdrawn, and its content emptied; erase: all that its phone sent")
    def post(self) -> Response:
        """Show, correct or withdraw the audit a receipt was given for, or see what happened at its place.

        A phone with ODK Collect on a walk has no token: `erase` takes back all that such a phone sent.
        """
        body = checked(RECEIPT_ACT)
        receipt = read_receipt(body["receipt"])
        here = services() if receipt is None else enter(receipt.city_id)
        with here.database.statements() as connection:
            limiting.spend_one(connection, limiting.RECEIPTS, limiting.address())
        with here.database.transaction() as connection:
            city_id, audit = redeem_receipt(connection, code=body["receipt"], secret=here.secret)
        town = _city(here, city_id)
        if body["action"] == "show":
            return json_response(stored(audit, town))
        if body["action"] == "withdraw":
            return _withdraw(here, town, audit)
        if body["action"] == "erase":
            return _erase(here, town, audit)
        if body["action"] == "place":
            return json_response(_place(town, audit))
        if body.get("audit") is None:
            missing = Fault("/audit", "is missing: the audit as it should be")
            raise Invalid("nothing to correct it to", faults=[missing])
        return correction(town, _sender(here, town, audit), audit.audit_id, body["audit"])


def _city(here: Services, city_id: int) -> City:
    for city in here.cities.all():
        if city.city_id == city_id:
            return city
    raise NotThere("no audit for this receipt; check the code")


def _erase(here: Services, town: City, audit: Stored) -> Response:
    with here.database.transaction() as connection:
        erase_by_receipt(connection, city_id=town.city_id, audit=audit)
        here.endings.note(city_id=town.city_id, device_id=audit.device_id)
    return no_content()


def _place(town: City, audit: Stored) -> dict[str, Any]:
    if audit.cell is None or audit.instrument_id is None:
        raise NotThere(f"this audit was {audit.state}; its place is not known any more")
    cell = parent(audit.cell, resolution=town.resolution)
    place = OwnPlace(cell=cell, audits=int(audit.used), last_observed_at=audit.observed_at)
    return followed(town, [place], instrument=audit.instrument_id)[0]


def _withdraw(here: Services, town: City, audit: Stored) -> Response:
    with here.database.transaction() as connection:
        withdraw_audit(connection, city_id=town.city_id, device_id=audit.device_id, audit_id=audit.audit_id)
        here.endings.note(city_id=town.city_id, device_id=audit.device_id, audit_id=audit.audit_id)
    discard_photos()
    return no_content()


def _sender(here: Services, town: City, audit: Stored) -> Sender:
    """Return the device an audit came from, as it would send the correction itself."""
    with here.database.transaction() as connection:
        found = find_sender(connection, city_id=town.city_id, device_id=audit.device_id)
    if found is None:
        raise NotThere("no audit for this receipt; check the code")
    return Sender(device_id=found.device_id, minor=found.minor, practice_before=found.practice_before)
