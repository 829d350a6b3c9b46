"""SQL of moderation: what waits for a moderator, what was decided, and what that keeps from the analysis."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from server.models.moderation import NAMED, moderation_audit, moderation_case

# Common table expressions for statements with psycopg's placeholders: what a moderator hid; which versions
# wait for one and have no weight meanwhile; to which cells nothing is admitted for 14 days because of a
# burst, unless another froze them in the 90 days before. A phone that a confirmed head count covers is no
# burst's.
HIDDEN = """hidden AS (
    SELECT m.audit_id FROM moderation_audit AS m JOIN moderation_case AS c USING (city_id, case_id)
    WHERE m.city_id = %(city_id)s AND c.state = 'hidden'
)"""
HELD = """held AS (
    SELECT v.audit_id, v.version
    FROM moderation_audit AS m
    JOIN moderation_case AS c USING (city_id, case_id)
    JOIN audit AS v ON v.city_id = m.city_id AND v.audit_id = m.audit_id
                   AND v.version = COALESCE(m.version, v.version)
    WHERE m.city_id = %(city_id)s AND c.state = 'waiting'
      AND NOT (c.reason = 'burst' AND v.device_id IN (TABLE walker))
)"""
FROZEN = """frozen AS (
    SELECT c.cell FROM moderation_case AS c
    WHERE c.city_id = %(city_id)s AND c.reason = 'burst' AND c.state = 'waiting'
      AND c.opened_at > %(as_of)s - interval '14 days'
      AND NOT EXISTS (SELECT FROM moderation_case AS earlier
                      WHERE earlier.city_id = c.city_id AND earlier.cell = c.cell
                        AND earlier.opened_at >= c.opened_at - interval '90 days'
                        AND earlier.opened_at < c.opened_at)
      AND EXISTS (SELECT FROM moderation_audit AS m
                  JOIN audit AS v ON v.city_id = m.city_id AND v.audit_id = m.audit_id AND v.state = 'kept'
                  WHERE m.city_id = c.city_id AND m.case_id = c.case_id
                    AND v.device_id NOT IN (TABLE walker))
)"""

_OPEN_BURST = text("""
SELECT case_id FROM moderation_case
WHERE city_id = :city_id AND reason = 'burst' AND cell = :cell AND state = 'waiting'
ORDER BY case_id DESC LIMIT 1
""")
_STANDING = """audit AS a
    ON a.city_id = m.city_id AND a.audit_id = m.audit_id AND a.state = 'kept' AND NOT EXISTS (
        SELECT FROM audit AS later
        WHERE later.city_id = a.city_id AND later.audit_id = a.audit_id AND later.version > 1
          AND later.version > a.version)
    LEFT JOIN auditor_trust AS t ON t.city_id = a.city_id AND t.device_id = a.device_id
    WHERE m.city_id = c.city_id AND m.case_id = c.case_id"""
# Of what was taken back meanwhile nothing is left to decide about.
_CASES = f"""
SELECT c.case_id, c.reason, c.state, c.opened_at, c.cell, c.detail, c.submission_id,
       s.form_id, s.form_version, s.instance_id, s.faults, told.audits, told.auditors, told.trust
FROM moderation_case AS c
LEFT JOIN submission AS s ON s.city_id = c.city_id AND s.submission_id = c.submission_id
CROSS JOIN LATERAL (
    SELECT count(*) AS audits, count(DISTINCT a.device_id) AS auditors, avg(t.trust)::float8 AS trust
    FROM moderation_audit AS m JOIN {_STANDING}
) AS told
WHERE c.city_id = :city_id AND (s.xml IS NOT NULL OR told.audits > 0)
"""  # noqa: S608 - this module's words
_LIST = text(
    _CASES + " AND c.case_id > :after AND (c.state = :state OR :state IS NULL)"
    " AND (c.reason = :reason OR :reason IS NULL) ORDER BY c.case_id LIMIT :limit"
)
_FIND = text(_CASES + " AND c.case_id = :case_id")
_AUDITS = text(f"""
SELECT a.audit_id, a.version, dense_rank() OVER (ORDER BY a.device_id) AS auditor, t.trust, t.cells AS shared,
       a.received_at, a.observed_at, a.cell, a.daypart, a.accuracy_m, a.instrument_id, a.instrument_version,
       a.ratings, a.answers, a.comment, a.mode, a.used, a.flags
FROM moderation_case AS c JOIN moderation_audit AS m USING (city_id, case_id) JOIN {_STANDING}
  AND c.city_id = :city_id AND c.case_id = :case_id
ORDER BY a.received_at, a.audit_id LIMIT :limit
""")  # noqa: S608 - this module's words
_LOCK = text("SELECT state FROM moderation_case WHERE city_id = :city_id AND case_id = :case_id FOR UPDATE")
_NAMED = text("""
SELECT c.case_id FROM moderation_case AS c JOIN moderation_audit AS m USING (city_id, case_id)
WHERE c.city_id = :city_id AND m.audit_id = :audit_id AND c.reason = :named ORDER BY c.case_id LIMIT 1
""")
_FORGET_DETAIL = text("""
UPDATE moderation_case AS c SET detail = '{}'
FROM moderation_audit AS m
WHERE c.city_id = :city_id AND m.city_id = :city_id AND m.case_id = c.case_id AND m.audit_id = ANY(:ids)
  AND c.detail <> '{}'
""")
_FORGET_TRUST = text("DELETE FROM auditor_trust WHERE city_id = :city_id")
_PUT_TRUST = text("""
INSERT INTO auditor_trust (city_id, device_id, trust, cells)
SELECT DISTINCT ON (a.device_id) a.city_id, a.device_id, told.trust, told.cells
FROM unnest(CAST(:ids AS uuid[]), CAST(:trust AS float8[]), CAST(:cells AS int[])) AS told (id, trust, cells)
JOIN audit AS a ON a.city_id = :city_id AND a.audit_id = told.id
JOIN device AS d ON d.city_id = a.city_id AND d.device_id = a.device_id
WHERE d.origin = 'phone' AND d.erased_at IS NULL
ORDER BY a.device_id, told.cells DESC
""")


@dataclass(frozen=True, kw_only=True)
class CaseRow:
    """One case, as the queue lists it."""

    case_id: int
    reason: str
    state: str
    opened_at: datetime
    cell: int | None
    detail: Mapping[str, Any]
    submission_id: int | None
    form_id: str | None
    form_version: str | None
    instance_id: str | None
    faults: Sequence[Mapping[str, str]] | None
    audits: int
    """That still stand."""
    auditors: int
    trust: float | None
    """Mean of those of its auditors that are known, 0..1."""


@dataclass(frozen=True, kw_only=True)
class CaseAudit:
    """One audit of a case, as a moderator sees it: no exact place; its auditor is a number in the case."""

    audit_id: UUID
    version: int
    auditor: int
    trust: float | None
    shared: int | None
    received_at: datetime
    observed_at: datetime | None
    cell: int
    daypart: int
    accuracy_m: float | None
    instrument_id: str
    instrument_version: int
    ratings: Sequence[int]
    answers: Mapping[str, Any] | None
    comment: str | None
    mode: str | None
    used: bool
    flags: Sequence[str]


def open_case(connection: Connection, *, city_id: int, values: Mapping[str, Any]) -> int:
    """Add a case that waits, and return its number; `values` are its further columns."""
    case_id: int = connection.execute(
        insert(moderation_case).values(city_id=city_id, **values).returning(moderation_case.c.case_id)
    ).scalar_one()
    return case_id


def find_open_burst(connection: Connection, *, city_id: int, cell: int) -> int | None:
    """Return the case about a burst in a cell that waits, the latest."""
    found: int | None = connection.scalar(_OPEN_BURST, {"city_id": city_id, "cell": cell})
    return found


def add_audits(
    connection: Connection, *, city_id: int, case_id: int, audits: Sequence[tuple[UUID, int | None]]
) -> None:
    """Add these (audit, version) to a case; those that are in it stay as they are. No version means all."""
    rows = [
        {"city_id": city_id, "case_id": case_id, "audit_id": audit_id, "version": version}
        for audit_id, version in audits
    ]
    if rows:
        connection.execute(upsert(moderation_audit).on_conflict_do_nothing(), rows)


def list_cases(
    connection: Connection, *, city_id: int, state: str | None, reason: str | None, after: int, limit: int
) -> list[CaseRow]:
    """Return the cases after a number, oldest first, of one state and reason, or of any."""
    values = {"city_id": city_id, "state": state, "reason": reason, "after": after, "limit": limit}
    return [CaseRow(**row._mapping) for row in connection.execute(_LIST, values)]


def find_case(connection: Connection, *, city_id: int, case_id: int) -> CaseRow | None:
    """Return one case; None where there is none, or nothing is left of it."""
    row = connection.execute(_FIND, {"city_id": city_id, "case_id": case_id}).one_or_none()
    return None if row is None else CaseRow(**row._mapping)


def list_case_audits(connection: Connection, *, city_id: int, case_id: int, limit: int) -> list[CaseAudit]:
    """Return the audits of a case that still stand, as they arrived."""
    values = {"city_id": city_id, "case_id": case_id, "limit": limit}
    return [CaseAudit(**row._mapping) for row in connection.execute(_AUDITS, values)]


def lock_case(connection: Connection, *, city_id: int, case_id: int) -> str | None:
    """Return the state of a case, and let other acts on it wait for the commit."""
    state: str | None = connection.scalar(_LOCK, {"city_id": city_id, "case_id": case_id})
    return state


def set_state(connection: Connection, *, city_id: int, case_id: int, state: str) -> None:
    """Keep where acts on a case have led."""
    own = (moderation_case.c.city_id == city_id) & (moderation_case.c.case_id == case_id)
    connection.execute(update(moderation_case).where(own).values(state=state))


def find_named(connection: Connection, *, city_id: int, audit_id: UUID) -> int | None:
    """Return the case that a moderator opened about an audit."""
    values = {"city_id": city_id, "audit_id": audit_id, "named": NAMED}
    found: int | None = connection.scalar(_NAMED, values)
    return found


def forget_details(connection: Connection, *, city_id: int, ids: Sequence[UUID]) -> None:
    """Empty the figures of cases about audits that were taken back."""
    connection.execute(_FORGET_DETAIL, {"city_id": city_id, "ids": list(ids)})


def put_trust(
    connection: Connection,
    *,
    city_id: int,
    ids: Sequence[UUID],
    trust: Sequence[float],
    cells: Sequence[int],
) -> None:
    """Keep the trust in auditors, each told by one of their audits, in place of what was known before.

    Of imports' auditors none is kept: they are on the operator's word.
    """
    connection.execute(_FORGET_TRUST, {"city_id": city_id})
    values = {"city_id": city_id, "ids": list(ids), "trust": list(trust), "cells": list(cells)}
    connection.execute(_PUT_TRUST, values)
