"""The files of deploy/ are what systemd and the program take them for."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.cli import COMMANDS
from server.cluster import databases
from server.settings import Settings
from tests.production import page

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))
MOST_EXPOSED = 2.0


def verify(unit: Path, folder: Path) -> str:
    """Return what systemd has to say against a unit, with a program in place of ours."""
    text = re.sub(r"/opt/safeaudit/\S+", "/bin/true", unit.read_text())
    copy = folder / unit.name.replace("@.", "@8081.")
    copy.write_text(re.sub(r"User=.*", "User=root", text))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return "\n".join(line for line in told.stderr.splitlines() if copy.name in line)


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_has_nothing_against_a_unit(unit: Path, tmp_path: Path) -> None:
    assert verify(unit, tmp_path) == ""
    (tmp_path / "worse").mkdir()
    wrong = tmp_path / unit.name
    wrong.write_text(unit.read_text().replace("Restart=always", "Restrat=always"))
    assert "Restrat" in verify(wrong, tmp_path / "worse")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_is_confined(unit: Path, tmp_path: Path) -> None:
    assert exposure(unit.read_text(), unit, tmp_path) <= MOST_EXPOSED
    open_wide = re.sub(r"^(Protect|Restrict|SystemCall|Capability).*\n", "", unit.read_text(), flags=re.M)
    assert exposure(open_wide, unit, tmp_path) > 2 * MOST_EXPOSED


def exposure(text: str, unit: Path, folder: Path) -> float:
    """Return what systemd thinks of a unit: 0 for one that can do nothing, 10 for one that can do all."""
    copy = folder / unit.name.replace("@.", "@8081.")
    copy.write_text(text)
    told = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", str(copy)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", told.stdout)
    assert found, told.stdout + told.stderr
    return float(found[1])


@pytest.mark.skipif(shutil.which("caddy") is None, reason="needs caddy")
def test_caddy_has_nothing_against_its_file(tmp_path: Path) -> None:
    def validate(text: str) -> int:
        (tmp_path / "Caddyfile").write_text(text)
        command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(tmp_path / "Caddyfile")]
        environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
        return subprocess.run(command, env=environ, capture_output=True, check=False).returncode

    text = (DEPLOY / "Caddyfile").read_text()
    assert validate(text) == 0
    assert validate(text.replace("health_interval", "health_intervall")) != 0


def test_the_database_has_the_roles_of_the_embedded_one() -> None:
    made = re.findall(r"^CREATE ROLE (\w+) (\w+);", (DEPLOY / "database.sql").read_text(), re.M)
    expected = [(databases.OWNER, "LOGIN"), *((role, "NOLOGIN") for role in databases.LENT_ROLES.split())]
    assert made == expected


def test_the_page_s_blocks_are_shell() -> None:
    found = [block for told in page.blocks().values() for block in told]
    assert len(found) == 5
    for block in found:
        subprocess.run(["sh", "-n"], input=block, text=True, check=True)


def test_their_commands_are_the_program_s() -> None:
    started = [re.search(r"^ExecStart=\S+/safeaudit (\w+)", unit.read_text(), re.M) for unit in UNITS]
    assert [found[1] for found in started if found] == ["serve", "worker"]
    assert {"serve", "worker", "migrate"} <= set(COMMANDS)


def test_the_example_filled_in_is_accepted() -> None:
    lines = (DEPLOY / "safeaudit.env.example").read_text().splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    settings = Settings.from_environment(given | {"SAFEAUDIT_SECRET_KEY": "k" * 48})
    assert settings.trusted_proxies == 1
    assert settings.public_url == "https://audits.example.org"


def test_the_proxy_leads_to_the_ports_of_the_units() -> None:
    caddy = (DEPLOY / "Caddyfile").read_text()
    ports = set(re.findall(r"safeaudit-web@(\d+)", page.PAGE.read_text()))
    assert ports == set(re.findall(r"127\.0\.0\.1:(\d+)", caddy)) == {"8081", "8082"}
