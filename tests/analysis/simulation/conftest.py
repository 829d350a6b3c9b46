from datetime import date

import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.simulation.city import simulate
from analysis.simulation.scenario import Scenario
from geo import cells

PLACE = ("lighting", "openness", "visibility", "people", "security", "walk_path", "transport", "gender_usage")
FEELING = Question(name="feeling", kind=Kind.RATING, role=Role.OUTCOME, top=3)


def place(name, *, top=3, dayparts=("day", "night", "unknown")):
    return Question(name=name, kind=Kind.RATING, role=Role.PLACE, top=top, dayparts=dayparts)


NINE = Instrument(
    id="nine",
    version=1,
    questions=(place("lighting", dayparts=("night",)), *(place(name) for name in PLACE[1:]), FEELING),
)
MIXED = Instrument(
    id="mixed",
    version=1,
    questions=(
        place("paving", top=4),
        Question(name="lamp", kind=Kind.CHOICE, choices=("led", "none")),
        FEELING,
        place("crowd", top=1),
        Question(name="noise", kind=Kind.RATING, role=Role.CONTEXT, top=2),
    ),
)
DELHI = cells.cell_of(28.6139, 77.2090, resolution=9)
TOWN = cells.outline(cells.disc(DELHI, k=14))


def _town(*, instrument=NINE, area=TOWN, seed=1, audits=3000, auditors=60, **scenario):
    return simulate(
        instrument=instrument,
        area=area,
        first_day=date(2026, 6, 1),
        seed=seed,
        audits=audits,
        auditors=auditors,
        scenario=Scenario(**scenario),
    )


@pytest.fixture(scope="session")
def nine():
    """Eight place ratings of which lighting counts at night alone, and an outcome, all on 0..3."""
    return NINE


@pytest.fixture(scope="session")
def mixed():
    """Place ratings on 0..4 and 0..1, an outcome, a context and a choice."""
    return MIXED


@pytest.fixture(scope="session")
def town():
    """Simulate a small city around Delhi; keyword arguments change it or its scenario."""
    return _town


@pytest.fixture(scope="session")
def city():
    return _town()
