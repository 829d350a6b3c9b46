"""Decide a case: what it is about counts, or is hidden; nothing is deleted, every act is logged."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.cities import City
from server.errors import Conflict, Fault, Invalid, NotThere
from server.models.moderation import NAMED
from server.queries.audits import list_current
from server.queries.events import insert_event
from server.queries.moderation import (
    CaseRow,
    add_audits,
    find_case,
    find_named,
    lock_case,
    open_case,
    set_state,
)
from server.services.judge_again import judge_again

LONGEST_REASON = 500

_LEADS_TO = {"accept": "accepted", "hide": "hidden", "restore": "accepted"}
_FROM = {"accept": {"waiting"}, "hide": {"waiting", "accepted"}, "restore": {"hidden"}}
ACTIONS = tuple(_LEADS_TO)


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a moderator does, and why."""

    action: str
    """One of ACTIONS."""
    reason: str
    actor: str
    """OPERATOR, or `key:` and the key's id."""
    now: datetime
    secret: bytes

    def check(self) -> None:
        """Raise Invalid where the reason is missing or too long."""
        if not 0 < len(self.reason.strip()) <= LONGEST_REASON:
            fault = Fault("/reason", f"must be a text of 1 to {LONGEST_REASON} characters: say why")
            raise Invalid("every act needs a reason", faults=[fault])


def moderate(connection: Connection, city: City, *, case_id: int, act: Act) -> None:
    """Do what a moderator asks with a case; where it stands so already, nothing.

    What counts or is hidden changes with the next run. A submission that is accepted makes its audit now, as
    if it came now; one that is restored waits again. Raises NotThere for an unknown case, Conflict where its
    state does not allow the act, or the submission still makes no audit.
    """
    act.check()
    state = lock_case(connection, city_id=city.city_id, case_id=case_id)
    case = None if state is None else find_case(connection, city_id=city.city_id, case_id=case_id)
    if case is None:
        raise NotThere(f"no case {case_id}, or what it was about has been taken back")
    target = _target(case, act.action)
    if state == target:
        return
    if state not in _FROM[act.action]:
        raise Conflict(f"case {case_id} is {state}; {_REMEDY[act.action]}")
    if case.submission_id is not None and target == "accepted":
        judge_again(connection, city, submission_id=case.submission_id, secret=act.secret, now=act.now)
    set_state(connection, city_id=city.city_id, case_id=case_id, state=target)
    _log(connection, city, case_id, act)


def hide_audit(connection: Connection, city: City, *, audit_id: UUID, act: Act) -> int:
    """Hide an audit that no screening named, and return its case; NotThere where it does not stand."""
    act.check()
    found = list_current(connection, city_id=city.city_id, first=audit_id, last=audit_id)
    if not found or found[0].state != "kept":
        raise NotThere(f"no audit {audit_id} here, or it was taken back")
    case_id = find_named(connection, city_id=city.city_id, audit_id=audit_id)
    if case_id is None:
        values = {"reason": NAMED, "opened_at": act.now}
        case_id = open_case(connection, city_id=city.city_id, values=values)
        add_audits(connection, city_id=city.city_id, case_id=case_id, audits=[(audit_id, None)])
    moderate(connection, city, case_id=case_id, act=act)
    return case_id


_REMEDY = {
    "accept": "restore it to let it count again",
    "hide": "it cannot be hidden",
    "restore": "only what is hidden can be restored",
}


def _target(case: CaseRow, action: str) -> str:
    if action == "restore" and case.submission_id is not None:
        return "waiting"
    return _LEADS_TO[action]


def _log(connection: Connection, city: City, case_id: int, act: Act) -> None:
    insert_event(
        connection,
        city_id=city.city_id,
        actor=act.actor,
        action=f"moderation.{act.action}",
        detail={"case": case_id, "reason": act.reason.strip()},
    )
