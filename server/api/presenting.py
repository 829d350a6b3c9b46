"""Audits -> the wire: what became of one that was sent, and one as it is stored."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from geo.cells import parent, to_texts
from geo.sun import Daypart
from server.api import metrics
from server.api.context import services
from server.cities import City
from server.intake.content import NO_ANSWER
from server.intake.receipts import receipt_for
from server.queries.audits import Stored
from server.services.submit_audits import Outcome

_DAYPARTS = tuple(part.name.lower() for part in Daypart)


def received(outcomes: Sequence[Outcome], town: City) -> list[dict[str, Any]]:
    """Return what the sender is told of each audit, in order."""
    placed = [outcome.placing.cell for outcome in outcomes if outcome.placing is not None]
    cells = iter(_cells(placed, town))
    return [
        {"id": outcome.id, "status": outcome.status}
        if outcome.placing is None
        else _placed(outcome, cell=next(cells), daypart=_daypart(outcome.placing.daypart))
        for outcome in outcomes
    ]


def _placed(outcome: Outcome, *, cell: str, daypart: str) -> dict[str, Any]:
    return {
        "id": outcome.id,
        "status": outcome.status,
        "receipt": outcome.receipt,
        "cell": cell,
        "daypart": daypart,
        "received_at": outcome.received_at,
        "used": outcome.used,
        "flags": outcome.flags,
    }


def batch_told(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the answer to a batch: what became of each item, and how many of each, which are counted."""
    counts = Counter(result["status"] for result in results)
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
        "cell": None if audit.cell is None else _cells([audit.cell], town)[0],
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


def _cells(stored_cells: Sequence[int], town: City) -> list[str]:
    """Return the cells by which public layers know the places."""
    return to_texts(parent(np.array(stored_cells, dtype=np.int64), resolution=town.resolution))


def _daypart(code: int) -> str:
    return _DAYPARTS[code]


def _answers(audit: Stored, town: City) -> dict[str, Any] | None:
    if audit.ratings is None or audit.instrument_id is None or audit.instrument_version is None:
        return None
    ratings = town.instruments[audit.instrument_id][audit.instrument_version].ratings
    levels = zip(ratings, audit.ratings, strict=True)
    return {rating.name: level for rating, level in levels if level != NO_ANSWER} | (audit.answers or {})
