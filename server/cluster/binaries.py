"""Find the PostgreSQL programs of this machine that come with PostGIS."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from server.cluster.errors import ClusterError

POSTGRESQL_FLOOR = 15
POSTGIS_FLOOR = (3, 3)

# Debian and Ubuntu; Fedora and RHEL; Homebrew on Apple silicon and on Intel; Postgres.app.
PLACES = (
    "usr/lib/postgresql/*/bin",
    "usr/pgsql-*/bin",
    "opt/homebrew/opt/postgresql@*/bin",
    "usr/local/opt/postgresql@*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
)
APT_LINE = (
    "sudo apt-get install -y $(apt-cache pkgnames postgresql- | "
    "grep -E '^postgresql-[0-9]+-postgis-3$' | sort -V | tail -n 1)"
)


@dataclass(frozen=True)
class Binaries:
    """One installation of PostgreSQL: its folder of programs and its major version."""

    folder: Path
    major: int

    def __getitem__(self, program: str) -> str:
        """Return the path of a program such as `initdb`."""
        return str(self.folder / program)


def find(pg_bin: Path | None = None, *, major: int | None = None) -> Binaries:
    """Return the newest usable PostgreSQL, or the one in `pg_bin`; of the given major version if named.

    Raises `ClusterError` naming what was found and the line to type.
    """
    candidates = [pg_bin] if pg_bin else list(_candidates())
    judged = [(folder, _judge(folder)) for folder in candidates]
    usable = [found for _, found in judged if isinstance(found, Binaries)]
    if major is not None and usable and not any(found.major == major for found in usable):
        raise ClusterError(_other_version(major, found=usable[0]))
    usable = [found for found in usable if major in (None, found.major)]
    if not usable:
        seen = "; ".join(f"{folder}: {fault}" for folder, fault in judged) or "no PostgreSQL found"
        raise ClusterError(f"PostgreSQL with PostGIS is needed ({seen}). To install it: {remedy()}")
    return max(usable, key=lambda found: found.major)


def remedy() -> str:
    """Return the line that installs PostgreSQL with PostGIS on this kind of machine."""
    if sys.platform == "darwin":
        return "brew install postgis"
    if shutil.which("apt-get"):
        return APT_LINE
    return (
        "take PostgreSQL 15 or newer and PostGIS 3.3 or newer from this system's package manager and set "
        "SAFEAUDIT_PG_BIN to the folder of initdb; or set SAFEAUDIT_DATABASE_URL; or run `docker compose up`"
    )


def _candidates() -> Iterator[Path]:
    """Yield folders that may hold the programs; pg_config on the PATH comes first, its word counts most."""
    if pg_config := shutil.which("pg_config"):
        yield Path(_answer(pg_config, "--bindir"))
    for pattern in PLACES:
        yield from sorted(Path("/").glob(pattern))


def _judge(folder: Path) -> Binaries | str:
    """Return the installation in a folder, or in a few words why it cannot serve."""
    missing = [name for name in ("initdb", "pg_ctl", "pg_config") if not (folder / name).is_file()]
    if missing:
        return f"no {missing[0]}"
    version = re.search(r"(\d+)", _answer(folder / "initdb", "--version"))
    major = int(version[1]) if version else 0
    if major < POSTGRESQL_FLOOR:
        return f"PostgreSQL {major} is older than {POSTGRESQL_FLOOR}"
    control = Path(_answer(folder / "pg_config", "--sharedir"), "extension", "postgis.control")
    if not control.is_file():
        return f"PostgreSQL {major} without PostGIS"
    postgis = re.search(r"default_version\s*=\s*'(\d+)\.(\d+)", control.read_text(encoding="utf-8"))
    if postgis and (int(postgis[1]), int(postgis[2])) < POSTGIS_FLOOR:
        return f"PostGIS {postgis[1]}.{postgis[2]} is older than 3.3"
    return Binaries(folder, major)


def _answer(program: str | Path, argument: str) -> str:
    done = subprocess.run([program, argument], capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()


def _other_version(major: int, *, found: Binaries) -> str:
    install = f"sudo apt-get install -y postgresql-{major}-postgis-3"
    if sys.platform == "darwin":
        install = f"brew install postgresql@{major} postgis"
    return (
        f"The database in SAFEAUDIT_HOME was made by PostgreSQL {major}; the one found here, {found.folder} "
        f"({found.major}), cannot read it. Install the old version beside the new: {install} (or name its "
        f"programs with SAFEAUDIT_PG_BIN). With both, `safeaudit upgrade-db` moves to {found.major}. "
        "Nothing was changed."
    )
