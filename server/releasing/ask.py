"""Ask for a release as a job, do what was asked, and see which quarters are due."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from server.cities import City
from server.database import Database
from server.errors import Conflict, NotThere, Refusal, Unavailable
from server.period import Period
from server.queries.jobs import enqueue_release
from server.queries.release_requests import (
    Request,
    find_request,
    tell_fault,
    tell_progress,
    upsert_request,
)
from server.queries.releases import Release, find_release
from server.releasing.create_release import Order, check_order, create_release

SCHEDULE = "schedule"
"""Who asks where the city's `releases` are on."""


def ask_for_release(database: Database, order: Order, *, now: datetime) -> Release | None:
    """Return the release if it is made; else see that a job makes it. Refusals as by `check_order`."""
    made = check_order(database, order, now=now)
    if made is not None:
        return made
    request = Request(
        release_id=order.release_id,
        instrument_id=order.instrument_id,
        period=str(order.period),
        purpose=order.purpose,
        actor=order.actor,
        share=0.0,
        doing="waiting",
        fault=None,
    )
    with database.transaction() as connection:
        upsert_request(connection, city_id=order.city.city_id, request=request)
        enqueue_release(connection, city_id=order.city.city_id, release_id=order.release_id)
    return None


def find_order(database: Database, city: City, *, release_id: str) -> Request | Release:
    """Return what was asked for, or the release once it is made; NotThere where nothing was."""
    with database.transaction() as connection:
        found = find_request(connection, city_id=city.city_id, release_id=release_id)
        made = find_release(connection, city_id=city.city_id, release_id=release_id)
    if made is None and found is None:
        raise NotThere(f"nobody asked for a release {release_id!r} here")
    return made or found  # type: ignore[return-value] # one of them is there


def do_what_was_asked(
    database: Database,
    city: City,
    *,
    release_id: str,
    home: Path,
    secret: bytes,
    now: Callable[[], datetime],
) -> None:
    """Make a release that was asked for; what cannot be made is told with the request.

    Unavailable, after it was told, where another try may help. Any number of times is as good as once.
    """
    city_id = city.city_id
    with database.transaction() as connection:
        request = find_request(connection, city_id=city_id, release_id=release_id)
    if request is None:
        return

    def progress(share: float, doing: str) -> None:
        with database.transaction() as connection:
            tell_progress(connection, city_id=city_id, release_id=release_id, share=share, doing=doing)

    order = Order(
        city=city,
        period=Period.of(request.period),
        instrument_id=request.instrument_id,
        purpose=request.purpose,
        actor=request.actor,
    )
    try:
        create_release(database, order, home=home, secret=secret, now=now(), progress=progress)
    except Refusal as refusal:
        with database.transaction() as connection:
            tell_fault(connection, city_id=city_id, release_id=release_id, fault=refusal.detail)
        if isinstance(refusal, Unavailable):
            raise


def ask_for_what_is_due(database: Database, city: City, *, now: datetime) -> None:
    """Ask for the last quarter that may be released, where the city's `releases` are on.

    A quarter that was refused, for want of people, is not asked for again.
    """
    if not city.settings.get("releases"):
        return
    period = Period.last_released_by(now.astimezone(ZoneInfo(city.time_zone)).date())
    order = Order(
        city=city,
        period=period,
        instrument_id=city.default_instrument,
        purpose=None,
        actor=SCHEDULE,
    )
    with database.transaction() as connection:
        if find_request(connection, city_id=city.city_id, release_id=order.release_id) is not None:
            return
    try:
        ask_for_release(database, order, now=now)
    except Conflict:
        return  # nothing was audited in that quarter
