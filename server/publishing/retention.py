"""Which runs keep their layers: the last thirty, and each quarter's last."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from server.queries.runs import Run

_NIGHTS = 30


def expired(runs: Sequence[Run], *, time_zone: str) -> list[int]:
    """Return the ids of the runs whose layers go; `runs` the latest first, quarters in the city's time.

    A run as of a day in the past never stands for its quarter.
    """
    zone = ZoneInfo(time_zone)
    last_of_quarter: dict[tuple[int, int], int] = {}
    for run in runs:
        day = run.as_of.astimezone(zone)
        if run.public:
            last_of_quarter.setdefault((day.year, (day.month - 1) // 3), run.run_id)
    kept = {run.run_id for run in runs[:_NIGHTS]} | set(last_of_quarter.values())
    return [run.run_id for run in runs if run.run_id not in kept]
