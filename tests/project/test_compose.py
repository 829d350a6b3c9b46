"""docker-compose.yml is valid by schema, and what it names exists. No engine is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from server.cli import COMMANDS
from server.settings import Settings, catalogue, variable

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
EXAMPLE = ROOT / ".env.example"


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def names_in_env_example():
    return set(re.findall(r"^(\w+)=", EXAMPLE.read_text(encoding="utf-8"), flags=re.MULTILINE))


def validate(file):
    return subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", file],
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_it_follows_the_compose_specification():
    done = validate(FILE)
    assert done.returncode == 0, done.stdout


def test_the_schema_would_notice_a_wrong_key(tmp_path):
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(
        FILE.read_text(encoding="utf-8").replace("healthcheck:", "healthchek:", 1), encoding="utf-8"
    )
    assert validate(wrong).returncode != 0


def test_what_services_depend_on_mount_and_join_exists(compose):
    services = compose["services"]
    for name, service in services.items():
        for other, needed in service.get("depends_on", {}).items():
            assert other in services, f"{name} depends on {other}"
            if needed["condition"] == "service_healthy":
                assert "healthcheck" in services[other], f"{name} waits for the health of {other}"
        for volume in service["volumes"]:
            assert volume.split(":")[0] in compose["volumes"], f"{name} mounts {volume}"
        assert set(service["networks"]) <= set(compose["networks"]), name


def test_every_setting_it_gives_is_a_setting(compose):
    known = {variable(name) for name in catalogue()}
    given = {name for service in compose["services"].values() for name in service.get("environment", {})}
    named = {name for name in given | names_in_env_example() if name.startswith("SAFEAUDIT_")}
    assert named
    assert named <= known


def test_every_variable_it_interpolates_is_in_the_example():
    assert set(re.findall(r"\$\{(\w+)", FILE.read_text(encoding="utf-8"))) <= names_in_env_example()


def test_its_environment_with_the_example_filled_in_is_accepted(compose):
    filled = dict.fromkeys(names_in_env_example(), "") | {"SAFEAUDIT_SECRET_KEY": "k" * 48}
    given = compose["services"]["web"]["environment"]
    interpolated = {name: re.sub(r"\$\{\w+:\?[^}]*\}", "secret", value) for name, value in given.items()}
    settings = Settings.from_environment(filled | interpolated)
    assert settings.database_url.endswith("//safeaudit:secret@database/safeaudit")
    assert settings.trusted_proxies == 1


def test_its_commands_are_commands_of_the_program(compose):
    commands = [service["command"] for service in compose["services"].values() if "command" in service]
    assert len(commands) == 3
    for program, command, *_ in commands:
        assert program == "safeaudit"
        assert command in COMMANDS


def test_nothing_but_web_is_published_and_that_on_loopback(compose):
    published = {
        name: service["ports"] for name, service in compose["services"].items() if "ports" in service
    }
    assert published == {"web": ["127.0.0.1:8080:8080"]}


def test_what_the_image_copies_is_there_and_not_ignored():
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for line in re.findall(
        r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE
    ):
        for source in line.split():
            assert (ROOT / source).exists(), source
            assert source not in ignored
