"""The files of deploy/ are what systemd and the program take them for."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server.cli import COMMANDS
from server.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
UNITS = sorted(DEPLOY.glob("*.service"))


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
    page = (DEPLOY.parent / "docs" / "production.md").read_text()
    ports = set(re.findall(r"safeaudit-web@(\d+)", page))
    assert ports == set(re.findall(r"127\.0\.0\.1:(\d+)", caddy)) == {"8081", "8082"}
