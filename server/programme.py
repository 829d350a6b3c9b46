"""Indicator files of cities on other servers, from the addresses that the operator named and no others."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import msgspec

from server.outgoing import Interrupted, Unreachable, call

PATIENCE_S = 5.0
"""For each wait: somebody looks at an empty page meanwhile."""
_AT_ONCE = 8


class OtherIndicator(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator as another server tells it; what else it tells is passed over."""

    id: str
    value: float | None
    low: float | None
    high: float | None
    group: str


class IndicatorFile(msgspec.Struct, frozen=True, kw_only=True):
    """What is used of an indicator file (docs/indicators.md)."""

    as_of: str
    instrument: str
    indicators: list[OtherIndicator]


@dataclass(frozen=True, kw_only=True)
class OtherCity:
    """A city of another server: its file, or why there is none."""

    name: str
    address: str
    file: IndicatorFile | None
    problem: str | None


def fetch_others(sources: Mapping[str, str]) -> list[OtherCity]:
    """Return the cities of other servers, by name as the setting gives them; each within some seconds."""
    if not sources:
        return []
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(_fetch, sources, sources.values()))


def _fetch(name: str, address: str) -> OtherCity:
    try:
        answer = call("GET", address, headers={"Accept": "application/json"}, timeout_s=PATIENCE_S)
    except (Unreachable, Interrupted):
        return OtherCity(name=name, address=address, file=None, problem="its server gives no answer")
    if answer.status != 200:
        problem = f"its server answers {answer.status}"
        return OtherCity(name=name, address=address, file=None, problem=problem)
    try:
        file = msgspec.json.decode(answer.body, type=IndicatorFile)
    except msgspec.DecodeError as error:  # ValidationError among them
        problem = f"its file is no indicator file: {error}"
        return OtherCity(name=name, address=address, file=None, problem=problem)
    return OtherCity(name=name, address=address, file=file, problem=None)
