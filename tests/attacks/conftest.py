"""The simulated city of the attacks, and the table of what they found."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict

import numpy as np
import pytest
from shapely import box

from analysis.disclosure.release import Audits
from bench.release import audits_of
from server.cities import City
from server.database import Database
from tests.attacks.attack import Attack, table
from tests.server.publishing.conftest import Town

AUDITS = int(os.environ.get("SAFEAUDIT_ATTACK_AUDITS", "30000"))
NIGHTS = int(os.environ.get("SAFEAUDIT_ATTACK_NIGHTS", "20"))
AT_SIZE = AUDITS >= 200_000
CITIES = (5, 6, 7) if AT_SIZE else (5,)
_PROPERTY, _NOTE = "attack", "note"
_WEST, _SOUTH, _SIDE_DEG, _FULL = 77.10, 28.50, 0.23, 1_000_000

Tell = Callable[[Attack], None]
Note = Callable[[str], None]


def city_of(size: int, *, seed: int = 5) -> Audits:
    """Return audits of a simulated city; its side grows so that they are as dense as in the largest."""
    side = _SIDE_DEG * np.sqrt(size / _FULL)
    return audits_of(size, area=box(_WEST, _SOUTH, _WEST + side, _SOUTH + side), seed=seed)


@pytest.fixture
def audits() -> Audits:
    """The audits of one quarter of a simulated city."""
    return city_of(AUDITS)


@pytest.fixture
def town(database: Database, city: City) -> Town:
    """A city in the store whose people can be told what to do."""
    return Town(database, city)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Iterator[Tell]:
    """Tell what an attack found; the test fails unless the gate resisted and the weakened one did not."""
    told: list[Attack] = []

    def note(attack: Attack) -> None:
        told.append(attack)
        # Workers of a parallel run can send no numbers of numpy's.
        record_property(_PROPERTY, json.loads(json.dumps(asdict(attack), default=lambda one: one.item())))

    yield note
    assert told
    assert [one for one in told if not one.resisted] == []
    assert [one for one in told if not one.caught] == []


@pytest.fixture
def note(record_property: Callable[[str, object], None]) -> Note:
    """Tell a figure that has no bound."""
    return lambda text: record_property(_NOTE, text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of all attacks."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    properties = [
        pair
        for report in reports
        if getattr(report, "when", None) == "call"
        for pair in report.user_properties
    ]
    told = [Attack(**value) for name, value in properties if name == _PROPERTY]
    if told:
        order = sorted(told, key=lambda one: (int(one.name.split()[0][1:]), one.name))
        terminalreporter.section(f"attacks on {AUDITS:,} simulated audits and over {NIGHTS} nights")
        terminalreporter.write_line(table(order))
        for text in sorted(value for name, value in properties if name == _NOTE):
            terminalreporter.write_line(text)
