"""Audits: sending them, one or many, and seeing, correcting and withdrawing one's own."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, request
from flask_restx import Namespace, Resource
from msgspec import structs

from server.api import metrics
from server.api.authentication import actor_here
from server.api.checking import moment
from server.api.context import city_named, services
from server.api.photos import discard_photos
from server.api.presenting import Refused, batch_told, stored
from server.api.reading import json_body, parameter, uuid_in_path, whole_number
from server.api.shapes.audit import AUDIT, AUDITS, BATCH_RESULTS, NEW_AUDIT, NEW_BATCH, RECEIVED
from server.api.writing import json_response, no_content
from server.audit_store import OnConnection
from server.cities import City
from server.errors import Conflict, Fault, Invalid
from server.intake.content import AuditContent
from server.intake.reading import Unusable
from server.queries.audits import Stored, list_of_device
from server.services.correct_audit import correct_audit
from server.services.find_audit import find_audit
from server.services.submit_audits import Outcome, Sender, submit_audits
from server.services.withdraw_audit import withdraw_audit

namespace = Namespace("audits", path="/cities/<city>", description="Audits")

_new_audit = namespace.schema_model("NewAudit", NEW_AUDIT)
_received = namespace.schema_model("ReceivedAudit", RECEIVED)
_PAGE, _LARGEST_PAGE = 100, 500
_FIRST = UUID(int=0)


@namespace.route("/audits")
class Audits(Resource):
    """Sending one audit."""

    @namespace.expect(_new_audit, validate=False)
    @namespace.response(201, "Kept, and on disk", _received)
    @namespace.response(200, "Was kept before, just so", _received)
    @namespace.response(409, "The id is taken by other content or by another device")
    def post(self, city: str) -> Response:
        """Send an audit; sending the same again is safe for ever."""
        town = city_named(city)
        content = town.reader.audit(json_body())
        outcome = _submit(town, [content])[0]
        metrics.count_audits(outcome.status)
        if outcome.status == "conflict":
            raise Conflict("an audit of this id is stored with other content, or was sent by another device")
        return json_response(outcome, status=201 if outcome.status == "created" else 200)


@namespace.route("/audits/batch")
class Batch(Resource):
    """Sending many audits."""

    @namespace.expect(namespace.schema_model("NewBatch", NEW_BATCH), validate=False)
    @namespace.response(200, "What became of each", namespace.schema_model("BatchResults", BATCH_RESULTS))
    def post(self, city: str) -> Response:
        """Send up to 500 audits; one that cannot be kept never holds back another."""
        town = city_named(city)
        items = town.reader.batch(json_body())
        outcomes = _submit(town, [item for item in items if isinstance(item, AuditContent)])
        told = iter(outcomes)
        results = [_refused(item) if isinstance(item, Unusable) else next(told) for item in items]
        return json_response(batch_told(results))


@namespace.route("/audits/<audit>")
class OneAudit(Resource):
    """One's own audit."""

    @namespace.response(200, "The audit as it stands", namespace.schema_model("Audit", AUDIT))
    def get(self, city: str, audit: str) -> Response:
        """See an own audit."""
        town, audit_id = city_named(city), uuid_in_path(audit)
        with services().database.transaction() as connection:
            found = find_audit(connection, city_id=town.city_id, device_id=actor_here().id, audit_id=audit_id)
        return json_response(stored(found, town))

    @namespace.expect(_new_audit, validate=False)
    @namespace.response(200, "Kept as a new version, or was kept so before", _received)
    @namespace.response(409, "It was withdrawn, or is being changed from elsewhere")
    def put(self, city: str, audit: str) -> Response:
        """Correct an own audit: send it whole, as it should be."""
        town, audit_id = city_named(city), uuid_in_path(audit)
        return correction(town, sender(), audit_id, json_body())

    @namespace.response(204, "Withdrawn, and its content emptied")
    def delete(self, city: str, audit: str) -> Response:
        """Withdraw an own audit; again is no error."""
        town, audit_id = city_named(city), uuid_in_path(audit)
        here, device_id = services(), actor_here().id
        with here.database.transaction() as connection:
            withdraw_audit(connection, city_id=town.city_id, device_id=device_id, audit_id=audit_id)
            here.endings.note(city_id=town.city_id, device_id=device_id, audit_id=audit_id)
        discard_photos()
        return no_content()


@namespace.route("/devices/me/audits")
class OwnAudits(Resource):
    """All of one's own audits."""

    @namespace.doc(
        params={
            "since": "a time with its offset: audits received then or later; or the value out of `next`",
            "limit": f"at most so many, 1 to {_LARGEST_PAGE}; else {_PAGE}",
        }
    )
    @namespace.response(
        200, "Oldest first; next is null at the end", namespace.schema_model("Audits", AUDITS)
    )
    def get(self, city: str) -> Response:
        """List own audits in the order of their arrival; a correction is a new arrival."""
        town = city_named(city)
        since, after = parameter("since", _cursor, default=(datetime(1970, 1, 1, tzinfo=UTC), _FIRST))
        limit = parameter("limit", whole_number(1, _LARGEST_PAGE), default=_PAGE)
        with services().database.transaction() as connection:
            found = list_of_device(
                connection,
                city_id=town.city_id,
                device_id=actor_here().id,
                since=since,
                after=after,
                limit=limit + 1,
            )
        page = found[:limit]
        further = _next(page[-1], limit) if len(found) > limit else None
        return json_response({"audits": [stored(audit, town) for audit in page], "next": further})


def sender() -> Sender:
    """Return the device that sends this request."""
    actor = actor_here()
    return Sender(device_id=actor.id, minor=actor.minor, practice_before=actor.practice_before)


def correction(town: City, who: Sender, audit_id: UUID, document: Any) -> Response:
    """Return the answer to an audit sent as it should be; the id in the body may be left out."""
    if isinstance(document, dict) and document.setdefault("id", str(audit_id)) != str(audit_id):
        raise Invalid("the audit has another id", faults=[Fault("/id", f"must be {audit_id}")])
    here = services()
    content = town.reader.audit(document)
    with here.database.transaction() as connection:
        outcome = correct_audit(
            connection, city=town, sender=who, content=content, secret=here.secret, now=here.now()
        )
    if outcome.status == "created":
        outcome = structs.replace(outcome, status="corrected")
    return json_response(outcome)


def _submit(town: City, contents: Sequence[AuditContent]) -> list[Outcome]:
    """Return what became of each audit; on return they are committed, by the statement that keeps them."""
    here = services()
    with here.database.statements() as connection:
        return submit_audits(
            OnConnection(connection),
            city=town,
            sender=sender(),
            contents=contents,
            secret=here.secret,
            now=here.now(),
        )


def _refused(item: Unusable) -> Refused:
    return Refused(id=item.id, errors=item.faults)


def _cursor(text: str) -> tuple[datetime, UUID]:
    """Return the point after which to go on; a space stands for the + that URLs lose."""
    since, _, after = text.replace(" ", "+").partition("~")
    try:
        return moment(since), UUID(after) if after else _FIRST
    except ValueError:
        raise ValueError("must be a time with its offset, or the value out of `next`") from None


def _next(last: Stored, limit: int) -> str:
    since = last.received_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return f"{request.base_url}?" + urlencode({"since": f"{since}~{last.audit_id}", "limit": limit})
