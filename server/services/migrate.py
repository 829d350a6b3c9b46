"""Bring the store to the schema this program was written for."""

import time
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

import migrations
from server.database import Database
from server.errors import Conflict, Unavailable
from server.queries.jobs import prepare_job_tables
from server.queries.rights import grant_rights

# Any number: whoever migrates takes this lock, so that web and worker may start together.
_LOCK = 7_208_111
# Who comes after a migration that waits for a table waits behind it.
LOCK_WAIT_S = 3
TRIES = 5


def migrate(database: Database) -> tuple[str | None, str]:
    """Return (revision before, revision after); all or nothing, and only one at a time.

    Raises Conflict where the store is of a newer program than this one, Unavailable where its tables are too
    busy to be changed: whoever writes meanwhile waits no longer for that than the migration itself does.
    """
    for _ in range(TRIES):
        try:
            return _migrate(database)
        except OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
                raise
        time.sleep(1)
    raise Unavailable("the tables are too busy to be changed; nothing was: migrate again")


def _migrate(database: Database) -> tuple[str | None, str]:
    with database.transaction() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_WAIT_S * 1000:.0f}ms'"))
        before = revision(connection)
        if before is not None:
            require_known(before)
        command.upgrade(_config(connection), "head")
        prepare_job_tables(connection)
        grant_rights(connection)
        return before, head()


def revision(connection: Connection) -> str | None:
    """Return the schema revision of the store, None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the schema revision this program was written for."""
    return str(ScriptDirectory(str(_scripts())).get_current_head())


def known() -> frozenset[str]:
    """Return every schema revision that this program can bring to its own, that one included."""
    return frozenset(script.revision for script in ScriptDirectory(str(_scripts())).walk_revisions())


def require_known(schema: str) -> None:
    """Return where this program can bring a schema to its own; Conflict where it is of a newer program."""
    if schema not in known():
        raise Conflict(
            f"the store has schema {schema}, newer than this program's {head()}; "
            "upgrade safeaudit, or restore a backup made before the upgrade"
        )


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> Path:
    return Path(str(migrations.__file__)).parent
