"""CPU seconds of a whole run in a real store, by stage and field: python -m bench.whole_run [--home FOLDER].

A city of 9,600 cells and 1,000,000 simulated audits by 4,000 people is imported, and analysed twice: the
first run admits nearly all of them, the second finds nothing new. Seconds are of this process; those of
PostgreSQL stand beside them. In a FOLDER the store stays, and is used again; the runs in it are made anew.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import text

from analysis import detector, recipe
from analysis.field.city import City as FieldCity
from bench.harness import cpu_seconds
from server.cities import City
from server.cli.context import Store, open_store
from server.instruments.catalogue import builtin
from server.publishing import analyse_city as run_module
from server.publishing import finding

SLUG, AUDITORS_PER_AUDIT = "million", 1 / 250
_BOX = "--boundary=77.0,28.4,77.32,28.71"
_STAGES: tuple[tuple[Any, str, str], ...] = (
    (run_module, "_read", "read"),
    (run_module, "decide", "admission"),
    (finding, "analyse", "analysis"),
    (finding, "planner_layers", "planners' layers"),
    (recipe.Analysis, "history", "history"),
    (recipe.Analysis, "gaps", "gaps"),
    (finding, "public_layers", "public layers"),
    (finding, "analyse_by_gender", "women and men"),
    (run_module, "publish_run", "publish"),
)
_SELECTIONS = (
    *(f"{who} {part}" for who in ("planners,", "public,") for part in ("all", "day", "night")),
    "women",
    "men",
)
_INSTRUMENT = builtin()["safetipin-9"].instrument
_CLEARED = ("admission", "layer", "run")


@dataclass
class Watch:
    """What was spent where: seconds of this process and of PostgreSQL, by stage; and by field."""

    postmaster: int
    stages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(lambda: [0.0, 0.0]))
    selections: list[float] = field(default_factory=list)
    fields: list[float] = field(default_factory=list)

    def around(self, work: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """Return the work, its seconds being added to a stage's."""

        def watched(*arguments: Any, **named: Any) -> Any:
            own, store = time.process_time(), cpu_seconds(self.postmaster)
            try:
                return work(*arguments, **named)
            finally:
                spent = time.process_time() - own, cpu_seconds(self.postmaster) - store
                print(f"{stage:24}{spent[0]:8.1f}{spent[1]:8.1f}", flush=True)
                self.stages[stage] = [sum(both) for both in zip(self.stages[stage], spent, strict=True)]

        return watched

    def listed(self, work: Callable[..., Any], seconds: list[float]) -> Callable[..., Any]:
        """Return the work, the seconds of each call being appended to a list."""

        def watched(*arguments: Any, **named: Any) -> Any:
            own = time.process_time()
            try:
                return work(*arguments, **named)
            finally:
                seconds.append(time.process_time() - own)

        return watched


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="where the store stays; without it, nowhere")
    parser.add_argument("--audits", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--planners-only", action="store_true", help="runs that are not public: half as long")
    chosen = parser.parse_args()
    with ExitStack() as stack:
        home = chosen.home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="run-")))
        home.mkdir(exist_ok=True)
        home.chmod(0o755)  # started by root, PostgreSQL runs as somebody else
        os.environ["SAFEAUDIT_HOME"] = str(home)
        store = stack.enter_context(open_store())
        if not any(city.slug == SLUG for city in store.cities.all()):
            _fill(home, chosen.audits)
        _clear(store)
        for number in range(chosen.runs):
            print(f"run {number + 1}\n{'stage':24}{'CPU s':>8}{'store':>8}")
            watch = _run(store, store.cities.get(SLUG), _postmaster(home), public=not chosen.planners_only)
            _tell(watch)


def _fill(home: Path, audits: int) -> None:
    def safeaudit(*arguments: str | Path) -> None:
        subprocess.run([sys.executable, "-m", "server", *map(str, arguments)], check=True)

    file, truth = home / "audits.csv", home / "truth.csv"
    people = max(round(audits * AUDITORS_PER_AUDIT), 1)
    safeaudit("city", "create", SLUG, "--name", "Million", "--timezone", "Asia/Kolkata", _BOX)
    made = ("--audits", str(audits), "--auditors", str(people), "--seed", "1")
    safeaudit("simulate", SLUG, *made, "--out", file, "--truth", truth)
    safeaudit("import", SLUG, file)


def _clear(store: Store) -> None:
    with store.database.transaction() as connection:
        for table in _CLEARED:
            connection.execute(text(f"DELETE FROM {table}"))


def _postmaster(home: Path) -> int:
    return int((home / "postgres" / "data" / "postmaster.pid").read_text().split()[0])


def _run(store: Store, city: City, postmaster: int, *, public: bool) -> Watch:
    watch = Watch(postmaster)
    with _watched(watch):
        whole = watch.around(run_module.analyse_city, "whole run")
        whole(store.database, city, as_of=None if public else datetime.now(UTC))
    return watch


@contextmanager
def _watched(watch: Watch) -> Iterator[None]:
    with ExitStack() as stack:

        def put(owner: Any, name: str, work: Callable[..., Any]) -> None:
            stack.enter_context(mock.patch.object(owner, name, work))

        for owner, name, stage in _STAGES:
            put(owner, name, watch.around(getattr(owner, name), stage))
        posterior = FieldCity.posterior
        put(recipe, "detect", watch.listed(_only_there(watch, detector.detect, posterior), watch.selections))
        yield


def _only_there(
    watch: Watch, detect: Callable[..., Any], posterior: Callable[..., Any]
) -> Callable[..., Any]:
    """Return the detector, each of its posteriors, the score's first, being listed."""

    def watched(*arguments: Any, **named: Any) -> Any:
        with mock.patch.object(FieldCity, "posterior", watch.listed(posterior, watch.fields)):
            return detect(*arguments, **named)

    return watched


def _tell(watch: Watch) -> None:
    selections = [name for name, _ in zip(_SELECTIONS, watch.selections, strict=False)]
    count = len(watch.fields) // max(len(selections), 1)
    names = ["score", *(rating.name for rating in _INSTRUMENT.ratings)]
    print(f"{'field':24}" + "".join(f"{name:>17}" for name in selections))
    for place, name in enumerate(names):
        print(f"{name:24}" + "".join(f"{second:17.1f}" for second in watch.fields[place::count]))
    print(f"{'analysis in all':24}" + "".join(f"{second:17.1f}" for second in watch.selections))
    of_score = [
        whole - sum(watch.fields[1 + place * count : (place + 1) * count])
        for place, whole in enumerate(watch.selections)
    ]
    around = sum(sum(watch.stages[stage]) for stage in ("read", "admission", "publish"))
    around += watch.stages["analysis"][0] - sum(watch.selections[:6])  # order of rows, and weights
    print(
        f"score of all dayparts, read and published: planners' {around + sum(of_score[:3]):.1f} CPU s, "
        f"planners' and public {around + sum(of_score[:6]):.1f} CPU s",
        flush=True,
    )


if __name__ == "__main__":
    main()
