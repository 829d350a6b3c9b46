"""Releases as everybody sees them, and as whoever asks for one does."""

from server.api.shapes.base import NUMBER, TEXT, TIME, WHOLE, answer, body, list_of, nullable
from server.period import PATTERN
from server.releasing.create_release import LONGEST_PURPOSE

_PERIOD = {**TEXT, "pattern": PATTERN, "description": "quarter of observation, such as 2026Q3"}
_SHORT = {
    "id": TEXT,
    "period": TEXT,
    "instrument": TEXT,
    "made_at": TIME,
    "rows_out": WHOLE,
    "sha256": {**TEXT, "description": "of SHA256SUMS"},
    "href": TEXT,
}
_FILE = answer({"name": TEXT, "bytes": WHOLE, "sha256": TEXT, "type": TEXT, "href": TEXT})
_MISSING = answer(
    {"column": TEXT, "value": TEXT, "audits_min": WHOLE, "suppressed": NUMBER, "withheld": NUMBER}
)

RELEASES = answer({"releases": list_of(answer(_SHORT))})
RELEASE = answer(
    {
        **_SHORT,
        "purpose": nullable(TEXT),
        "title": TEXT,
        "citation": TEXT,
        "licence": answer({"id": TEXT, "name": TEXT, "url": nullable(TEXT)}),
        "publisher": TEXT,
        "contact": nullable(TEXT),
        "software": TEXT,
        "k": {**WHOLE, "description": "fewest counted auditors behind a class"},
        "cap": WHOLE,
        "resolution": WHOLE,
        "rows_in_min": {**WHOLE, "description": "audits considered, to two digits"},
        "by_resolution": list_of(answer({"resolution": WHOLE, "rows": WHOLE})),
        "missing": list_of(_MISSING),
        "variances": answer({}, {"cell": NUMBER, "auditor": NUMBER, "audit": NUMBER}),
        "checks": list_of(TEXT),
        "files": list_of(_FILE),
    }
)
NEW_RELEASE = body(
    {"period": _PERIOD}, {"purpose": nullable({**TEXT, "maxLength": LONGEST_PURPOSE}), "instrument": TEXT}
)
RELEASE_REQUEST = answer(
    {
        "id": TEXT,
        "status": {**TEXT, "enum": ["waiting", "making", "refused", "made"]},
        "share": {**NUMBER, "description": "of the work done, 0 to 1"},
        "doing": TEXT,
        "fault": nullable(TEXT),
    }
)
