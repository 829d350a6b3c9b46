"""The report over HTTP and from the command line: who gets which, in which language, how often anew."""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from server.actors import Role
from server.app import create_app
from server.cli import main
from server.services.create_key import create_key
from server.settings import Settings
from tests.server.places import Places
from tests.server.report.written import Page

ADDRESS = "/cities/testville/report"


@pytest.fixture
def client(places: Places, tmp_path: Path) -> FlaskClient:
    return create_app(Settings(home=tmp_path), places.database, places.cities).test_client()


def key(places: Places, role: Role, slug: str = "testville") -> dict[str, str]:
    with places.database.transaction() as connection:
        made = create_key(connection, city_id=places.cities.get(slug).city_id, role=role, name="t")
    return {"Authorization": f"Bearer {made.token}"}


def readings(places: Places) -> int:
    with places.database.transaction() as connection:
        return int(
            connection.execute(text("SELECT count(*) FROM event WHERE action = 'report.read'")).scalar_one()
        )


def test_everybody_gets_everybodys_and_planners_theirs_logged(client: FlaskClient, places: Places) -> None:
    public = client.get(ADDRESS)
    assert (public.status_code, public.mimetype) == (200, "text/html")
    assert public.headers["Cache-Control"] == "max-age=60, public"
    assert "dark-spots" not in Page(public.text).tables
    before = readings(places)
    planner = client.get(ADDRESS, headers=key(places, Role.PLANNER))
    assert planner.headers["Cache-Control"] == "private, no-store"
    assert "dark-spots" in Page(planner.text).tables
    assert readings(places) == before + 1
    assert client.get(ADDRESS).data == public.data


def test_the_policy_is_the_pages_own(client: FlaskClient) -> None:
    policy = client.get(ADDRESS).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert policy.endswith("frame-ancestors 'none'")
    assert "'self'" in client.get("/problems/not-there").headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("role", "slug", "status"), [(Role.ORGANISER, "testville", 403), (Role.PLANNER, "othertown", 401)]
)
def test_a_key_that_opens_nothing_is_refused(
    client: FlaskClient, places: Places, role: Role, slug: str, status: int
) -> None:
    for ending in ("", ".xlsx"):
        assert client.get(ADDRESS + ending, headers=key(places, role, slug)).status_code == status


@pytest.mark.parametrize(
    ("query", "accepted", "lang"),
    [
        ("?lang=ar", "es", "ar"),
        ("?lang=pt-BR", "", "pt"),
        ("?lang=xx", "es", "en"),
        ("", "fr;q=0.9, de", "fr"),
        ("", "", "en"),
    ],
)
def test_the_language_is_the_addresss_then_the_browsers_then_the_citys(
    client: FlaskClient, query: str, accepted: str, lang: str
) -> None:
    answer = client.get(ADDRESS + query, headers={"Accept-Language": accepted})
    assert answer.headers["Content-Language"] == lang
    assert f'<html lang="{lang}"' in answer.text


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get(ADDRESS).headers["ETag"]
    assert client.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    assert client.get(f"{ADDRESS}?lang=es", headers={"If-None-Match": tag}).status_code == 200


def test_the_workbook_over_http(client: FlaskClient, places: Places) -> None:
    for headers, sheet in (({}, "hotspots"), (key(places, Role.PLANNER), "dark-spots")):
        answer = client.get(f"{ADDRESS}.xlsx", headers=headers)
        assert answer.headers["Content-Disposition"] == 'attachment; filename="testville-report.xlsx"'
        assert sheet in openpyxl.load_workbook(io.BytesIO(answer.data)).sheetnames


def test_what_is_not_there(client: FlaskClient) -> None:
    assert client.get("/cities/nowhere/report").status_code == 404
    answer = client.get(f"{ADDRESS}?instrument=hazard")
    assert answer.status_code == 404
    assert "safetipin-9" in answer.json["detail"]
    empty = client.get("/cities/othertown/report")
    assert (empty.status_code, "not been analysed yet" in empty.text) == (200, True)


@pytest.fixture
def safeaudit(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str]]:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", places.url.replace("+psycopg", ""))
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "x" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(tmp_path))

    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["safeaudit", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main()
        said = capsys.readouterr()
        return int(ended.value.code or 0), said.out + said.err

    return call


def test_the_command_writes_what_the_server_sends(
    safeaudit: Callable[..., tuple[int, str]], client: FlaskClient, places: Places, tmp_path: Path
) -> None:
    file, sheets = tmp_path / "r.html", tmp_path / "r.xlsx"
    assert safeaudit("report", "testville", file, "--lang", "es")[0] == 0
    planner = client.get(f"{ADDRESS}?lang=es", headers=key(places, Role.PLANNER))
    assert file.read_bytes() == planner.data
    assert safeaudit("report", "testville", file, "--public")[0] == 0
    assert file.read_bytes() == client.get(ADDRESS).data
    assert safeaudit("report", "testville", sheets)[0] == 0
    assert openpyxl.load_workbook(sheets).sheetnames[0] == "report"


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("nowhere", "r.html"), "nowhere"),
        (("testville", "r.pdf"), ".html or .xlsx"),
        (("testville", "r.html", "--lang", "xx"), "en, es, hi"),
        (("testville", "/nowhere/r.html"), "cannot be written"),
        (("testville", "r.html", "--instrument", "hazard"), "safetipin-9"),
    ],
)
def test_the_command_names_what_is_wrong(
    safeaudit: Callable[..., tuple[int, str]], words: tuple[str, ...], named: str
) -> None:
    code, said = safeaudit("report", *words)
    assert code != 0
    assert named in said
