import os
from pathlib import Path

import pytest

from server.secret_key import secret_key
from server.settings import Settings, SettingsError, documentation

DATABASE = "postgresql://safeaudit:hunter2hunter2@db.example.org:5432/safeaudit"
KEY = "k" * 32


def faults_of(environ):
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(environ)
    return caught.value.faults


def test_an_empty_environment_gives_the_documented_defaults():
    settings = Settings.from_environment({"HOME": "/home/amina"})
    assert settings.database_url is None
    assert (settings.web_workers, settings.web_threads) == (min(os.cpu_count() + 1, 4), 4)
    assert settings.log_level == "INFO"
    own = Path("/home/amina/.local/share/safeaudit")
    assert settings.home == (Path("/var/lib/safeaudit") if os.geteuid() == 0 else own)


def test_values_are_read_and_an_empty_variable_counts_as_not_set():
    settings = Settings.from_environment(
        {
            "SAFEAUDIT_DATABASE_URL": DATABASE,
            "SAFEAUDIT_SECRET_KEY": KEY,
            "SAFEAUDIT_WEB_WORKERS": "7",
            "SAFEAUDIT_PUBLIC_URL": "https://audits.example.org/",
            "SAFEAUDIT_LOG_LEVEL": "warning",
            "SAFEAUDIT_BASEMAP_STYLE": "",
        }
    )
    assert settings.database_url == DATABASE.replace("postgresql:", "postgresql+psycopg:")
    assert settings.public_url == "https://audits.example.org"
    assert (settings.web_workers, settings.log_level, settings.basemap_style) == (7, "WARNING", None)


def test_an_unknown_variable_names_the_nearest():
    (fault,) = faults_of({"SAFEAUDIT_PG_BNI": "/usr/bin"})
    assert "SAFEAUDIT_PG_BNI is no setting: did you mean SAFEAUDIT_PG_BIN?" in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SAFEAUDIT_PORT", "tcp://10.0.0.7:8080"),
        ("SAFEAUDIT_PORT_8080_TCP", "tcp://10.0.0.7:8080"),
        ("SAFEAUDIT_PORT_8080_TCP_ADDR", "10.0.0.7"),
        ("SAFEAUDIT_SERVICE_HOST", "10.0.0.7"),
        ("SAFEAUDIT_SERVICE_PORT_HTTP", "8080"),
        ("SAFEAUDIT_WEB_SERVICE_PORT", "8080"),
        ("SAFEAUDIT_WEB_PORT", "tcp://10.0.0.7:8080"),
    ],
)
def test_service_links_of_containers_are_passed_over_with_a_warning(name, value, caplog):
    Settings.from_environment({name: value})
    assert name in caplog.text


def test_a_port_that_is_no_service_link_is_an_error():
    (fault,) = faults_of({"SAFEAUDIT_PORT": "8080"})
    assert fault.startswith("SAFEAUDIT_PORT is no setting")


def test_all_faults_are_told_at_once():
    faults = faults_of(
        {
            "SAFEAUDIT_HOME": "relative/folder",
            "SAFEAUDIT_WEB_WORKERS": "0",
            "SAFEAUDIT_MAX_BODY_BYTES": "2MB",
            "SAFEAUDIT_LOG_LEVEL": "loud",
            "SAFEAUDIT_PUBLIC_URL": "audits.example.org",
            "SAFEAUDIT_BASEMAP_STYLE": "style.json",
            "SAFEAUDIT_DATABASE_URL": "mysql://db/x",
            "SAFEAUDIT_NONSENSE": "1",
        }
    )
    told = {fault.split("=")[0].split(" ")[0] for fault in faults}
    assert told == {
        "SAFEAUDIT_" + name
        for name in (
            *("HOME", "WEB_WORKERS", "MAX_BODY_BYTES", "LOG_LEVEL", "PUBLIC_URL", "BASEMAP_STYLE"),
            *("DATABASE_URL", "SECRET_KEY", "NONSENSE"),
        )
    }


def test_a_foreign_database_needs_the_key_to_be_given():
    (fault,) = faults_of({"SAFEAUDIT_DATABASE_URL": DATABASE})
    assert fault.startswith("SAFEAUDIT_SECRET_KEY is missing")


@pytest.mark.parametrize(
    "environ",
    [
        {"SAFEAUDIT_SECRET_KEY": "hunter2"},
        {"SAFEAUDIT_METRICS_TOKEN": "hunter2"},
        {"SAFEAUDIT_DATABASE_URL": "mysql://safeaudit:hunter2@db/x", "SAFEAUDIT_SECRET_KEY": KEY},
        {"SAFEAUDIT_DATABASE_URL": "postgresql://safeaudit:hunter2@[db/x", "SAFEAUDIT_SECRET_KEY": KEY},
        {"SAFEAUDIT_DATABASE_URL": "postgresql://safeaudit:hunter2/x", "SAFEAUDIT_SECRET_KEY": KEY},
    ],
)
def test_no_message_shows_a_secret(environ):
    faults = faults_of(environ)
    assert len(faults) == 1
    assert "hunter2" not in faults[0]


def test_a_printed_settings_object_shows_no_secret():
    environ = {
        "SAFEAUDIT_DATABASE_URL": DATABASE,
        "SAFEAUDIT_SECRET_KEY": KEY,
        "SAFEAUDIT_METRICS_TOKEN": KEY,
    }
    shown = repr(Settings.from_environment(environ))
    assert "hunter2" not in shown
    assert KEY not in shown


def test_the_settings_page_holds_the_table_of_the_code():
    page = Path(__file__).parents[2] / "docs" / "settings.md"
    assert documentation() in page.read_text(encoding="utf-8")


def test_the_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    settings = Settings(home=tmp_path / "home")
    key = secret_key(settings)
    assert len(key) >= 32
    assert secret_key(settings) == key
    assert (tmp_path / "home" / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["secret-key"]


def test_a_given_key_is_used_and_nothing_is_written(tmp_path):
    assert secret_key(Settings(home=tmp_path / "home", secret_key=KEY)) == KEY
    assert not (tmp_path / "home").exists()


def test_a_damaged_key_is_refused_and_not_replaced(tmp_path):
    (tmp_path / "secret-key").write_text("short\n")
    with pytest.raises(SettingsError, match="put it back from a backup"):
        secret_key(Settings(home=tmp_path))
    assert (tmp_path / "secret-key").read_text() == "short\n"
