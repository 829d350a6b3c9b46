from datetime import UTC, datetime, timedelta

from server.publishing.retention import expired
from server.queries.runs import Run


def nightly(count: int, *, last: datetime) -> list[Run]:
    """Return one public run a night, the latest first, numbered by age from `count` down."""
    return [
        Run(run_id=count - age, as_of=(when := last - timedelta(days=age)), finished_at=when, public=True)
        for age in range(count)
    ]


def test_thirty_runs_and_each_quarters_last_are_kept() -> None:
    runs = nightly(200, last=datetime(2026, 11, 20, 21, 0, tzinfo=UTC))
    kept = sorted({run.run_id for run in runs} - set(expired(runs, time_zone="UTC")))
    ends = {run.as_of.date().isoformat(): run.run_id for run in runs}
    assert kept == [ends["2026-06-30"], ends["2026-09-30"], *range(171, 201)]


def test_quarters_end_in_the_citys_time() -> None:
    runs = nightly(100, last=datetime(2026, 11, 20, 21, 0, tzinfo=UTC))
    ends = {run.as_of.date().isoformat(): run.run_id for run in runs}
    # 21:00 UTC on 30 September is the first hours of October in Kolkata.
    assert ends["2026-09-29"] not in expired(runs, time_zone="Asia/Kolkata")
    assert ends["2026-09-30"] in expired(runs, time_zone="Asia/Kolkata")


def test_runs_as_of_past_days_stand_for_no_quarter_and_never_push_out_the_last_public_run() -> None:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    past = [
        Run(run_id=100 + i, as_of=now - timedelta(days=1), finished_at=now, public=False) for i in range(40)
    ]
    runs = [*reversed(past), Run(run_id=1, as_of=now - timedelta(days=2), finished_at=now, public=True)]
    gone = expired(runs, time_zone="UTC")
    assert 1 not in gone
    assert gone == [109, 108, 107, 106, 105, 104, 103, 102, 101, 100]


def test_few_runs_are_all_kept() -> None:
    assert expired(nightly(30, last=datetime(2026, 11, 20, tzinfo=UTC)), time_zone="UTC") == []
