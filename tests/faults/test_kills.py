"""The short version of the fault campaign; `make faults` runs the long one and its weakened twin."""

import pytest

from tests.faults.kills import campaign


@pytest.mark.slow
def test_no_acknowledged_audit_is_lost_or_doubled_under_kill_9() -> None:
    verdict = campaign(kills=4, acknowledged=3000)
    assert verdict.passed, str(verdict)
