"""Make the release of a quarter: once, whole, for ever; asked again, it is the one that is there."""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from sqlalchemy import Connection

from analysis.disclosure.release import Account, Disclosure
from analysis.disclosure.release_gate import FEWEST, release
from server.cities import City
from server.database import Database
from server.errors import Conflict, Fault, Invalid, Unavailable
from server.period import Period
from server.queries.events import insert_event
from server.queries.release_audits import (
    Unreleased,
    any_of_quarter,
    count_ended_since,
    insert_released,
    read_unreleased,
)
from server.queries.release_requests import delete_request, wait_for_releases
from server.queries.releases import Release, ReleaseFile, find_release, insert_release, periods_released
from server.queries.runs import take_snapshot
from server.releasing.about import About, about
from server.releasing.files import write_files
from server.releasing.folder import SUMS, aside, bring_to_disk, move_into_place

Progress = Callable[[float, str], None]
"""Told which share of the work, 0..1, is done, and what comes next."""
_TRIES = 3
LONGEST_PURPOSE = 500


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is asked for: the release of a quarter and an instrument of a city."""

    city: City
    period: Period
    instrument_id: str
    purpose: str | None
    actor: str

    @property
    def release_id(self) -> str:
        """The id of the release, known before it is made."""
        return f"{self.period}-{self.instrument_id}"

    def folder(self, home: Path) -> Path:
        """Return where the files of the release are kept."""
        return folder_of(home, slug=self.city.slug, release_id=self.release_id)


class _ChangedMeanwhile(Exception):  # noqa: N818 - leads to another try
    """An audit was corrected or erased while the release was made of it."""


def folder_of(home: Path, *, slug: str, release_id: str) -> Path:
    """Return where the files of a release are kept."""
    return home / "releases" / slug / release_id


def check_order(database: Database, order: Order, *, now: datetime) -> Release | None:
    """Return the release if it is made already; Conflict where it cannot be made now, in plain words.

    NotThere for an instrument that the city does not have; Invalid for a purpose that is too long.
    """
    order.city.current(order.instrument_id)
    if order.purpose is not None and len(order.purpose) > LONGEST_PURPOSE:
        fault = Fault("/purpose", f"has {len(order.purpose)} characters; at most {LONGEST_PURPOSE}")
        raise Invalid("the purpose cannot be kept", faults=[fault])
    with database.transaction() as connection:
        city_id = order.city.city_id
        made = find_release(connection, city_id=city_id, release_id=order.release_id)
        if made is not None:
            return made
        order.period.check_closed(now=now, time_zone=order.city.time_zone)
        begins, ends = order.period.span(order.city.time_zone)
        if not any_of_quarter(
            connection, city_id=city_id, instrument_id=order.instrument_id, begins=begins, ends=ends
        ):
            raise Conflict(f"{order.city.slug} has no used audits of {order.instrument_id} in {order.period}")
    return None


def create_release(
    database: Database,
    order: Order,
    *,
    home: Path,
    secret: bytes,
    now: datetime,
    progress: Progress = lambda _share, _next: None,
) -> Release:
    """Return the release, made now if it was not there; releases of one city wait for each other.

    Its files are on disk, and named in the store by one commit: before that nobody sees anything of it. All
    audits of counted auditors that were considered are remembered, shown or not, and are for no other.
    Conflict as by `check_order`, and where nothing can be shown; Unavailable where the disk is full.
    """
    with _alone(database, order.city):
        made = check_order(database, order, now=now)
        if made is not None:
            return made
        for _ in range(_TRIES):
            with suppress(_ChangedMeanwhile):
                _make(database, order, home=home, secret=secret, now=now, progress=progress)
            made = check_order(database, order, now=now)
            if made is not None:
                return made
    raise Unavailable("audits were corrected or erased again and again while the release was made; ask again")


def _make(
    database: Database, order: Order, *, home: Path, secret: bytes, now: datetime, progress: Progress
) -> None:
    progress(0.0, "reading audits")
    known = _read(database, order, now=now)
    progress(0.2, f"looking for classes among {len(known):,} audits")
    found = _disclose(known, order, secret)
    told = about(
        order.city,
        release_id=order.release_id,
        period=order.period,
        instrument_id=order.instrument_id,
        purpose=order.purpose,
        made_at=now,
    )
    final = order.folder(home)
    with aside(final) as folder:
        files = write_files(
            found,
            order.city.current(order.instrument_id),
            told,
            folder,
            languages=("en", *order.city.languages),
            progress=lambda doing: progress(0.5, doing),
        )
        bring_to_disk(folder)
        progress(0.9, "publishing")
        made = _release(order, found.account, told, files)
        with database.transaction() as connection:
            _publish(connection, made, known, actor=order.actor)
            # After the row and before its commit: so no other release can stand there, and none is seen yet.
            move_into_place(folder, final)


def _read(database: Database, order: Order, *, now: datetime) -> Unreleased:
    """Return the audits of the quarter, and late ones of quarters that have their release."""
    with database.transaction() as connection:
        take_snapshot(connection)
        city = order.city
        earlier = periods_released(connection, city_id=city.city_id, instrument_id=order.instrument_id)
        return read_unreleased(
            connection,
            city_id=city.city_id,
            time_zone=city.time_zone,
            versions=city.instruments[order.instrument_id],
            quarters=[order.period.number, *(Period.of(one).number for one in earlier)],
            as_of=now,
        )


def _disclose(known: Unreleased, order: Order, secret: bytes) -> Disclosure:
    """Return what the gate lets out; Conflict where that is nothing."""
    city, people = order.city, max(FEWEST, order.city.k)
    if len(np.unique(known.audits.auditor[known.audits.counted])) < people:
        raise Conflict(
            f"fewer than {people} counted auditors have audits of {order.period}: nothing can be shown"
        )
    found = release(
        known.audits,
        k=city.k,
        resolution=city.resolution,
        rng=_generator(order, secret),
        disability=bool(city.settings.get("release_disability")),
    )
    if not len(found.rows):
        raise Conflict(
            f"nowhere do {people} counted auditors of {order.period} stand together: nothing can be shown"
        )
    return found


def _generator(order: Order, secret: bytes) -> np.random.Generator:
    """Return the source of a release's chance: the same on every try, unknown to others."""
    told = f"release {order.city.city_id} {order.release_id}".encode()
    return np.random.default_rng(int.from_bytes(hmac.digest(secret, told, "sha256")))


def _release(order: Order, account: Account, told: About, files: tuple[ReleaseFile, ...]) -> Release:
    return Release(
        city_id=order.city.city_id,
        release_id=order.release_id,
        instrument_id=order.instrument_id,
        period=str(order.period),
        made_at=told.made_at,
        purpose=order.purpose,
        rows_in=account.rows_in,
        rows_out=account.rows_out,
        account=msgspec.to_builtins(account, str_keys=True),
        about=told.to_json(),
        files=files,
        sha256=next(bytes.fromhex(file.sha256) for file in files if file.name == SUMS),
    )


def _publish(connection: Connection, made: Release, known: Unreleased, *, actor: str) -> None:
    city_id, release_id = made.city_id, made.release_id
    insert_release(connection, made)
    considered = known.audit[known.audits.counted]
    insert_released(connection, city_id=city_id, release_id=release_id, audit=considered)
    if count_ended_since(connection, city_id=city_id, release_id=release_id):
        raise _ChangedMeanwhile
    delete_request(connection, city_id=city_id, release_id=release_id)
    detail = {"release": release_id, "rows": made.rows_out, "purpose": made.purpose}
    insert_event(connection, city_id=city_id, actor=actor, action="release.create", detail=detail)


@contextmanager
def _alone(database: Database, city: City) -> Iterator[None]:
    """Hold the city's lock on a transaction of its own: reading and publishing are two others."""
    with database.transaction() as connection:
        wait_for_releases(connection, city_id=city.city_id)
        yield
