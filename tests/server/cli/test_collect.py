"""Setting up Collect from the command line, and what a moderator sees of what could not be used."""

import base64
import io
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from click.testing import Result
from sqlalchemy import text

from server.app import create_app
from server.cities import City, CityDirectory
from server.database import Database
from server.errors import NotThere
from server.services.collect_settings import collect_address, collect_settings
from server.settings import Settings
from tests.collect.forms import fill
from tests.server.cli.test_staff_commands import WALK, run

__all__ = ["run"]

Run = Callable[..., Result]


def test_the_qr_code_holds_settings_as_collect_reads_them() -> None:
    address = collect_address("https://audits.example.org", slug="testville", token="sac_x")
    told = json.loads(zlib.decompress(base64.b64decode(collect_settings(address, project="Città"))))
    assert told["general"]["server_url"] == "https://audits.example.org/openrosa/testville/sac_x"
    assert told["general"]["form_update_mode"] == "match_exactly"
    assert (told["admin"], told["project"]) == ({}, {"name": "Città"})


def test_a_phone_is_set_up_and_gets_its_forms(
    run: Run, database: Database, cities: CityDirectory, city: City, tmp_path: Path
) -> None:
    drawing = tmp_path / "collect.svg"
    printed = run("collect", "testville", "--out", str(drawing))
    assert "█" in printed.output or "▄" in printed.output
    assert drawing.read_bytes().startswith(b"<?xml")
    client = create_app(Settings(home=tmp_path), database, cities).test_client()
    listed = client.get(urlsplit(printed.output.splitlines()[-1]).path + "/formList")
    assert (listed.status_code, listed.data.count(b"<xform>")) == (200, len(city.documents))


def test_a_walk_has_one_address_for_all_its_phones(run: Run, city: City) -> None:
    opened = run("campaign", "create", "testville", *WALK).output.splitlines()
    token = opened[-1].rpartition("=")[2]
    address = f"https://audits.example.org/openrosa/testville/{token}"
    assert address in opened
    assert run("collect", "testville", "--campaign", token).output.splitlines()[-1] == address
    assert isinstance(run("collect", "testville", "--campaign", "sac_other").exception, NotThere)


def test_a_walks_link_is_drawn_for_printing_and_says_where_it_cannot_lead(
    run: Run, city: City, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing = tmp_path / "walk.png"
    opened = run("campaign", "create", "testville", *WALK, "--out", str(drawing))
    assert drawing.read_bytes().startswith(b"\x89PNG")
    assert "PUBLIC_URL" not in opened.output
    monkeypatch.delenv("SAFEAUDIT_PUBLIC_URL")
    unreachable = run("campaign", "create", "testville", *WALK)
    assert "SAFEAUDIT_PUBLIC_URL is not set" in unreachable.output
    assert unreachable.exit_code == 0


@pytest.mark.parametrize("name", ["collect.pdf", "collect"])
def test_another_kind_of_picture_is_refused_and_enrols_nobody(
    run: Run, city: City, database: Database, tmp_path: Path, name: str
) -> None:
    refused = run("collect", "testville", "--out", str(tmp_path / name))
    assert (refused.exit_code, ".svg or .png" in refused.output) == (2, True)
    with database.transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM device")) == 0


def test_a_moderator_sees_what_waits_and_why(
    run: Run, database: Database, cities: CityDirectory, city: City, tmp_path: Path
) -> None:
    client = create_app(Settings(home=tmp_path), database, cities).test_client()
    address = urlsplit(run("collect", "testville").output.splitlines()[-1]).path
    form = client.get(f"{address}/forms/safetipin-9.xml").data
    xml = fill(form, {"location": "28.6 77.25 0 5", "answers/lighting": "7"}, instance_id="uuid:1")
    parts = {"xml_submission_file": (io.BytesIO(xml), "x.xml")}
    assert client.post(f"{address}/submission", data=parts).status_code == 202
    assert run("moderation", "list", "othertown").output == ""
    told = run("moderation", "list", "testville").output
    number, received, why, state, form_name, instance, faults = told.split("\t")
    assert (instance, why, state) == ("uuid:1", "invalid", "waiting")
    assert received.endswith("Z")
    assert form_name == f"safetipin-9 {city.xforms['safetipin-9'].version}"
    assert "/answers/lighting must be a whole number" in faults
    assert "/observed_at is missing" in faults
    assert xml.decode() in run("moderation", "show", "testville", number).output
    assert isinstance(run("moderation", "show", "othertown", number).exception, NotThere)
    with database.transaction() as connection:
        acts = connection.scalars(text("SELECT action FROM event WHERE action LIKE 'moderation%'")).all()
    assert acts == ["moderation.show"]
