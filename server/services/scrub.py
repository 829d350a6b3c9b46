"""Take from the database's files what was taken from its tables."""

from server.database import Database

_TABLES = "audit, submission, attachment, photo, profile, campaign_debrief"
_LOCK_WAIT_S = 10


def scrub(database: Database) -> None:
    """Write anew the files of all tables that held what people took back; nobody writes to them meanwhile.

    An emptied row leaves its old version in its page, and plain VACUUM frees that space without clearing it
    (PostgreSQL 15 manual, 25.1.2); VACUUM FULL copies what lives and deletes the old files. Waits ten seconds
    for the tables at most, then fails, so that submissions do not queue up behind it. The write-ahead log
    follows as `server.cluster.embedded.SHORT_LOG` says; backups keep what they hold.
    """
    with database.statements() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_WAIT_S}s'")
        try:
            connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {_TABLES}")
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
