"""Audits -> the wire: what became of one that was sent, and one as it is stored."""

from typing import Any

from geo.cells import parent, to_text
from geo.sun import Daypart
from server.api.context import services
from server.cities import City
from server.intake.content import NO_ANSWER
from server.intake.receipts import receipt_for
from server.queries.audits import Stored
from server.services.submit_audits import Outcome


def received(outcome: Outcome, town: City) -> dict[str, Any]:
    """Return what the sender of an audit is told."""
    told: dict[str, Any] = {"id": outcome.id, "status": outcome.status}
    if outcome.placing is None:
        return told
    return {
        **told,
        "receipt": outcome.receipt,
        "cell": _cell(outcome.placing.cell, town),
        "daypart": _daypart(outcome.placing.daypart),
        "received_at": outcome.received_at,
        "used": outcome.used,
        "flags": outcome.flags,
    }


def stored(audit: Stored, town: City) -> dict[str, Any]:
    """Return an audit as its auditor sees it; a tombstone has no content left."""
    return {
        "id": audit.audit_id,
        "version": audit.version,
        "status": audit.state,
        "receipt": receipt_for(secret=services().secret, city_id=town.city_id, audit_id=audit.audit_id),
        "received_at": audit.received_at,
        "used": audit.used,
        "flags": audit.flags,
        "cell": None if audit.cell is None else _cell(audit.cell, town),
        "daypart": None if audit.daypart is None else _daypart(audit.daypart),
        "location": {"lat": audit.lat, "lng": audit.lng, "accuracy_m": audit.accuracy_m}
        if audit.lat is not None
        else None,
        "observed_at": audit.observed_at,
        "answered_at": audit.answered_at,
        "instrument": audit.instrument_id,
        "instrument_version": audit.instrument_version,
        "answers": _answers(audit, town),
        "comment": audit.comment,
        "mode": audit.mode,
    }


def _cell(cell: int, town: City) -> str:
    """Return the cell by which public layers know the place."""
    return to_text(parent(cell, resolution=town.resolution))


def _daypart(code: int) -> str:
    return Daypart(code).name.lower()


def _answers(audit: Stored, town: City) -> dict[str, Any] | None:
    if audit.ratings is None or audit.instrument_id is None or audit.instrument_version is None:
        return None
    ratings = town.instruments[audit.instrument_id][audit.instrument_version].ratings
    levels = zip(ratings, audit.ratings, strict=True)
    return {rating.name: level for rating, level in levels if level != NO_ANSWER} | (audit.answers or {})
