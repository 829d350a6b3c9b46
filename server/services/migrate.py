"""Bring the store to the schema this program was written for."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import migrations
from server.database import Database
from server.errors import Conflict
from server.queries.jobs import prepare_job_tables

# Any number: whoever migrates takes this lock, so that web and worker may start together.
_LOCK = 7_208_111


def migrate(database: Database) -> tuple[str | None, str]:
    """Return (revision before, revision after); all or nothing, and only one at a time.

    Raises Conflict where the store is of a newer program than this one.
    """
    with database.transaction() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        before = revision(connection)
        config = _config(connection)
        _refuse_newer(before, ScriptDirectory.from_config(config))
        command.upgrade(config, "head")
        prepare_job_tables(connection)
        return before, head()


def revision(connection: Connection) -> str | None:
    """Return the schema revision of the store, None where it is empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the schema revision this program was written for."""
    return str(ScriptDirectory(str(_scripts())).get_current_head())


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_scripts()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _scripts() -> Path:
    return Path(str(migrations.__file__)).parent


def _refuse_newer(current: str | None, scripts: ScriptDirectory) -> None:
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise Conflict(
            f"the store has schema {current}, newer than this program's {scripts.get_current_head()}; "
            "upgrade safeaudit, or restore a backup made before the upgrade"
        )
