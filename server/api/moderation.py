"""The moderator's queue: what waits, what is in it, and what is decided."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, request
from flask_restx import Namespace, Resource
from sqlalchemy import Connection

from server.api.authentication import actor_here
from server.api.context import city_named, services
from server.api.presenting import answers_told
from server.api.reading import checked, one_of, parameter, uuid_in_path, whole_number
from server.api.shapes.moderation import ACT, CASE, CASE_WITH_AUDITS, CASES
from server.api.writing import json_response
from server.cities import City
from server.errors import Fault, Invalid, NotThere
from server.models.moderation import REASONS, STATES
from server.queries.events import insert_event
from server.queries.moderation import CaseAudit, CaseRow, find_case, list_case_audits, list_cases
from server.services.moderate import Act, hide_audit, moderate
from server.services.submit_audits import DAYPARTS

namespace = Namespace("moderation", path="/cities/<city>/moderation", description="The moderator's queue")
_case = namespace.schema_model("Case", CASE)

_PAGE, _LARGEST_PAGE = 100, 500
_MOST_AUDITS = 500
_LAST = 10**9 - 1
_ANY = "any"


@namespace.route("")
class Cases(Resource):
    """The cases of a city."""

    @namespace.doc(
        params={
            "state": f"{', '.join(STATES)} or {_ANY}; else waiting",
            "reason": f"one of {', '.join(REASONS)}; else any",
            "after": "the number of a case: those that follow it",
            "limit": f"at most so many, 1 to {_LARGEST_PAGE}; else {_PAGE}",
        }
    )
    @namespace.response(200, "Oldest first; next is null at the end", namespace.schema_model("Cases", CASES))
    def get(self, city: str) -> Response:
        """List what waits for a moderator, or was decided."""
        town = city_named(city)
        state = parameter("state", one_of(*STATES, _ANY), default="waiting")
        reason = parameter("reason", one_of(*REASONS, _ANY), default=_ANY)
        limit = parameter("limit", whole_number(1, _LARGEST_PAGE), default=_PAGE)
        with services().database.transaction() as connection:
            found = list_cases(
                connection,
                city_id=town.city_id,
                state=None if state == _ANY else state,
                reason=None if reason == _ANY else reason,
                after=parameter("after", whole_number(0, _LAST), default=0),
                limit=limit + 1,
            )
        page, further = found[:limit], None
        if len(found) > limit:
            query = {"state": state, "reason": reason, "after": page[-1].case_id, "limit": limit}
            further = f"{request.base_url}?{urlencode(query)}"
        return json_response({"cases": [_told(town, one) for one in page], "next": further})

    @namespace.expect(namespace.schema_model("Act", ACT), validate=False)
    @namespace.response(200, "Decided, and logged; it takes effect with the next run", _case)
    @namespace.response(409, "The state of the case does not allow it")
    def post(self, city: str) -> Response:
        """Accept, hide or restore what a case is about, or hide an audit by its id; again is no error."""
        here, town, body = services(), city_named(city), checked(ACT)
        act = Act(
            action=body["action"],
            reason=body["reason"],
            actor=_actor(),
            now=here.now(),
            secret=here.secret,
        )
        with here.database.transaction() as connection:
            case_id = _decide(connection, town, body, act)
            case = find_case(connection, city_id=town.city_id, case_id=case_id)
        if case is None:
            raise NotThere("nothing is left of this case")
        return json_response(_told(town, case))


@namespace.route("/<case>")
class OneCase(Resource):
    """One case."""

    @namespace.response(
        200, "The case and its audits", namespace.schema_model("CaseWithAudits", CASE_WITH_AUDITS)
    )
    def get(self, city: str, case: str) -> Response:
        """Show a case with its audits, without their exact places; this is logged."""
        town = city_named(city)
        if not (case.isascii() and case.isdigit() and int(case) <= _LAST):
            raise NotThere("no such case")
        with services().database.transaction() as connection:
            found = find_case(connection, city_id=town.city_id, case_id=int(case))
            if found is None:
                raise NotThere("no such case, or nothing is left of it")
            audits = list_case_audits(
                connection, city_id=town.city_id, case_id=found.case_id, limit=_MOST_AUDITS
            )
            insert_event(
                connection,
                city_id=town.city_id,
                actor=_actor(),
                action="moderation.show",
                detail={"case": found.case_id},
            )
        return json_response(_told(town, found) | {"listed": [_audit_told(town, one) for one in audits]})


def _decide(connection: Connection, town: City, body: dict[str, Any], act: Act) -> int:
    """Do what the body says, and return the number of the case."""
    if ("case" in body) == ("audit" in body):
        raise Invalid(
            "whom it is about is unclear", faults=[Fault("", "must name either a case or an audit")]
        )
    if "case" in body:
        moderate(connection, town, case_id=body["case"], act=act)
        return int(body["case"])
    if act.action != "hide":
        fault = Fault("/audit", "audits are hidden by their id; name the case to accept or restore")
        raise Invalid("an audit alone can only be hidden", faults=[fault])
    return hide_audit(connection, town, audit_id=uuid_in_path(body["audit"]), act=act)


def _actor() -> str:
    return f"key:{actor_here().id}"


def _told(town: City, case: CaseRow) -> dict[str, Any]:
    submission = None
    if case.submission_id is not None:
        submission = {
            "form": case.form_id,
            "version": case.form_version,
            "instance": case.instance_id,
            "errors": case.faults or [],
        }
    return {
        "case": case.case_id,
        "reason": case.reason,
        "state": case.state,
        "opened_at": case.opened_at,
        "cell": None if case.cell is None else town.public_cell(case.cell),
        "detail": case.detail,
        "audits": case.audits,
        "auditors": case.auditors,
        "trust": case.trust,
        "submission": submission,
    }


def _audit_told(town: City, audit: CaseAudit) -> dict[str, Any]:
    return {
        "id": audit.audit_id,
        "version": audit.version,
        "auditor": audit.auditor,
        "trust": audit.trust,
        "shared_cells": audit.shared,
        "received_at": audit.received_at,
        "observed_at": audit.observed_at,
        "cell": town.public_cell(audit.cell),
        "daypart": DAYPARTS[audit.daypart],
        "accuracy_m": audit.accuracy_m,
        "instrument": audit.instrument_id,
        "answers": answers_told(audit, town),
        "comment": audit.comment,
        "mode": audit.mode,
        "used": audit.used,
        "flags": audit.flags,
    }
