"""What phones know of the records they sent, held against what the store and the log say."""

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import UUID

import psycopg

_AUDITS = """
SELECT DISTINCT ON (audit_id) audit_id, device_id, ratings FROM audit ORDER BY audit_id, version DESC
"""
_PHOTOS = """
SELECT audit_id, attachment.name, sha256
FROM attachment JOIN submission USING (city_id, submission_id)
                JOIN photo USING (city_id, audit_id, device_id, sha256)
WHERE audit_version IS NOT NULL AND complete AND fault IS NULL
"""
_FILES = "SELECT name, stored_sha256 FROM photo"
_LOOSE = "SELECT name FROM loose_photo"
_QUARANTINE = "SELECT quarantine FROM submission WHERE quarantine IS NOT NULL"


@dataclass(frozen=True, eq=False)
class Expected:
    """A record as its phone knows it."""

    audit_id: UUID
    phone: str
    files: dict[str, bytes]


@dataclass
class Ledger:
    """What the phones know: each record with the ratings it was last sent with, and how sending went."""

    expected: dict[Expected, tuple[int, ...]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    refusals: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, number: int = 1) -> None:
        """Count something that happened to a phone."""
        with self.lock:
            self.counts[what] += number

    def refused(self, why: str) -> None:
        """Count an answer that Collect does not take for an acknowledgement."""
        with self.lock:
            self.refusals[why[:200]] += 1


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What was found in the store."""

    records: int
    photos: int
    posts: int
    retries: int
    corrected: int
    reopened: int
    split: int
    stuck: int
    missing: int
    altered: int
    strange: int
    photos_missing: int
    photos_strange: int
    files_wrong: int
    auditors_wrong: int
    quarantine_wrong: int
    tokens_logged: int
    requests_logged: int
    refusals: dict[str, int]

    @property
    def passed(self) -> bool:
        """Whether each record is there once and whole, and none is stuck."""
        faults = (
            self.stuck,
            self.missing,
            self.altered,
            self.strange,
            self.photos_missing,
            self.photos_strange,
            self.files_wrong,
        )
        quiet = self.requests_logged > 0 and not self.tokens_logged
        return quiet and not any((*faults, self.auditors_wrong, self.quarantine_wrong))

    def __str__(self) -> str:
        return " ".join(f"{name}={value}" for name, value in vars(self).items())


def find_verdict(
    connection: psycopg.Connection, ledger: Ledger, *, album: Path, log: str, tokens: Sequence[str]
) -> Verdict:
    """Return what store, album and log say of what the phones know."""
    stored = {id: (device, tuple(ratings)) for id, device, ratings in connection.execute(_AUDITS)}
    photos = {(id, name, bytes(digest)) for id, name, digest in connection.execute(_PHOTOS)}
    reasons = [reason for (reason,) in connection.execute(_QUARANTINE)]
    expected = ledger.expected
    kept = [record for record in expected if record.audit_id in stored]
    wanted = {
        (record.audit_id, name, sha256(content).digest())
        for record in expected
        for name, content in record.files.items()
    }
    return Verdict(
        records=len(expected),
        photos=len(wanted),
        **{
            name: ledger.counts[name]
            for name in ("posts", "retries", "corrected", "reopened", "split", "stuck")
        },
        missing=len(expected) - len(kept),
        altered=sum(stored[record.audit_id][1] != expected[record] for record in kept),
        strange=len(stored) - len(kept),
        photos_missing=len(wanted - photos),
        photos_strange=len(photos - wanted),
        files_wrong=_differences(connection, album),
        auditors_wrong=_mixed_up({(record.phone, stored[record.audit_id][0]) for record in kept}),
        quarantine_wrong=abs(reasons.count("conflict") - ledger.counts["reopened"])
        + sum(reason != "conflict" for reason in reasons),
        tokens_logged=sum(log.count(token) for token in tokens),
        requests_logged=log.count('"/openrosa/<city>/<token>/submission"'),
        refusals=dict(ledger.refusals),
    )


def _differences(connection: psycopg.Connection, album: Path) -> int:
    """Return how many files of the album are not as the store says, are missing, or are nobody's."""
    wanted = {(name, bytes(digest)) for name, digest in connection.execute(_FILES)}
    loose = {name for (name,) in connection.execute(_LOOSE)}
    found = {
        (file.name, sha256(file.read_bytes()).digest()) for file in album.iterdir() if file.name not in loose
    }
    return len(wanted ^ found)


def _mixed_up(pairs: set[tuple[str, UUID]]) -> int:
    """Return how many phones are more than one auditor, or share one with another phone."""
    phones, auditors = Counter(phone for phone, _ in pairs), Counter(auditor for _, auditor in pairs)
    return sum(phones[phone] > 1 or auditors[auditor] > 1 for phone, auditor in pairs)
