"""What a city costs as it grows: python -m bench.growth [--audits 100000 1000000].

For each number of audits, in a store of its own: simulate, import, analyse, write two layers, make a release,
each by the command that a city types. Told are the processor seconds and the peak memory of that command's
process, the seconds of PostgreSQL beside it, and by which power of the number each grows (1: in proportion).
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

from sqlalchemy import text

from bench.harness import cpu_seconds
from server.cli.context import open_store

SLUG, AUDITS_PER_AUDITOR = "growing", 250
_BOX = "--boundary=77.0,28.4,77.32,28.71"
_FIRST_DAY, _QUARTER = "2026-06-01", "2026Q3"
_CITY = ("city", "create", SLUG, "--name", "Growing", "--timezone", "Asia/Kolkata", _BOX)


@dataclass(frozen=True)
class Cost:
    """What one command took."""

    cpu_s: float
    store_cpu_s: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audits", type=int, nargs="+", default=[100_000, 1_000_000])
    sizes = sorted(parser.parse_args().audits)
    told = [costs(size) for size in sizes]
    for smaller, larger, costs_of_smaller, costs_of_larger in zip(
        sizes, sizes[1:], told, told[1:], strict=False
    ):
        print(f"from {smaller:,} to {larger:,} audits each grows by this power of their number")
        for name, cost in costs_of_larger.items():
            before = costs_of_smaller[name]
            ratio = (cost.cpu_s + cost.store_cpu_s) / (before.cpu_s + before.store_cpu_s)
            memory = cost.peak_mb / before.peak_mb
            step = log(larger / smaller)
            print(f"{name:10}{log(ratio) / step:8.2f} time{log(memory) / step:8.2f} memory")


def costs(audits: int) -> dict[str, Cost]:
    """Return what each command takes in a city of so many audits, and print it."""
    print(f"{audits:,} audits{'CPU s':>14}{'store':>10}{'peak MB':>10}", flush=True)
    with tempfile.TemporaryDirectory(prefix="grow-") as folder:
        home = Path(folder)
        home.chmod(0o755)  # started by root, PostgreSQL runs as somebody else
        os.environ["SAFEAUDIT_HOME"] = str(home / "home")
        with open_store() as store:
            _safeaudit(_CITY)
            postmaster = int((home / "home/postgres/data/postmaster.pid").read_text().split()[0])
            found = {}
            for name, arguments in _commands(home, audits):
                found[name] = _measured(arguments, postmaster)
                cost = found[name]
                print(f"{name:10}{cost.cpu_s:17.1f}{cost.store_cpu_s:10.1f}{cost.peak_mb:10.0f}", flush=True)
            with store.database.transaction() as connection:
                sizes = "SELECT pg_total_relation_size('audit'), pg_database_size(current_database())"
                table, whole = connection.execute(text(sizes)).one()
        print(
            f"bytes of an audit: {table / audits:.0f}, of all in the store {whole / audits:.0f}", flush=True
        )
    return found


def _commands(home: Path, audits: int) -> Iterator[tuple[str, Sequence[str]]]:
    file, people = str(home / "audits.csv"), str(max(audits // AUDITS_PER_AUDITOR, 1))
    size = ("--audits", str(audits), "--auditors", people, "--seed", "1", "--first-day", _FIRST_DAY)
    yield "simulate", ("simulate", SLUG, *size, "--out", file, "--truth", str(home / "truth.csv"))
    yield "import", ("import", SLUG, file)
    yield "analyze", ("analyze", SLUG)
    yield "cells", ("layer", "export", SLUG, "cells", str(home / "cells.gpkg"))
    yield "hotspots", ("layer", "export", SLUG, "hotspots", str(home / "hotspots.gpkg"))
    yield "release", ("release", "create", SLUG, "--period", _QUARTER)


def _measured(arguments: Sequence[str], postmaster: int) -> Cost:
    """Run a command and return what it took; SystemExit where it fails."""
    before = cpu_seconds(postmaster)
    process = os.spawnv(os.P_NOWAIT, sys.executable, [sys.executable, "-m", "server", *arguments])
    _, status, used = os.wait4(process, 0)
    if status:
        raise SystemExit(f"safeaudit {' '.join(arguments)} failed")
    return Cost(used.ru_utime + used.ru_stime, cpu_seconds(postmaster) - before, used.ru_maxrss / 1024)


def _safeaudit(arguments: Sequence[str]) -> None:
    subprocess.run([sys.executable, "-m", "server", *arguments], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
