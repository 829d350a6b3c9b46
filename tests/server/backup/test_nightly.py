"""Sealed backups open with their key alone; a backup is made each day, and the oldest go."""

import os
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from server.backup.nightly import back_up_nightly, folder_of, nightly_backups
from server.backup.restore import restore_backup
from server.backup.sealing import is_sealed
from server.cities import City
from server.cli import group
from server.cluster import ClusterError
from server.database import Database
from server.errors import Invalid
from server.secret_key import secret_key
from server.settings import Settings, SettingsError

NIGHT = datetime(2026, 11, 21, 0, 37, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    (home / "photos").mkdir(parents=True)
    (home / "photos" / "0a.jpg").write_bytes(b"a street")
    return Settings(home=home)


@pytest.fixture
def key(tmp_path: Path) -> Path:
    return tmp_path / "key"


@pytest.fixture
def sealing(settings: Settings, key: Path) -> Settings:
    told = CliRunner().invoke(group, ["backup-key", str(key)])
    assert told.exit_code == 0
    return replace(settings, backup_recipient=told.output.strip().partition("=")[2])


def back_up(database: Database, url: str, settings: Settings, now: datetime = NIGHT) -> Path | None:
    secret = secret_key(settings).encode()
    return back_up_nightly(database, url=url, settings=settings, secret=secret, now=now)


def restore(file: Path, home: Path, url: str, key: Path | None = None) -> object:
    settings = Settings(home=home, database_url=url)
    return restore_backup(file, settings=settings, endings=(), progress=lambda _: None, key=key)


def test_a_sealed_backup_opens_with_its_key_alone(
    database: Database,
    database_url: str,
    city: City,
    sealing: Settings,
    key: Path,
    tmp_path: Path,
    empty_url: str,
) -> None:
    file = back_up(database, database_url, sealing)
    assert file is not None
    assert is_sealed(file)
    content = file.read_bytes()
    assert (b"PGDMP" in content, b"a street" in content, city.slug.encode() in content) == (
        False,
        False,
        False,
    )
    other = tmp_path / "other"
    assert CliRunner().invoke(group, ["backup-key", str(other)]).exit_code == 0
    empty = tmp_path / "empty"
    empty.write_text("# nothing\n")
    for wrong, says in ((None, "by --key"), (other, "does not open"), (empty, "holds no key")):
        with pytest.raises(Invalid, match=says):
            restore(file, tmp_path / "new", empty_url, wrong)
        assert not list((tmp_path / "new").iterdir())
    for damaged in (content[:-1], content[:300] + bytes([content[300] ^ 1]) + content[301:]):
        file.write_bytes(damaged)
        with pytest.raises(Invalid, match="does not open"):
            restore(file, tmp_path / "new", empty_url, key)
    file.write_bytes(content)
    restore(file, tmp_path / "new", empty_url, key)
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["photos", "secret-key"]
    # Nothing that is open is left where the backup was made.
    assert {path.name for path in sealing.home.iterdir()} == {"photos", "secret-key", "backups"}


def test_a_key_is_never_written_over(key: Path) -> None:
    assert CliRunner().invoke(group, ["backup-key", str(key)]).exit_code == 0
    before = key.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    again = CliRunner().invoke(group, ["backup-key", str(key)])
    assert (again.exit_code, "never written over" in again.output, key.read_bytes()) == (1, True, before)


def test_a_recipient_with_a_slip_is_refused_at_start(sealing: Settings) -> None:
    recipient = str(sealing.backup_recipient)
    slip = recipient[:-1] + ("q" if recipient[-1] != "q" else "p")
    with pytest.raises(SettingsError, match="SAFEAUDIT_BACKUP_RECIPIENT"):
        Settings.from_environment({"SAFEAUDIT_BACKUP_RECIPIENT": slip})
    assert Settings.from_environment({"SAFEAUDIT_BACKUP_RECIPIENT": recipient}).backup_recipient == recipient


def test_one_is_made_a_day_and_the_oldest_go(
    database: Database, database_url: str, settings: Settings
) -> None:
    few = replace(settings, backups_kept=2)
    for day in range(3):
        for hour in range(2):
            back_up(database, database_url, few, NIGHT + timedelta(days=day, hours=hour))
    names = [file.name for file in nightly_backups(few)]
    assert names == ["nightly-2026-11-22.safeaudit", "nightly-2026-11-23.safeaudit"]
    assert back_up(database, database_url, replace(settings, backups_kept=0)) is None


def test_where_a_backup_fails_no_older_one_goes(
    database: Database, database_url: str, settings: Settings
) -> None:
    one = replace(settings, backups_kept=1)
    made = back_up(database, database_url, one)
    with pytest.raises(ClusterError):
        back_up(database, database_url, replace(one, pg_bin=settings.home), NIGHT + timedelta(days=1))
    assert nightly_backups(one) == [made]


def test_check_tells_of_missing_and_old_backups_once_there_was_a_night(
    database: Database, database_url: str, city: City, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFEAUDIT_DATABASE_URL", database_url)
    monkeypatch.setenv("SAFEAUDIT_SECRET_KEY", "k" * 40)
    monkeypatch.setenv("SAFEAUDIT_HOME", str(settings.home))

    def told() -> str:
        return CliRunner().invoke(group, ["check"]).output

    assert "backup" not in told()
    with database.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO run (city_id, as_of, seed, started_at, finished_at, public, parameters)"
                " SELECT :id, d, 0, d, d, true, '{}' FROM (SELECT now() - interval '3 days') AS past (d)"
            ),
            {"id": city.city_id},
        )
    assert f"there is no backup in {folder_of(settings)}" in told()
    file = back_up(database, database_url, settings)
    assert file is not None
    assert "backup" not in told()
    old = time.time() - 50 * 3600
    os.utime(file, (old, old))
    assert "the last backup is 50 h old" in told()
