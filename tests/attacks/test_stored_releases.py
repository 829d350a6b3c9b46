"""Attacks on the releases of several quarters, made from a store as operators make them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analysis.disclosure.release import Disclosure
from server.queries import release_audits
from server.queries.audits import end_audits
from server.queries.binary_copy import uuids
from server.queries.release_audits import Unreleased
from server.releasing import create_release as making
from tests.attacks.attack import Attack
from tests.attacks.conftest import Tell
from tests.attacks.told import Told, fewest_between, joined
from tests.server.publishing.conftest import Town
from tests.server.releasing.conftest import SUMMER, Archive, people_of_a_summer

K = 10
LATER = datetime(2026, 1, 20, 12, tzinfo=UTC)
AUTUMN = datetime(2025, 11, 1, 12, tzinfo=UTC)
Made = Callable[..., Told]


@pytest.fixture
def archive(town: Town, tmp_path: Path) -> Archive:
    """An archive with a summer's audits."""
    people_of_a_summer(town)
    return Archive(town, tmp_path)


@pytest.fixture
def made(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> Made:
    """Make a release, or ask for the one that is there; return what everybody has, and whose it is."""
    last: dict[str, Told] = {}

    def watched(known: Unreleased, order: making.Order, secret: bytes) -> Disclosure:
        found = disclose(known, order, secret)
        last[str(order.period)] = _with_truth(archive, known, found)
        return found

    def make(period: str = "2025Q3", **options: Any) -> Told:
        archive.make(period, now=LATER, **options)
        return last[period]

    disclose = making._disclose
    monkeypatch.setattr(making, "_disclose", watched)
    return make


def _with_truth(archive: Archive, known: Unreleased, found: Disclosure) -> Told:
    """Return a release with numbers of people and of audits that stay the same from release to release."""
    whose = dict(archive.query("SELECT audit_id, device_id FROM audit"))
    audit = uuids(known.audit["audit_id"])
    who = np.array([whose[one].int % 2**31 for one in audit], dtype=np.int32)
    number = np.array([one.int % 2**63 for one in audit], dtype=np.int64)
    return Told(replace(known.audits, auditor=who), found, number)


def test_a4_two_quarters_joined_by_their_ratings(
    archive: Archive, made: Made, tell: Tell, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, rng = archive.town, np.random.default_rng(4)
    summer = made()
    told = [(one, 0, rng.integers(0, 4, 9).tolist()) for one in town.people(30, enrolled=SUMMER)]
    town.audits(told, at=AUTUMN, mode="walk")
    autumn = made("2025Q4")
    _forget(archive, "2025Q4")
    monkeypatch.setattr(release_audits, "_NOT_RELEASED", "TRUE")
    monkeypatch.setattr(making, "insert_released", lambda *_, **__: None)
    again = made("2025Q4")
    tell(
        Attack(
            name="A4 rows of a release found in another by their ratings",
            bound=0.001,
            ours=joined(autumn, summer),
            weakened=joined(again, summer),
            weakness="takes audits that were released",
        )
    )


def _forget(archive: Archive, period: str) -> None:
    """Let the store forget a release, as nothing in the program does."""
    archive.query(
        "DELETE FROM released_audit USING release WHERE released_audit.release_id = "
        f"release.release_id AND period = '{period}' RETURNING 1"
    )
    archive.query(f"DELETE FROM release WHERE period = '{period}' RETURNING 1")
    shutil.rmtree(archive.folder(period))


@pytest.mark.parametrize("event", ["one late audit", "one erasure"])
def test_a5_a_quarter_asked_for_again(archive: Archive, made: Made, tell: Tell, event: str) -> None:
    town, before = archive.town, made()
    sums = (archive.folder() / "SHA256SUMS").read_bytes()
    if event == "one erasure":
        whole = before.number[before.found.origin]
        with town.database.transaction() as connection:
            one = next(
                id_ for (id_,) in archive.query("SELECT audit_id FROM audit") if id_.int % 2**63 in whole
            )
            end_audits(connection, city_id=town.city.city_id, ids=[one], state="erased")
    else:
        town.audit(town.people(1, gender="woman", enrolled=SUMMER), 0, at=SUMMER, daypart=0, mode="walk")
    ours = fewest_between(before, made())
    assert (archive.folder() / "SHA256SUMS").read_bytes() == sums
    _forget(archive, "2025Q3")
    tell(
        Attack(
            name=f"A5 people by whom a class differs, asked again after {event}",
            bound=K,
            ours=ours,
            weakened=fewest_between(before, made()),
            weakness="makes the quarter anew",
            at_least=True,
        )
    )
