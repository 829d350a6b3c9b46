"""Alive, ready, numbers, and the headers of every answer."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from server.app import create_app
from server.cities import CityDirectory
from server.cluster.embedded import Cluster
from server.database import Database, connect
from server.services.migrate import migrate
from server.settings import Settings
from tests.server.api.people import Person, audit


def test_alive(stranger: Person) -> None:
    assert stranger.get("/healthz").json == {"status": "alive"}


def test_not_ready_on_a_store_that_forgets(stranger: Person) -> None:
    # The tests' own cluster runs with fsync off, for speed.
    response = stranger.get("/readyz")
    assert (response.status_code, response.json["type"]) == (503, "/problems/unavailable")
    assert "fsync" in response.json["detail"]


def test_ready_on_a_store_that_keeps(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="sa-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder) / "home")
        cluster.start()
        try:
            database = connect(cluster.url)
            client = create_app(Settings(home=tmp_path), database, CityDirectory(database)).test_client()
            empty = client.get("/readyz")
            migrate(database)
            ready = client.get("/readyz")
            database.dispose()
        finally:
            cluster.stop()
    assert (empty.status_code, "safeaudit migrate" in empty.json["detail"]) == (503, True)
    assert (ready.status_code, ready.json["status"]) == (200, "ready")


@pytest.mark.parametrize(("schema", "refused_for"), [("0001", "0001"), ("9999", "fsync")])
def test_an_older_schema_will_not_do_and_a_newer_one_will(
    schema: str, refused_for: str, stranger: Person, database: Database
) -> None:
    # The tests' own cluster runs with fsync off: who gets as far as that has nothing against the schema.
    with database.transaction() as connection:
        revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = :schema"), {"schema": schema})
    try:
        response = stranger.get("/readyz")
    finally:
        with database.transaction() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :back"), {"back": revision})
    assert response.status_code == 503
    assert refused_for in response.json["detail"]


def test_the_numbers_are_for_this_machine(stranger: Person) -> None:
    stranger.get("/healthz")
    told = stranger.get("/metrics").text
    assert 'safeaudit_requests_total{method="GET",route="/healthz",status="200"}' in told
    far = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert stranger.get("/metrics", **far).status_code == 401
    assert stranger.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


def test_the_numbers_are_for_the_token(app_with: object, settings: Settings) -> None:
    token = "m" * 40
    stranger = app_with(replace(settings, metrics_token=token))  # type: ignore[operator]
    far = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}
    assert stranger.get("/metrics", headers={"Authorization": f"Bearer {token}"}, **far).status_code == 200
    assert stranger.get("/metrics", headers={"Authorization": "Bearer other"}, **far).status_code == 401


def test_the_numbers_tell_what_became_of_audits(amina: Person) -> None:
    def created() -> float:
        lines = amina.get("/metrics").text.splitlines()
        found = [line for line in lines if line.startswith('safeaudit_audits_total{status="created"}')]
        return float(found[0].split()[-1]) if found else 0.0

    before = created()
    amina.post("audits/batch", {"audits": [audit(), audit()]})
    assert created() == before + 2


def test_no_path_goes_into_the_numbers(amina: Person) -> None:
    amina.get("cells/893da11462fffff/score")
    amina.get("/secret-path-7")
    told = amina.get("/metrics").text
    assert "893da11462fffff" not in told
    assert "secret-path" not in told


def test_forwarded_addresses_are_believed_of_declared_proxies_alone(
    app_with: object, settings: Settings
) -> None:
    def enrol(stranger: Person, address: str, city: str = "testville") -> int:
        path = f"/api/v1/cities/{city}/devices"  # each has a limit of its own, too
        return stranger.post(path, {}, headers={"X-Forwarded-For": address}).status_code

    direct = app_with(replace(settings, enrolments_per_hour=1))  # type: ignore[operator]
    assert [enrol(direct, f"203.0.113.{n}") for n in range(2)] == [201, 429]
    behind = app_with(replace(settings, enrolments_per_hour=1, trusted_proxies=1))  # type: ignore[operator]
    assert [enrol(behind, f"198.51.100.{n}", "othertown") for n in range(2)] == [201, 201]
    assert enrol(behind, "192.0.2.1, 198.51.100.1", "othertown") == 429, (
        "the hop the proxy saw, not what the sender wrote"
    )


@pytest.mark.parametrize("path", ["/", "/api/docs", "/problems/invalid", "/nowhere"])
def test_pages_run_nothing_inline(stranger: Person, path: str) -> None:
    response = stranger.get(path, headers={"Accept": "text/html"})
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script>" not in response.text
    assert " style=" not in response.text


def test_a_foreign_basemap_is_the_only_other_origin(app_with: object, settings: Settings) -> None:
    style = "https://tiles.example.org/styles/plain.json"
    stranger = app_with(replace(settings, basemap_style=style))  # type: ignore[operator]
    policy = stranger.get("/api/docs").headers["Content-Security-Policy"]
    assert "connect-src 'self' https://tiles.example.org;" in policy
    assert "script-src 'self';" in policy
