"""The short version of the fault campaign; `make faults` runs all of it, and each weakened twin."""

from collections.abc import Iterator

import pytest

from tests.faults import answers, strikes
from tests.faults.campaign import FAULTS, Strike, running
from tests.faults.phones import Ledger, verdict
from tests.faults.server import Running


@pytest.fixture(scope="module")
def up() -> Iterator[Running]:
    with running(FAULTS[0]) as up:
        yield up


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    """One for all: the store is one too."""
    return Ledger()


@pytest.mark.slow
@pytest.mark.parametrize(
    "strike",
    [
        answers.bad_bodies,
        answers.wrong_clocks,
        answers.duplicates,
        answers.partial_batches,
        strikes.killing(strikes.kill_store, strikes.kill_web_workers, times=4),
    ],
)
def test_what_was_acknowledged_is_there_once(up: Running, ledger: Ledger, strike: Strike) -> None:
    strike(up, ledger)
    found = verdict(up, ledger)
    assert found.passed, str(found)
