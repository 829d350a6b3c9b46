"""SQL of releases that were asked for and are not made yet."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert

from server.models.release import release_request

# The first number sets apart what is locked; any will do that nobody else takes.
_LOCK_RELEASES = text("SELECT pg_advisory_xact_lock(7208113, :city_id)")


@dataclass(frozen=True, kw_only=True)
class Request:
    """A release that was asked for: how far it is, or why it could not be made."""

    release_id: str
    instrument_id: str
    period: str
    purpose: str | None
    actor: str
    share: float
    doing: str
    fault: str | None


_COLUMNS = [release_request.c[name] for name in Request.__dataclass_fields__]


def wait_for_releases(connection: Connection, *, city_id: int) -> None:
    """Wait until no other release of this city is being made, and hold back later ones until the commit."""
    connection.execute(_LOCK_RELEASES, {"city_id": city_id})


def upsert_request(connection: Connection, *, city_id: int, request: Request) -> None:
    """Keep what is asked for; asked again after a fault, it begins anew."""
    values = {"city_id": city_id, **vars(request)}
    statement = insert(release_request).values(values)
    again = {name: statement.excluded[name] for name in ("purpose", "actor", "share", "doing", "fault")}
    connection.execute(
        statement.on_conflict_do_update(
            index_elements=["city_id", "release_id"],
            set_=again,
            where=release_request.c.fault.is_not(None),
        )
    )


def find_request(connection: Connection, *, city_id: int, release_id: str) -> Request | None:
    """Return what was asked for, None where nothing was or the release is made."""
    query = select(*_COLUMNS).where(
        release_request.c.city_id == city_id, release_request.c.release_id == release_id
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else Request(**row._mapping)


def tell_progress(connection: Connection, *, city_id: int, release_id: str, share: float, doing: str) -> None:
    """Say how far a release is."""
    _update(connection, city_id, release_id, share=share, doing=doing)


def tell_fault(connection: Connection, *, city_id: int, release_id: str, fault: str) -> None:
    """Say why a release could not be made."""
    _update(connection, city_id, release_id, share=0.0, doing="refused", fault=fault)


def delete_request(connection: Connection, *, city_id: int, release_id: str) -> None:
    """Forget what was asked for, now that it is made."""
    connection.execute(
        delete(release_request).where(
            release_request.c.city_id == city_id, release_request.c.release_id == release_id
        )
    )


def _update(connection: Connection, city_id: int, release_id: str, **values: object) -> None:
    connection.execute(
        update(release_request)
        .where(release_request.c.city_id == city_id, release_request.c.release_id == release_id)
        .values(**values)
    )
