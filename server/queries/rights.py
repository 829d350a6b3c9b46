"""SQL of what web and worker may do: everything with rows, but to the log of events only add."""

from sqlalchemy import Connection, text

# What was made since the last time: a table of a later migration, or of the job queue's library.
_GRANT = text("""
DO $$ DECLARE made record; BEGIN
    FOR made IN
        SELECT oid::regclass AS name, CASE
            WHEN relkind = 'S' THEN 'USAGE'
            WHEN relname = 'alembic_version' THEN 'SELECT'
            WHEN relname = 'event' THEN 'SELECT, INSERT'
            ELSE 'SELECT, INSERT, UPDATE, DELETE' END AS rights, relkind
        FROM pg_class
        WHERE relkind IN ('r', 'S') AND pg_has_role(relowner, 'USAGE')
          AND relnamespace IN (to_regnamespace('public'), to_regnamespace('jobs'))
          AND NOT CASE relkind WHEN 'S' THEN has_sequence_privilege('safeaudit_tenant', oid, 'USAGE')
                               ELSE has_table_privilege('safeaudit_tenant', oid, 'SELECT') END
    LOOP
        EXECUTE format('GRANT %s ON %s %s TO safeaudit_tenant', made.rights,
                       CASE made.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, made.name);
    END LOOP;
    IF NOT has_schema_privilege('safeaudit_tenant', 'jobs', 'USAGE') THEN
        GRANT USAGE ON SCHEMA jobs TO safeaudit_tenant;
    END IF;
END $$
""")


def grant_rights(connection: Connection) -> None:
    """Leave TENANT_ROLE with its rights on every table of ours."""
    connection.execute(_GRANT)


def sees_all_cities(connection: Connection) -> bool:
    """Return whether raw rows of all cities are there for this connection."""
    mine = text(
        "SELECT pg_has_role('safeaudit_operator', 'USAGE') AND NOT EXISTS ("
        "SELECT FROM current_setting('safeaudit.city_id', true) AS named WHERE named <> '')"
    )
    return bool(connection.scalar(mine))
