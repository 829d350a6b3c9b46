"""What an operator may say of a city, on the command line or in city.yml: names, limits, remedies."""

import difflib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from server.errors import Fault, Invalid
from server.queries.aggregates import YEARLY_EPSILON
from server.setting_values import hundredths, web_address

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LOWEST_K = 5
RESOLUTIONS = range(6, 12)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_LONGEST = 500

COLUMNS = ("name", "time_zone", "languages", "resolution", "k")
"""What stands in columns of its own; the rest is kept in the city's settings."""


@dataclass(frozen=True)
class Entry:
    """How one value is read from text or YAML, and what it is for."""

    read: Callable[[Any], Any]
    doc: str


def _text(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST:
        raise ValueError(f"give a text of 1 to {_LONGEST} characters")
    return value.strip()


def _time_zone(value: Any) -> str:
    known = available_timezones()
    if value not in known:
        close = difflib.get_close_matches(str(value), sorted(known), n=1)
        hint = f"did you mean {close[0]}?" if close else "give an IANA name such as Asia/Kolkata"
        raise ValueError(f"no such time zone; {hint}")
    return str(value)


def _texts(value: Any) -> list[str]:
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list) or not parts:
        raise ValueError("give a list, its parts separated by commas")
    return [_text(part) for part in parts]


def _languages(value: Any) -> list[str]:
    codes = _texts(value)
    for code in codes:
        if not _LANGUAGE.fullmatch(code):
            raise ValueError(f"{code!r} is no language code; give such as en,hi")
    return list(dict.fromkeys(codes))


def _whole(low: int, high: int) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value
        if isinstance(number, bool) or not isinstance(number, int) or not low <= number <= high:
            raise ValueError(f"give a whole number from {low} to {high}")
        return number

    return read


def _score(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = float("nan")
    if not (isfinite(number) and 0 <= number <= 5):
        raise ValueError("give a score from 0 (worst) to 5 (best)")
    return number


def _epsilon(value: Any) -> float:
    number = hundredths(value)
    if not 0 <= number <= YEARLY_EPSILON:
        raise ValueError(f"give 0 (no aggregates) to {YEARLY_EPSILON}")
    return float(number)


def _switch(value: Any) -> bool:
    known = {"on": True, "off": False, "true": True, "false": False, "yes": True, "no": False}
    found = known.get(str(value).lower())
    if found is None:
        raise ValueError("give on or off")
    return found


def _agencies(value: Any) -> dict[str, str]:
    pairs = [one.partition(":")[::2] for one in value.split(",")] if isinstance(value, str) else None
    entries = dict(pairs) if pairs is not None else value
    if not isinstance(entries, dict) or not entries or not all(entries.values()):
        raise ValueError("give parameter:agency, more of them separated by commas")
    return {str(name).strip(): _text(agency) for name, agency in entries.items()}


def _open311(value: Any) -> dict[str, Any]:
    try:
        said = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        said = None
    if not isinstance(said, dict) or set(said) - {"url", "jurisdiction_id", "services"}:
        raise ValueError(
            "give url, services and, if there are several, jurisdiction_id (in JSON on a command line)"
        )
    services = said.get("services")
    if not isinstance(services, dict) or not services:
        raise ValueError("services: give parameter: service_code, as the endpoint's services.xml lists them")
    url = web_address(_text(said.get("url")))
    if urlsplit(url).username is not None:
        raise ValueError("url: must hold no name or password; the key goes into SAFEAUDIT_OPEN311_KEYS")
    own = {"jurisdiction_id": _text(said["jurisdiction_id"])} if said.get("jurisdiction_id") else {}
    return {"url": url, **own, "services": {str(name): _text(str(code)) for name, code in services.items()}}


ENTRIES: Mapping[str, Entry] = {
    "name": Entry(_text, "The city's name."),
    "time_zone": Entry(_time_zone, "IANA time zone; days, months and quarters are in it."),
    "languages": Entry(_languages, "Approved languages, the first is the default."),
    "resolution": Entry(
        _whole(RESOLUTIONS.start, RESOLUTIONS.stop - 1), "H3 resolution of the analysis; fixed once made."
    ),
    "k": Entry(_whole(LOWEST_K, 1000), "Fewest counted auditors behind what is public; may only rise."),
    "controller": Entry(_text, "Who answers for the data."),
    "contact": Entry(_text, "How to reach the controller."),
    "emergency": Entry(_texts, "Emergency numbers."),
    "support": Entry(_texts, "Support numbers, for instance against harassment."),
    "agencies": Entry(_agencies, "The agency responsible for each parameter."),
    "open311": Entry(_open311, "Where the agencies take requests (Open311 GeoReport v2), and its services."),
    "standard": Entry(_score, "Score, 0 to 5, that every place should reach."),
    "half_life_days": Entry(_whole(30, 3650), "Age in days at which an audit counts half in scores."),
    "exact_days": Entry(
        _whole(1, 3650), "Days for which exact points and times are kept; then cell and hour."
    ),
    "licence": Entry(_text, "Licence of releases, as SPDX names it; CC-BY-4.0 where nothing is said."),
    "releases": Entry(
        _switch, "Whether each quarter is released by itself, 14 days after its end: on or off."
    ),
    "release_disability": Entry(_switch, "Whether releases tell disability: on or off."),
    "epsilon_per_year": Entry(
        _epsilon, "Privacy budget of aggregates, of the audits of each year; 4 at most, and may only fall."
    ),
    "photos": Entry(_switch, "Whether photos are taken: on or off."),
}
_ALIASES = {"timezone": "time_zone"}


def read_entries(
    said: Iterable[tuple[str, Any]], *, allowed: Iterable[str] = tuple(ENTRIES)
) -> dict[str, Any]:
    """Return the values by name; Invalid lists every unknown name with the nearest and every bad value."""
    names = set(allowed)
    values: dict[str, Any] = {}
    faults = []
    for given, value in said:
        name = _ALIASES.get(given, given)
        if name not in names:
            close = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.5)
            hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(sorted(names))}"
            faults.append(Fault(f"/{given}", f"cannot be set; {hint}"))
            continue
        try:
            values[name] = ENTRIES[name].read(value)
        except ValueError as error:
            faults.append(Fault(f"/{given}", f"{value!r}: {error}"))
    if faults:
        raise Invalid("the city cannot be set up like this; nothing was changed", faults=faults)
    return values
