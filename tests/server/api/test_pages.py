"""The page, its assets, the documentation of the API."""

import json
from pathlib import Path

import msgspec
import pytest
from flask import Flask

from server.api import pages, problem_types, swagger
from tests.server.api.people import Person

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_committed_description_is_the_generated_one() -> None:
    assert (DOCS / "swagger.json").read_text(encoding="utf-8") == swagger.document(), "run `make swagger`"


def test_the_committed_page_of_problems_is_the_generated_one() -> None:
    assert (DOCS / "problems.md").read_text(encoding="utf-8") == problem_types.documentation()


def test_the_description_is_served(stranger: Person) -> None:
    told = stranger.get("/api/swagger.json").json
    assert told == json.loads(swagger.document())
    assert told["basePath"] == "/api/v1"


def test_every_operation_says_whether_it_needs_a_token(specification: dict[str, object]) -> None:
    paths = msgspec.to_builtins(specification["paths"])
    needed = {
        f"{method} {path}"
        for path, told in paths.items()
        for method, one in told.items()
        if isinstance(one, dict) and one.get("security")
    }
    assert "post /cities/{city}/audits" in needed
    assert "post /cities/{city}/devices" not in needed


def test_the_documentation_loads_only_our_own_files(stranger: Person) -> None:
    page = stranger.get("/api/docs").text
    assert "//" not in page.replace("<!doctype", "")
    for path in ("/swaggerui/swagger-ui-bundle.js", "/swaggerui/swagger-ui.css", "/api/docs.js"):
        response = stranger.get(path)
        assert response.status_code == 200
        response.close()


def test_without_a_built_page_the_server_says_how_to_build_it(
    stranger: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pages, "built_page", lambda: tmp_path)
    response = stranger.get("/")
    assert response.status_code == 200
    assert "npm run build" in response.text


def test_a_built_page_is_served_and_its_assets_kept_for_ever(
    stranger: Person, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><title>map</title>")
    (tmp_path / "assets" / "index-a1.js").write_text("0")
    (tmp_path / "secret").write_text("x")
    monkeypatch.setattr(pages, "built_page", lambda: tmp_path)
    page = stranger.get("/")
    assert "<title>map</title>" in page.text
    assert "no-cache" in page.headers["Cache-Control"] or "max-age=0" in page.headers["Cache-Control"]
    asset = stranger.get("/assets/index-a1.js")
    assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for response in (page, asset):
        response.close()
    assert stranger.get("/assets/../secret").status_code == 404
    assert stranger.get("/assets/%2e%2e/secret").status_code == 404


def test_the_page_for_phones_is_served_with_its_worker(
    stranger: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "audit").mkdir()
    (tmp_path / "audit.html").write_text("<!doctype html><title>Notes</title>")
    (tmp_path / "audit" / "worker.js").write_text("0")
    (tmp_path / "audit" / "manifest.webmanifest").write_text("{}")
    monkeypatch.setattr(pages, "built_page", lambda: tmp_path)
    page, worker = stranger.get("/audit"), stranger.get("/audit/worker.js")
    assert "<title>Notes</title>" in page.text
    for response in (page, worker):
        assert (
            "no-cache" in response.headers["Cache-Control"]
            or "max-age=0" in response.headers["Cache-Control"]
        )
    assert worker.headers["Service-Worker-Allowed"] == "/audit"
    # A worker obeys the policy of its own script: with that of data it could not send anything.
    assert "connect-src 'self'" in worker.headers["Content-Security-Policy"]
    manifest = stranger.get("/audit/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    for response in (page, worker, manifest):
        response.close()
    assert stranger.get("/audit/../audit.html").status_code == 404
