"""Rate limits as four web processes keep them together; `make bench-limits` is the long version."""

import pytest

from bench.harness import ground, web_server
from bench.limits import SETTINGS, WALKERS, flood, hold, walk


@pytest.mark.slow
def test_limits_hold_across_four_processes_and_a_walk_behind_a_flood_meets_none() -> None:
    with ground() as place, web_server(place.url, **SETTINGS) as server:
        held = hold(place, server, asks=640)
        with flood(place, server, "one address", seconds=4) as answers:
            found = walk(place, server)
    assert held.asked > 1.3 * held.allowed, str(held)
    assert abs(held.error) < 0.1, str(held)
    assert answers[429] > 0, "the flood meets the limit of its address"
    assert dict(found.enrolling) == {201: WALKERS}
    assert found.posting.keys() == {201}
