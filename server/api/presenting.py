"""Audits -> the wire: what became of one that was sent, and one as it is stored."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import msgspec

from server.api import metrics
from server.api.context import services
from server.cities import City
from server.errors import Fault
from server.intake.content import NO_ANSWER
from server.intake.receipts import receipt_for
from server.queries.audits import Stored
from server.queries.moderation import CaseAudit
from server.services.submit_audits import DAYPARTS, Outcome


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an item of a batch that cannot be kept."""

    id: str | None
    status: str = "invalid"
    errors: tuple[Fault, ...]


def batch_told(results: Sequence[Outcome | Refused]) -> dict[str, Any]:
    """Return the answer to a batch: what became of each item, and how many of each, which are counted."""
    counts = Counter(result.status for result in results)
    for status, number in counts.items():
        metrics.count_audits(status, number)
    totals = {status: counts[status] for status in ("created", "duplicate", "conflict", "invalid")}
    return {"results": results, **totals}


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
        "cell": None if audit.cell is None else town.public_cell(audit.cell),
        "daypart": None if audit.daypart is None else DAYPARTS[audit.daypart],
        "location": {"lat": audit.lat, "lng": audit.lng, "accuracy_m": audit.accuracy_m}
        if audit.lat is not None
        else None,
        "observed_at": audit.observed_at,
        "answered_at": audit.answered_at,
        "instrument": audit.instrument_id,
        "instrument_version": audit.instrument_version,
        "answers": answers_told(audit, town),
        "comment": audit.comment,
        "mode": audit.mode,
        "photos": audit.photos,
    }


def answers_told(audit: Stored | CaseAudit, town: City) -> dict[str, Any] | None:
    """Return the answers of an audit by the names of their questions; a tombstone has none."""
    if audit.ratings is None or audit.instrument_id is None or audit.instrument_version is None:
        return None
    ratings = town.instruments[audit.instrument_id][audit.instrument_version].ratings
    levels = zip(ratings, audit.ratings, strict=True)
    return {rating.name: level for rating, level in levels if level != NO_ANSWER} | dict(audit.answers or {})
