"""What comes out of real files: python -m bench.real_data FOLDER.

FOLDER holds the public files that docs/real-data.md names; they are not part of this project. Makes a store
of its own, imports each file through its mapping, analyses, and prints what docs/real-data.md tells.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas
import pandas as pd
from scipy.stats import spearmanr

from geo.cells import cells_of, to_texts

MAPPINGS = Path(__file__).parents[1] / "docs" / "mappings"
_PULSE = "perceived_safety/placepulse_elo_6_cities.csv.gz"


@dataclass(frozen=True, kw_only=True)
class Case:
    """One city and what is read into it."""

    name: str
    time_zone: str
    box: str
    files: tuple[tuple[str, str], ...]
    """File and mapping, in the order of their import."""
    instrument: str = "safetipin-9"
    incidents: str | None = None


def pulse(name: str, time_zone: str, box: str, incidents: str | None = None) -> Case:
    """Return a city of Place Pulse."""
    files = ((_PULSE, "place-pulse-scored.yml"),)
    return Case(
        name=name,
        time_zone=time_zone,
        box=box,
        files=files,
        instrument="perceived-safety",
        incidents=incidents,
    )


CASES = {
    "seattle": Case(
        name="Seattle",
        time_zone="America/Los_Angeles",
        box="-122.46,47.48,-122.22,47.74",
        files=(("seattle_sidewalk/seattle_sidewalk_labels.csv.gz", "seattle.yml"),),
    ),
    "bangkok": Case(
        name="Bangkok",
        time_zone="Asia/Bangkok",
        box="100.32,13.53,100.94,13.95",
        files=(
            ("bangkok_ratings/bangkok_2018.csv", "bangkok.yml"),
            ("bangkok_ratings/bangkok_2019.csv", "bangkok.yml"),
        ),
    ),
    "pulse-bangkok": pulse("Bangkok", "Asia/Bangkok", "100.32,13.53,100.94,13.95"),
    "pulse-johannesburg": pulse("Johannesburg", "Africa/Johannesburg", "27.7,-26.5,28.4,-25.9"),
    "pulse-london": pulse("London", "Europe/London", "-0.6,51.2,0.4,51.8"),
    "pulse-singapore": pulse("Singapore", "Asia/Singapore", "103.5,1.1,104.2,1.5"),
    "pulse-new-york": pulse(
        "New York", "America/New_York", "-74.3,40.45,-73.65,40.95", "incidents/nyc_shootings_2019.csv"
    ),
    "pulse-san-francisco": pulse(
        "San Francisco",
        "America/Los_Angeles",
        "-122.55,37.68,-122.33,37.85",
        "incidents/san_francisco_robbery_2019.csv",
    ),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", action="append", choices=CASES)
    chosen = parser.parse_args()
    head = (
        "city",
        "rows in",
        "cells",
        "hot, severe",
        "cold",
        "hotspots",
        "not told apart",
        "incidents",
        "rho",
    )
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    with tempfile.TemporaryDirectory(prefix="real-") as home:
        Path(home).chmod(0o755)  # started by root, PostgreSQL runs as somebody else
        environment = {**os.environ, "SAFEAUDIT_HOME": home}
        for slug in chosen.only or CASES:
            print("| " + " | ".join(_row(slug, CASES[slug], chosen.folder, environment)) + " |", flush=True)


def _row(slug: str, case: Case, folder: Path, environment: Mapping[str, str]) -> Iterator[str]:
    def run(*arguments: str | Path) -> str:
        command = [sys.executable, "-m", "server", *map(str, arguments)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{arguments}: {done.stderr}")
        return done.stdout

    run("city", "create", slug, "--name", case.name, "--timezone", case.time_zone, f"--boundary={case.box}")
    if case.instrument != "safetipin-9":
        run("instrument", "add", slug, MAPPINGS / "instruments" / f"{case.instrument}.yml")
    taken = 0
    for file, mapping in case.files:
        told = run("import", slug, folder / file, "--mapping", MAPPINGS / mapping).splitlines()[-1]
        taken += int(told.split("accepted=")[1].split()[0])
    if case.incidents:
        run("reference", "load", slug, folder / case.incidents, "--kind", "incidents")
    run("analyze", slug)

    def layer(name: str) -> geopandas.GeoDataFrame:
        file = Path(environment["SAFEAUDIT_HOME"]) / f"{slug}-{name}.gpkg"
        run("layer", "export", slug, name, file, "--instrument", case.instrument, "--unsuppressed")
        return geopandas.read_file(file)

    cells, hotspots = layer("cells-now"), layer("hotspots-now")
    kinds = Counter(cells["class"])
    yield f"{case.name} ({case.instrument})"
    yield f"{taken:,}"
    yield f"{len(cells):,}"
    yield f"{kinds['hot'] + kinds['severe']:,}"
    yield f"{kinds['cold']:,}"
    yield f"{len(hotspots):,}"
    yield f"{(~cells['adjusted'].astype(bool)).mean():.0%}"
    yield f"{len(layer('incident-clusters')):,} clusters" if case.incidents else "-"
    yield _against_incidents(cells, folder / case.incidents) if case.incidents else "-"


def _against_incidents(cells: geopandas.GeoDataFrame, file: Path) -> str:
    """Return Spearman's rank correlation of scores with counts of incidents in the same cells, and its p."""
    points = pd.read_csv(file)
    there = Counter(to_texts(cells_of(points["latitude"], points["longitude"], resolution=9)))
    counts = pd.Series([there[cell] for cell in cells["cell"]])
    found = spearmanr(cells["score"], counts)
    return f"{found.statistic:+.2f} (p {found.pvalue:.2g})"


if __name__ == "__main__":
    main()
