"""Whether a folder still holds the release that was made: every file by its hash, every row by its words."""

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.errors import Fault, Invalid
from server.releasing.folder import SUMS, sha256_of

_LINE = re.compile(r"([0-9a-f]{64})  ([A-Za-z0-9._-]+)")
_MOST_FAULTS = 20


def verify(folder: Path) -> tuple[int, str]:
    """Return the number of rows and the SHA-256 of SHA256SUMS, which the card on the server tells too.

    Invalid lists every file that is missing, altered or strange, and rows that the descriptor does not allow.
    """
    faults = [*_sums(folder)]
    rows = 0
    if not faults:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        fields = package["resources"][0]["schema"]["fields"]
        rows, wrong = _read_rows(folder / "audits.csv", fields)
        faults += wrong
    if faults:
        raise Invalid(f"{folder} is not the release that was made", faults=faults[:_MOST_FAULTS])
    return rows, sha256_of(folder / SUMS)[1]


def _sums(folder: Path) -> Iterator[Fault]:
    if not (folder / SUMS).is_file():
        yield Fault(SUMS, "is not there: this is no release, or not all of it")
        return
    listed = {}
    for number, line in enumerate((folder / SUMS).read_text(encoding="utf-8").splitlines(), start=1):
        found = _LINE.fullmatch(line)
        if found is None:
            yield Fault(f"{SUMS}, line {number}", "cannot be read")
        else:
            listed[found[2]] = found[1]
    present = {path.name for path in folder.iterdir()} - {SUMS}
    for name in sorted(present - set(listed)):
        yield Fault(name, "is not part of the release")
    for name, digest in listed.items():
        if name not in present:
            yield Fault(name, "is missing")
        elif sha256_of(folder / name)[1] != digest:
            yield Fault(name, f"was altered: its hash is not the one in {SUMS}")
    for name in sorted({"audits.csv", "datapackage.json"} - set(listed)):
        yield Fault(name, f"is not in {SUMS}")


def _read_rows(path: Path, fields: list[dict[str, Any]]) -> tuple[int, list[Fault]]:
    """Return how many rows there are and what is wrong with them."""
    faults: list[Fault] = []
    names = [field["name"] for field in fields]
    allowed = [_allowed(field) for field in fields]
    number = 0
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        if next(reader, []) != names:
            return 0, [Fault(f"{path.name}, header", f"must be {','.join(names)}")]
        for number, row in enumerate(reader, start=1):
            wrong = len(row) != len(names) or not all(
                rule.fullmatch(value) for rule, value in zip(allowed, row, strict=True)
            )
            if wrong and len(faults) < _MOST_FAULTS:
                faults.append(Fault(f"{path.name}, row {number}", "has a value that the descriptor forbids"))
    return number, faults


def _allowed(field: dict[str, Any]) -> re.Pattern[str]:
    """Return what a value of a field looks like, as its constraints say."""
    limits = field["constraints"]
    if "pattern" in limits:
        return re.compile(limits["pattern"])
    words = limits.get("enum") or range(limits.get("minimum", 0), limits.get("maximum", 0) + 1)
    empty = [] if limits["required"] else [""]
    return re.compile("|".join(re.escape(str(word)) for word in [*words, *empty]))
