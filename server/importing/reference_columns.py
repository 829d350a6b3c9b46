"""Which column of a reference file says what: given, or found by its name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from server.errors import Fault, Invalid


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one column of a file is read as: its option, the names it goes by, and what lacks without it."""

    option: str
    what: str
    names: tuple[str, ...]
    missing: str
    """Said where there is no such column; a required part is refused with it."""
    required: bool = False


_STREET = Part(
    option="name-field",
    what="names",
    names=("name", "street", "street_name", "streetname", "fullname", "full_name", "st_name", "road_name"),
    missing="no column names the streets: hotspots get no `near` from them; give --name-field",
)
_OWNER = Part(
    option="owner-field",
    what="owners",
    names=("owner", "ownership", "agency", "operator", "authority", "jurisdiction", "maintainer"),
    missing="no column says whose the streets are; the city's agencies stand for them",
)
_PEOPLE = Part(
    option="number-field",
    what="people",
    names=("population", "pop", "people", "inhabitants", "residents", "pop_total", "total_population"),
    missing="no column says how many people live there; give --number-field",
    required=True,
)
_TIME = Part(
    option="time-field",
    what="times",
    names=("occurred_at", "observed_at", "date_time", "datetime", "time", "date", "occur_date", "month"),
    missing="no column says when incidents happened; all count at any time",
)

PARTS: Mapping[str, Mapping[str, Part]] = {
    "streets": {"label": _STREET, "owner": _OWNER},
    "population": {"amount": _PEOPLE},
    "incidents": {"occurred_at": _TIME},
}
"""Kind of reference data -> what is kept of a feature -> the column that says it."""


def choose(
    kind: str, given: Mapping[str, str | None], *, names: Sequence[str], file: str
) -> tuple[dict[str, str], list[str]]:
    """Return the column of each part of a kind that has one, and notes on which they are and what lacks.

    `given` are columns by option, None where it is not used. Invalid names every option that the kind has no
    use for, every column that is not there, and what is required and missing.
    """
    parts = PARTS[kind]
    useful = {part.option for part in parts.values()}
    wanted = {option: column for option, column in given.items() if column is not None}
    listed = f"columns are {', '.join(names)}"
    faults = [Fault(f"/{option}", f"{kind} have no use for it") for option in wanted.keys() - useful]
    chosen: dict[str, str] = {}
    notes = []
    for kept, part in parts.items():
        column = wanted.get(part.option) or _known(part.names, names)
        if column is not None and column not in names:
            faults.append(Fault(f"/{part.option}", f"no column {column!r}; {listed}"))
        elif column is not None:
            chosen[kept] = column
            notes.append(f"{part.what} are read from {column!r}")
        elif part.required:
            faults.append(Fault(f"/{part.option}", f"{part.missing}; {listed}"))
        else:
            notes.append(part.missing)
    if faults:
        raise Invalid(f"{file} cannot be loaded as {kind}", faults=faults)
    return chosen, notes


def _known(sought: Sequence[str], names: Sequence[str]) -> str | None:
    """Return the column that goes by the first of some names, whatever its case."""
    by_name = {name.casefold(): name for name in reversed(names)}
    return next((by_name[name] for name in sought if name in by_name), None)
