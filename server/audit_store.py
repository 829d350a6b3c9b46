"""Two ways into the table of audits: on a connection, and together with whoever else sends at this moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol
from uuid import UUID

import psycopg
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from server.database import Database
from server.queries.arrivals import Inserted, Parcel, insert_audits
from server.queries.audits import Kept, list_versions

# Of one statement: what PostgreSQL keeps in some 20 ms, so that nobody waits long for others.
_MOST_ROWS = 1000


class AuditStore(Protocol):
    """Where audits are kept."""

    def insert(self, *, city_id: int, parcel: Parcel) -> Inserted | None:
        """Insert what is not there yet; None, and nothing, where the device is not as believed."""

    def list_versions(self, *, city_id: int, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Kept]]:
        """Return every stored version of these audits, oldest first."""


@dataclass(frozen=True)
class OnConnection:
    """Audits kept on a connection of the caller's, on disk when that commits."""

    connection: Connection

    def insert(self, *, city_id: int, parcel: Parcel) -> Inserted | None:
        """Insert a parcel."""
        [inserted] = insert_audits(self.connection, city_id=city_id, parcels=[parcel])
        return inserted

    def list_versions(self, *, city_id: int, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Kept]]:
        """Return every stored version of these audits, oldest first."""
        return list_versions(self.connection, city_id=city_id, ids=ids)


class GroupCommit:
    """Audits kept by one statement and one commit for all threads that come while the one before runs.

    Whoever comes first inserts at once and waits for nobody; under load a flush to disk and a round trip
    serve several requests (group commit: DeWitt et al., SIGMOD 1984). PostgreSQL gathers
    flushes too, but neither statements nor round trips.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Entry] = []
        self._gate = Lock()
        """Held to touch `_waiting`."""
        self._turn = Lock()
        """Held by the thread whose statement runs."""

    def insert(self, *, city_id: int, parcel: Parcel) -> Inserted | None:
        """Insert a parcel; on return it is on disk.

        Raises psycopg.Error or SQLAlchemyError where the store fails; then the parcel may be there or not.
        """
        own = _Entry(city_id, parcel)
        with self._gate:
            self._waiting.append(own)
        with self._turn:
            if not own.done:
                self._lead(own)
        return own.inserted

    def list_versions(self, *, city_id: int, ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Kept]]:
        """Return every stored version of these audits, oldest first."""
        with self._database.of(city_id).statements() as connection:
            return list_versions(connection, city_id=city_id, ids=ids)

    def _lead(self, own: "_Entry") -> None:
        """Insert an entry and those it can take along; where that fails, each goes alone in its own turn."""
        group = self._group_of(own)
        try:
            self._insert(group)
        except (psycopg.Error, SQLAlchemyError):
            if len(group) == 1:
                raise
            self._insert([own])

    def _insert(self, group: Sequence["_Entry"]) -> None:
        city_id, parcels = group[0].city_id, [entry.parcel for entry in group]
        with self._database.of(city_id).statements() as connection:
            results = insert_audits(connection, city_id=city_id, parcels=parcels)
        for entry, inserted in zip(group, results, strict=True):
            entry.inserted, entry.done = inserted, True

    def _group_of(self, own: "_Entry") -> list["_Entry"]:
        """Return an entry and those waiting that one statement can take with it; they wait no longer."""
        group, devices, ids = [own], {own.parcel.device_id}, set(own.parcel.ids)
        with self._gate:
            for entry in self._waiting:
                parcel = entry.parcel
                if (
                    entry.city_id == own.city_id
                    and len(ids) + len(parcel.ids) <= _MOST_ROWS
                    and parcel.device_id not in devices
                    and ids.isdisjoint(parcel.ids)
                ):
                    group.append(entry)
                    devices.add(parcel.device_id)
                    ids |= parcel.ids
            taken = set(map(id, group))
            self._waiting = [entry for entry in self._waiting if id(entry) not in taken]
        return group


class _Entry:
    """A parcel on its way, and what became of it."""

    __slots__ = ("city_id", "done", "inserted", "parcel")

    def __init__(self, city_id: int, parcel: Parcel) -> None:
        self.city_id = city_id
        self.parcel = parcel
        self.inserted: Inserted | None = None
        self.done = False
