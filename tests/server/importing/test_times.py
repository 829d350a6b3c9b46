"""Times as files write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from server.importing.times import Keep, known_part, read_time, rewritten

KOLKATA = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-20T19:42:00+05:30", "2026-11-20T14:12:00"),
        ("2026-11-20 19:42:00+0530", "2026-11-20T14:12:00"),
        ("2026-11-20t14:12:00z", "2026-11-20T14:12:00"),
        ("2026-11-20T14:12:00z", "2026-11-20T14:12:00"),
        ("2026-11-20 19:42", "2026-11-20T14:12:00"),
        ("2026-11-20T19:42:00.250 +05:30", "2026-11-20T14:12:00.250"),
        ("2026-02-12T13:08:59.672368Z", "2026-02-12T13:08:59.672368"),
    ],
)
def test_moments_with_offset_or_local(text: str, instant: str) -> None:
    assert read_time(text, KOLKATA) == (datetime.fromisoformat(instant).replace(tzinfo=UTC), True)


@pytest.mark.parametrize(("text", "day"), [("2026-11-20", 20), ("2026-11", 1)])
def test_a_day_or_month_is_local_noon_without_daylight(text: str, day: int) -> None:
    moment, timed = read_time(text, KOLKATA)
    assert (moment, timed) == (datetime(2026, 11, day, 12, tzinfo=KOLKATA), False)


@pytest.mark.parametrize(
    "text",
    ["20/11/2026", "2026-13-01", "2026-02-30", "2026-11-20T25:00", "yesterday", "2026-W47-5", "20261120"],
)
def test_anything_else_is_refused_with_a_remedy(text: str) -> None:
    with pytest.raises(ValueError, match="verb `date`"):
        read_time(text, KOLKATA)


def test_a_format_of_its_own_with_weekday_and_zone_word() -> None:
    form = "%a %b %d %H:%M:%S %Z %Y"
    summer = rewritten("Wed Jun 06 15:28:38 PDT 2018", form=form, keep=Keep.TIME, zones={})
    assert datetime.fromisoformat(summer) == datetime(2018, 6, 6, 22, 28, 38, tzinfo=UTC)
    winter = rewritten("Mon Mar 04 02:48:39 PST 2019", form=form, keep=Keep.TIME, zones={})
    assert datetime.fromisoformat(winter) == datetime(2019, 3, 4, 10, 48, 39, tzinfo=UTC)


def test_zone_words_of_a_mapping_count_and_unknown_ones_are_refused() -> None:
    given = rewritten(
        "20.11.2026 19:42 IST", form="%d.%m.%Y %H:%M %Z", keep=Keep.TIME, zones={"IST": "+05:30"}
    )
    assert datetime.fromisoformat(given) == datetime(2026, 11, 20, 14, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="no known time zone"):
        rewritten("20.11.2026 19:42 IST", form="%d.%m.%Y %H:%M %Z", keep=Keep.TIME, zones={})


def test_what_is_not_believed_is_left_out() -> None:
    assert rewritten("20.11.2026 19:42", form="%d.%m.%Y %H:%M", keep=Keep.DAY, zones={}) == "2026-11-20"
    assert rewritten("11/2026", form="%m/%Y", keep=Keep.MONTH, zones={}) == "2026-11"
    assert [known_part(form) for form in ("%Y-%m", "%Y-%j", "%d %I %p")] == [Keep.MONTH, Keep.DAY, Keep.TIME]
