"""The commands, from one embedded database to another, as an operator types them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from server.cluster import ensure
from server.endings_log import EndingsLog


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder short enough for a socket, and open to PostgreSQL's account."""
    with tempfile.TemporaryDirectory(prefix="sa-", dir="/tmp", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)


def safeaudit(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("SAFEAUDIT_")}
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, arguments)],
        env=environ | {"SAFEAUDIT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_city_moves_to_another_machine(folder: Path) -> None:
    old, new, file = folder / "old", folder / "new", folder / "backup"
    place = ("--boundary", "77.19,28.60,77.23,28.64", "--timezone", "Asia/Kolkata")
    assert safeaudit(old, "city", "create", "delhi", "--name", "Delhi", *place).returncode == 0
    made = safeaudit(old, "backup", file)
    assert (made.returncode, made.stderr) == (0, "")
    assert f"{file}: " in made.stdout
    file.write_bytes((whole := file.read_bytes()).replace(b"PGDMP", b"PGDMQ"))
    refused = safeaudit(new, "restore", file)
    assert (refused.returncode, "database.dump is not what was backed up" in refused.stderr) == (1, True)
    assert not list(new.iterdir())
    file.write_bytes(whole)
    restored = safeaudit(new, "restore", file)
    assert restored.returncode == 0, restored.stderr
    assert "each table equal to the backup's by hash" in restored.stdout
    assert "--endings" in restored.stderr
    assert (new / "secret-key").read_bytes() == (old / "secret-key").read_bytes()
    assert "delhi" in safeaudit(new, "city", "list").stdout
    again = safeaudit(new, "restore", file)
    assert (again.returncode, "is not empty: it has postgres" in again.stderr) == (1, True)


def test_what_was_taken_back_is_taken_back_anew_after_a_recovery(folder: Path) -> None:
    home, log, file = folder / "home", folder / "endings.log", folder / "audits.csv"
    place = ("--boundary", "77.19,28.60,77.23,28.64", "--timezone", "Asia/Kolkata")
    safeaudit(home, "city", "create", "delhi", "--name", "Delhi", *place)
    file.write_text("lat,lng,auditor,lighting,comment\n28.61,77.2,a,1,of a\n28.61,77.2,b,2,of b\n")
    assert safeaudit(home, "import", "delhi", file).returncode == 0

    def comments() -> dict[str, tuple[int, UUID]]:
        query = "SELECT comment, city_id, device_id FROM audit WHERE comment IS NOT NULL"
        with ensure(home) as cluster, psycopg.connect(cluster.url.replace("+psycopg", "")) as connection:
            return {comment: (city, device) for comment, city, device in connection.execute(query)}

    city_id, device_id = comments()["of a"]
    EndingsLog(log).note(city_id=city_id, device_id=device_id)
    EndingsLog(log).note(city_id=city_id, device_id=uuid4())
    first, again = (safeaudit(home, "replay", log) for _ in range(2))
    assert (first.stdout, again.stdout) == ("taken back anew: 1 of 2\n", "taken back anew: 0 of 2\n")
    assert set(comments()) == {"of b"}
