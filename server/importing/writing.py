"""Records into the store, a chunk in a transaction."""

from server.database import Database
from server.importing.records import Records
from server.queries.imports import (
    Stored,
    drop_unused_devices,
    insert_import_devices,
    insert_new,
    merge,
    put_profiles,
    stage,
)


class Writer:
    """Writes the chunks of one import; where the last one was all new, it takes the next to be so too."""

    def __init__(self, database: Database, *, city_id: int, dry_run: bool) -> None:
        self._database = database
        self._city_id = city_id
        self._dry_run = dry_run
        self._expects_new = True

    def write(self, records: Records) -> Stored:
        """Return what became of the records, committed unless this is a dry run."""
        if not len(records):
            return Stored(accepted=0, updated=0, taken=frozenset())
        city_id, devices = self._city_id, set(records.devices)
        lines = "\n".join(records.lines) + "\n"
        with self._database.transaction() as connection:
            savepoint = connection.begin_nested()
            insert_import_devices(connection, city_id=city_id, ids=devices)
            stage(connection, lines)
            if self._expects_new and insert_new(connection):
                stored = Stored(accepted=len(records), updated=0, taken=frozenset())
            else:
                stored = merge(connection, count=len(records))
                drop_unused_devices(connection, city_id=city_id, ids=devices)
            put_profiles(connection, city_id=city_id, said=records.profiles)
            if self._dry_run:
                savepoint.rollback()
        self._expects_new = stored.accepted == len(records)
        return stored
