"""`safeaudit key` and `safeaudit campaign` as the operator types them, on a real store."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from server.actors import Role
from server.cities import City, CityDirectory
from server.cli import group
from server.database import Database
from server.errors import Conflict, Invalid, NotThere
from server.services.enrol_device import enrol_device
from server.services.find_actor import find_actor
from server.services.find_campaign import find_open_campaign


@pytest.fixture
def run(database_url: str, city: City, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("SAFEAUDIT_PUBLIC_URL", "https://audits.example.org")

    def call(*arguments: str) -> Result:
        return CliRunner().invoke(group, list(arguments))

    return call


WALK = ("--name", "Walk", "--from", "2026-11-20T18:00", "--to", "2030-11-20T21:00+05:30", "--headcount", "40")


def test_a_key_opens_its_city_until_it_is_revoked(
    run: Callable[..., Result], city: City, database: Database, cities: CityDirectory
) -> None:
    made = run("key", "create", "--city", "testville", "--role", "planner", "--name", "Town hall")
    token = made.output.splitlines()[-1]

    def holder(slug: str) -> object:
        with database.transaction() as connection:
            return find_actor(connection, city_id=cities.get(slug).city_id, token=token)

    assert holder("testville").role is Role.PLANNER  # type: ignore[attr-defined]
    assert holder("othertown") is None
    listed = run("key", "list", "--city", "testville").output
    assert "Town hall" in listed
    assert token not in listed
    key = listed.split("\t")[1]
    assert run("key", "revoke", "--city", "testville", key).exit_code == 0
    assert holder("testville") is None
    assert "revoked" in run("key", "list").output
    assert isinstance(run("key", "revoke", "--city", "testville", key).exception, NotThere)
    with database.transaction() as connection:
        events = connection.scalars(text("SELECT action FROM event WHERE actor = 'operator'")).all()
    assert events == ["key.create", "key.revoke"]


def test_a_key_is_rotated_with_an_overlap(run: Callable[..., Result], city: City, database: Database) -> None:
    first = run("key", "create", "--city", "testville", "--role", "admin", "--days", "30").output
    old = first.splitlines()[-1]
    key = run("key", "list").output.split("\t")[1]

    def role_of(token: str) -> object:
        with database.transaction() as connection:
            found = find_actor(connection, city_id=city.city_id, token=token)
        return None if found is None else found.role

    new = run("key", "rotate", "--city", "testville", key).output.splitlines()[-1]
    assert (role_of(old), role_of(new)) == (Role.ADMIN, Role.ADMIN)
    assert run("key", "list").output.count("valid until") == 2
    with database.transaction() as connection:
        left = text("SELECT round(extract(epoch FROM expires_at - now()) / 3600) FROM api_key ORDER BY 1")
        assert connection.scalars(left).all() == [24, 720]
        connection.execute(text("UPDATE api_key SET expires_at = now() WHERE key_id = :id"), {"id": key})
    assert (role_of(old), role_of(new)) == (None, Role.ADMIN)
    assert "expired" in run("key", "list").output
    assert isinstance(run("key", "rotate", "--city", "testville", key).exception, NotThere)


def test_an_unknown_role_names_those_there_are(run: Callable[..., Result]) -> None:
    refused = run("key", "create", "--city", "testville", "--role", "king")
    assert refused.exit_code == 2
    assert "planner" in refused.output
    assert isinstance(run("key", "create", "--city", "atlantis", "--role", "planner").exception, NotThere)


def test_a_campaign_from_its_link_to_its_end(
    run: Callable[..., Result], city: City, database: Database
) -> None:
    opened = run("campaign", "create", "testville", *WALK)
    link = urlsplit(opened.output.splitlines()[-1])
    token = parse_qs(link.query)["c"][0]
    assert (link.netloc, link.path) == ("audits.example.org", "/audit")
    assert "█" in opened.output or "▄" in opened.output
    with database.transaction() as connection:
        found = find_open_campaign(connection, city_id=city.city_id, token=token, now=datetime.now(UTC))
        assert found is not None
        assert found.starts_at.isoformat() == "2026-11-20T12:30:00+00:00", "local time of the city"
        enrol_device(connection, city_id=city.city_id, values={}, profile={}, campaign_id=found.campaign_id)
    campaign = str(found.campaign_id)
    assert "1 joined, 0 sent, 0 hold more, 0 are done" in run("campaign", "list", "testville").output
    assert run("campaign", "confirm", "testville", campaign, "--headcount", "1").exit_code == 0
    assert "1 confirmed" in run("campaign", "list", "testville").output
    with database.transaction() as connection:
        waiting = connection.scalars(text("SELECT task_name FROM jobs.procrastinate_jobs")).all()
    assert len(waiting) == 1
    assert run("campaign", "close", "testville", campaign).exit_code == 0
    assert "closed" in run("campaign", "list", "testville").output
    with database.transaction() as connection:
        assert (
            find_open_campaign(connection, city_id=city.city_id, token=token, now=datetime.now(UTC)) is None
        )


def test_a_campaign_that_is_none_is_refused(run: Callable[..., Result], database: Database) -> None:
    backwards = run(
        "campaign", "create", "testville", *WALK[:2], "--from", "2026-11-21", "--to", "2026-11-20"
    )
    assert isinstance(backwards.exception, Invalid)
    assert [fault.pointer for fault in backwards.exception.faults] == ["/to"]
    assert run("campaign", "create", "testville", *WALK[:2], "--from", "soon", "--to", "later").exit_code == 2
    missing = run("campaign", "confirm", "testville", str(UUID(int=1)), "--headcount", "1")
    assert isinstance(missing.exception, NotThere)
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM campaign")) == 0


def test_a_consent_text_is_approved_once_the_city_says_who_answers(
    run: Callable[..., Result], city: City, database: Database, tmp_path: Path
) -> None:
    with pytest.raises(NotThere, match="safeaudit consent approve testville"):
        raise_from(run("consent", "show", "testville"))
    refused = run("consent", "approve", "testville").exception
    assert isinstance(refused, Invalid)
    assert [fault.pointer for fault in refused.faults] == ["/controller", "/contact"]
    run("city", "set", "testville", "controller=Town hall", "contact=audits@example.org", "exact_days=90")
    told = run("consent", "approve", "testville").output
    assert told.splitlines()[0] == "version builtin-1: en, hi"
    assert "ar, es, fr, pt, sw" in told
    shown = run("consent", "show", "testville").output
    assert "Responsible: Town hall. Questions: audits@example.org." in shown
    assert "After 90 days" in shown
    assert run("consent", "approve", "testville").exit_code == 0, "the same again"
    run("city", "set", "testville", "controller=City council")
    assert isinstance(run("consent", "approve", "testville").exception, Conflict), "somebody agreed to it"
    own = tmp_path / "consent.yml"
    own.write_text("version: 2026-2\ntexts: {hi: हाँ।}")
    faults = run("consent", "approve", "testville", str(own)).exception.faults  # type: ignore[union-attr]
    assert [fault.pointer for fault in faults] == ["/texts/en"]
    own.write_text("version: 2026-2\ntexts: {en: Yes.}")
    assert run("consent", "approve", "testville", str(own)).exit_code == 0
    assert run("consent", "show", "testville").output.startswith("version 2026-2")
    with database.transaction() as connection:
        acts = connection.scalars(text("SELECT action FROM event WHERE action LIKE 'consent%'")).all()
    assert len(acts) == 2


def raise_from(result: Result) -> None:
    assert result.exception is not None
    raise result.exception
