"""Row security: a connection sees raw rows of the city it names alone; the log of events is added to only.

Roles: `safeaudit_tenant` is who web and worker work as; it owns nothing, and without a city it sees no raw
row. `safeaudit_operator` is the owner's: where no city is named it sees all of them, as backups and the
operator's commands do. What each table grants is `server.queries.rights`, after every migration.
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# First those of a submission, in the order in which it takes them: else each might wait for the other.
RAW = (
    *("device", "profile", "audit", "admission", "attachment", "auditor_trust", "moderation_audit"),
    *("moderation_case", "photo", "released_audit", "submission"),
)
ROLES = """
DO $$ DECLARE name text; BEGIN
    FOREACH name IN ARRAY ARRAY['safeaudit_tenant', 'safeaudit_operator'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', name);
        END IF;
        IF NOT pg_has_role(current_user, name, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO %I', name, current_user);
        END IF;
    END LOOP;
END $$
"""
# In a subquery it is looked up once for each statement, not for each row.
NAMED = "(SELECT NULLIF(current_setting('safeaudit.city_id', true), '')::integer)"
# A table's owner alone may gather its statistics (PostgreSQL 17 has a right for it), and a run, whose rows
# came a moment ago, needs them.
STATISTICS = """
CREATE FUNCTION refresh_layer_statistics() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path FROM CURRENT AS $$ BEGIN ANALYZE layer_row, cell_geometry; END $$
"""


def upgrade() -> None:
    op.execute(ROLES)
    for table in RAW:
        op.execute(f"CREATE POLICY city_named ON {table} USING (city_id = {NAMED})")
        op.execute(f"CREATE POLICY all_cities ON {table} TO safeaudit_operator USING ({NAMED} IS NULL)")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    op.execute(STATISTICS)
    op.execute("REVOKE ALL ON FUNCTION refresh_layer_statistics() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION refresh_layer_statistics() TO safeaudit_tenant")


def downgrade() -> None:
    op.execute("DROP FUNCTION refresh_layer_statistics()")
    for table in RAW:
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY")
        op.execute(f"DROP POLICY all_cities ON {table}")
        op.execute(f"DROP POLICY city_named ON {table}")
