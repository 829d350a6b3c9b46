"""Cities whose places change: eighteen months, the last six after the change."""

from collections.abc import Callable

import pytest

from analysis.instrument import Instrument, Kind, Question, Role
from analysis.simulation.changing import ChangingCity, changing_city

SIX = Instrument(
    id="six",
    version=1,
    questions=tuple(
        Question(name=f"rating_{number}", kind=Kind.RATING, role=Role.PLACE, top=3) for number in range(6)
    ),
)


@pytest.fixture(scope="session")
def changing() -> Callable[..., ChangingCity]:
    """Return the maker of changing cities of six ratings."""
    return lambda **scene: changing_city(SIX, **scene)
