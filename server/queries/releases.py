"""SQL of releases as everybody may read them. Knows no audit: see the privacy contract in setup.cfg."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from server.models.release import release


@dataclass(frozen=True, kw_only=True)
class ReleaseFile:
    """One file of a release, as it will stay."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release; it never changes."""

    city_id: int
    release_id: str
    instrument_id: str
    period: str
    made_at: datetime
    purpose: str | None
    rows_in: int
    rows_out: int
    account: Mapping[str, Any]
    about: Mapping[str, Any]
    files: tuple[ReleaseFile, ...]
    sha256: bytes


def list_releases(connection: Connection, *, city_id: int) -> list[Release]:
    """Return the releases of a city, the latest quarter first."""
    query = (
        select(release)
        .where(release.c.city_id == city_id)
        .order_by(release.c.period.desc(), release.c.instrument_id)
    )
    return [_release(row) for row in connection.execute(query)]


def find_release(connection: Connection, *, city_id: int, release_id: str) -> Release | None:
    """Return a release, None where there is none of this id."""
    query = select(release).where(release.c.city_id == city_id, release.c.release_id == release_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _release(row)


def insert_release(connection: Connection, made: Release) -> None:
    """Keep a release for ever."""
    files = [vars(file) for file in made.files]
    connection.execute(insert(release).values({**vars(made), "files": files}))


def periods_released(connection: Connection, *, city_id: int, instrument_id: str) -> Sequence[str]:
    """Return the quarters of an instrument that have their release."""
    query = select(release.c.period).where(
        release.c.city_id == city_id, release.c.instrument_id == instrument_id
    )
    return list(connection.scalars(query))


def _release(row: Row[Any]) -> Release:
    values = dict(row._mapping)
    files = tuple(ReleaseFile(**file) for file in values.pop("files"))
    return Release(files=files, **values)
