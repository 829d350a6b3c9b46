"""First schema: cities, instruments, campaigns, devices, audits, runs, layers, reference data, keys."""

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The parent of an H3 cell by bit operations alone: the resolution sits in bits 52 to 55, and three
# bits per finer resolution are set to 7. NULL for a finer resolution than the cell's. Not STRICT, so that
# the planner can inline it. No extension is needed; tests hold it against h3 itself.
H3_PARENT = """
CREATE FUNCTION h3_parent(cell bigint, resolution integer) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN resolution BETWEEN 0 AND (cell >> 52) & 15 THEN
    (cell & ~(15::bigint << 52)) | (resolution::bigint << 52) | ((1::bigint << (3 * (15 - resolution))) - 1)
END
"""

# A role that reads published layers and nothing else (roles belong to the server, not the database).
LAYER_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'safeaudit_layers') THEN
        CREATE ROLE safeaudit_layers NOLOGIN;
    END IF;
    EXECUTE format('GRANT safeaudit_layers TO %I', current_user);
END $$
"""
LAYER_GRANTS = "GRANT SELECT ON city, city_boundary, run, cell_geometry, layer, layer_row TO safeaudit_layers"


def upgrade() -> None:
    op.create_table(
        "city",
        sa.Column("city_id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False, comment="IANA name; all calendar words are in it"),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("resolution", sa.SmallInteger(), nullable=False, comment="H3 resolution of the analysis"),
        sa.Column(
            "k",
            sa.SmallInteger(),
            nullable=False,
            comment="fewest counted auditors a public cell may rest on",
        ),
        sa.Column(
            "settings",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
            comment="controller, contact, support numbers, agencies, standard, photos",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'", name=op.f("ck_city_slug_form")),
        sa.CheckConstraint("k >= 5", name=op.f("ck_city_k_floor")),
        sa.CheckConstraint("resolution BETWEEN 6 AND 11", name=op.f("ck_city_resolution_range")),
        sa.PrimaryKeyConstraint("city_id", name=op.f("pk_city")),
        sa.UniqueConstraint("slug", name=op.f("uq_city_slug")),
    )
    op.create_table(
        "rate_bucket",
        sa.Column("bucket", sa.LargeBinary(), nullable=False, comment="keyed hash of what is limited"),
        sa.Column("tokens", sa.Float(precision=53), nullable=False),
        sa.Column("refilled_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_rate_bucket")),
        prefixes=["UNLOGGED"],
    )
    op.create_table(
        "api_key",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role IN ('planner', 'organiser', 'moderator', 'analyst', 'admin')",
            name=op.f("ck_api_key_role_known"),
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_api_key_city")),
        sa.PrimaryKeyConstraint("city_id", "key_id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("city_id", "token_hash", name=op.f("uq_api_key_city_id_token_hash")),
    )
    op.create_geospatial_table(
        "campaign",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column(
            "starts_at", sa.DateTime(timezone=True), nullable=False, comment="earlier audits are practice"
        ),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("headcount", sa.Integer(), nullable=True, comment="people expected"),
        sa.Column(
            "confirmed_headcount", sa.Integer(), nullable=True, comment="people the organiser says were there"
        ),
        sa.Column(
            "token_hash", sa.LargeBinary(), nullable=False, comment="SHA-256 of the token in the join link"
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "headcount > 0 AND confirmed_headcount > 0", name=op.f("ck_campaign_headcount_positive")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_campaign_time_order")),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_campaign_city")),
        sa.PrimaryKeyConstraint("city_id", "campaign_id", name=op.f("pk_campaign")),
        sa.UniqueConstraint("city_id", "token_hash", name=op.f("uq_campaign_city_id_token_hash")),
    )
    op.create_geospatial_table(
        "cell_geometry",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("resolution", sa.SmallInteger(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column(
            "geom_3857",
            Geometry(
                srid=3857,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_cell_geometry_city")),
        sa.PrimaryKeyConstraint("city_id", "cell", name=op.f("pk_cell_geometry")),
    )
    op.create_geospatial_index(
        "ix_cell_geometry_geom",
        "cell_geometry",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_index(
        "ix_cell_geometry_geom_3857",
        "cell_geometry",
        ["geom_3857"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "city_boundary",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "area",
            Geometry(
                geometry_type="MULTIPOLYGON",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_city_boundary_city")),
        sa.PrimaryKeyConstraint("city_id", name=op.f("pk_city_boundary")),
    )
    op.create_table(
        "event",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False, comment="operator, or key:<key_id>"),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_event_city")),
        sa.PrimaryKeyConstraint("city_id", "event_id", name=op.f("pk_event")),
    )
    op.create_table(
        "instrument",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "position",
            sa.SmallInteger(),
            nullable=False,
            comment="order in the city; the first is the default",
        ),
        sa.Column(
            "document",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="questions with their texts in every language",
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_instrument_city")),
        sa.PrimaryKeyConstraint("city_id", "instrument_id", "version", name=op.f("pk_instrument")),
    )
    op.create_table(
        "reference_set",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("licence", sa.Text(), nullable=True),
        sa.Column("attribution", sa.Text(), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "kind IN ('streets', 'population', 'incidents')", name=op.f("ck_reference_set_kind_known")
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_reference_set_city")),
        sa.PrimaryKeyConstraint("city_id", "kind", "name", name=op.f("pk_reference_set")),
    )
    op.create_table(
        "run",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False, comment="false for runs as of a day in the past"),
        sa.Column(
            "parameters",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="k, resolution, weights, software version",
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_run_city")),
        sa.PrimaryKeyConstraint("city_id", "run_id", name=op.f("pk_run")),
    )
    op.create_table(
        "device",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.UUID(), nullable=True),
        sa.Column(
            "token_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the token; an import's auditor has none",
        ),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("consent_version", sa.Text(), nullable=True),
        sa.Column("consent_lang", sa.Text(), nullable=True),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("origin IN ('phone', 'import')", name=op.f("ck_device_origin_known")),
        sa.ForeignKeyConstraint(
            ["city_id", "campaign_id"],
            ["campaign.city_id", "campaign.campaign_id"],
            name=op.f("fk_device_campaign"),
        ),
        sa.ForeignKeyConstraint(["city_id"], ["city.city_id"], name=op.f("fk_device_city")),
        sa.PrimaryKeyConstraint("city_id", "device_id", name=op.f("pk_device")),
        sa.UniqueConstraint("city_id", "token_hash", name=op.f("uq_device_city_id_token_hash")),
    )
    op.create_index(
        "ix_device_campaign",
        "device",
        ["city_id", "campaign_id"],
        unique=False,
        postgresql_where="campaign_id IS NOT NULL",
    )
    op.create_table(
        "layer",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "fields",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=False,
            comment="name, type and title of each property, in order",
        ),
        sa.Column("features", sa.Integer(), nullable=False),
        sa.CheckConstraint("audience IN ('public', 'planner')", name=op.f("ck_layer_audience_known")),
        sa.ForeignKeyConstraint(
            ["city_id", "run_id"],
            ["run.city_id", "run.run_id"],
            name=op.f("fk_layer_run"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "run_id", "instrument_id", "layer", name=op.f("pk_layer")),
    )
    op.create_geospatial_table(
        "reference_feature",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("feature_id", sa.Text(), nullable=False),
        sa.Column(
            "geom",
            Geometry(
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
                nullable=False,
            ),
            nullable=False,
        ),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["city_id", "kind", "name"],
            ["reference_set.city_id", "reference_set.kind", "reference_set.name"],
            name=op.f("fk_reference_feature_reference_set"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "kind", "name", "feature_id", name=op.f("pk_reference_feature")),
    )
    op.create_geospatial_index(
        "ix_reference_feature_geom",
        "reference_feature",
        ["geom"],
        unique=False,
        postgresql_using="gist",
        postgresql_ops={},
    )
    op.create_geospatial_table(
        "audit",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column(
            "version",
            sa.SmallInteger(),
            autoincrement=False,
            nullable=False,
            comment="1 is the first sending",
        ),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("state", sa.Text(), server_default="kept", nullable=False),
        sa.Column(
            "content_hash",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the parsed content; a tombstone has none",
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=True),
        sa.Column("instrument_version", sa.SmallInteger(), nullable=True),
        sa.Column(
            "location",
            Geometry(
                geometry_type="POINT",
                srid=4326,
                dimension=2,
                spatial_index=False,
                from_text="ST_GeomFromEWKT",
                name="geometry",
            ),
            nullable=True,
        ),
        sa.Column("accuracy_m", sa.REAL(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True, comment="H3 cell of resolution 11"),
        sa.Column("observed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("daypart", sa.SmallInteger(), nullable=True, comment="0 day, 1 night, 2 unknown"),
        sa.Column(
            "ratings",
            postgresql.ARRAY(sa.SmallInteger()),
            nullable=True,
            comment="in the instrument's order; -1 is no answer",
        ),
        sa.Column(
            "answers",
            postgresql.JSONB(astext_type=sa.Text()),
            nullable=True,
            comment="answers that are not ratings",
        ),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("mode", sa.Text(), nullable=True),
        sa.Column("used", sa.Boolean(), nullable=False, comment="false: kept out of analysis; flags say why"),
        sa.Column("flags", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.CheckConstraint(
            "mode IN ('walk', 'vehicle', 'photo', 'import')", name=op.f("ck_audit_mode_known")
        ),
        sa.CheckConstraint("state IN ('kept', 'withdrawn', 'erased')", name=op.f("ck_audit_state_known")),
        sa.CheckConstraint("daypart IN (0, 1, 2)", name=op.f("ck_audit_daypart_known")),
        sa.ForeignKeyConstraint(
            ["city_id", "device_id"], ["device.city_id", "device.device_id"], name=op.f("fk_audit_device")
        ),
        sa.PrimaryKeyConstraint("city_id", "audit_id", "version", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_device", "audit", ["city_id", "device_id", "received_at"], unique=False)
    op.create_index(
        "ix_audit_later", "audit", ["city_id", "audit_id"], unique=False, postgresql_where="version > 1"
    )
    op.create_geospatial_table(
        "layer_row",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("feature_id", sa.Text(), nullable=False),
        sa.Column("cell", sa.BigInteger(), nullable=True, comment="its polygon is in cell_geometry"),
        sa.Column(
            "geom",
            Geometry(
                srid=4326, dimension=2, spatial_index=False, from_text="ST_GeomFromEWKT", name="geometry"
            ),
            nullable=True,
            comment="where it is no cell",
        ),
        sa.Column("properties", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("(cell IS NULL) <> (geom IS NULL)", name=op.f("ck_layer_row_one_shape")),
        sa.ForeignKeyConstraint(
            ["city_id", "run_id", "instrument_id", "layer"],
            ["layer.city_id", "layer.run_id", "layer.instrument_id", "layer.layer"],
            name=op.f("fk_layer_row_layer"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "city_id", "run_id", "instrument_id", "layer", "feature_id", name=op.f("pk_layer_row")
        ),
    )
    op.create_geospatial_index(
        "ix_layer_row_geom", "layer_row", ["geom"], unique=False, postgresql_using="gist", postgresql_ops={}
    )
    op.create_table(
        "profile",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.UUID(), nullable=False),
        sa.Column("gender", sa.Text(), nullable=True),
        sa.Column("age_band", sa.Text(), nullable=True),
        sa.Column("disability", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "age_band IN ('under_18', '18_24', '25_39', '40_59', '60_plus')",
            name=op.f("ck_profile_age_band_known"),
        ),
        sa.CheckConstraint("disability IN ('yes', 'no')", name=op.f("ck_profile_disability_known")),
        sa.CheckConstraint("gender IN ('woman', 'man', 'other')", name=op.f("ck_profile_gender_known")),
        sa.ForeignKeyConstraint(
            ["city_id", "device_id"],
            ["device.city_id", "device.device_id"],
            name=op.f("fk_profile_device"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("city_id", "device_id", name=op.f("pk_profile")),
    )
    op.create_table(
        "admission",
        sa.Column("city_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("audit_id", sa.UUID(), nullable=False),
        sa.Column("version", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("instrument_id", sa.Text(), nullable=False),
        sa.Column(
            "cell", sa.BigInteger(), nullable=False, comment="H3 cell of the city's resolution at admission"
        ),
        sa.Column(
            "run_id",
            sa.BigInteger(),
            nullable=False,
            comment="the run that let this audit into public layers",
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "audit_id", "version"],
            ["audit.city_id", "audit.audit_id", "audit.version"],
            name=op.f("fk_admission_audit"),
        ),
        sa.ForeignKeyConstraint(
            ["city_id", "run_id"], ["run.city_id", "run.run_id"], name=op.f("fk_admission_run")
        ),
        sa.PrimaryKeyConstraint("city_id", "audit_id", "version", name=op.f("pk_admission")),
    )
    op.execute(H3_PARENT)
    op.execute(LAYER_ROLE)
    op.execute(LAYER_GRANTS)


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT EXISTS (SELECT FROM city)")):
        raise RuntimeError(
            "going below the first schema would drop every city and audit; "
            "drop the database yourself if that is meant"
        )
    op.execute("DROP FUNCTION h3_parent(bigint, integer)")
    op.drop_table("admission")
    op.drop_table("profile")
    op.drop_geospatial_index(
        "ix_layer_row_geom", table_name="layer_row", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("layer_row")
    op.drop_index("ix_audit_later", table_name="audit", postgresql_where="version > 1")
    op.drop_index("ix_audit_device", table_name="audit")
    op.drop_geospatial_table("audit")
    op.drop_geospatial_index(
        "ix_reference_feature_geom",
        table_name="reference_feature",
        postgresql_using="gist",
        column_name="geom",
    )
    op.drop_geospatial_table("reference_feature")
    op.drop_table("layer")
    op.drop_index("ix_device_campaign", table_name="device", postgresql_where="campaign_id IS NOT NULL")
    op.drop_table("device")
    op.drop_table("run")
    op.drop_table("reference_set")
    op.drop_table("instrument")
    op.drop_table("event")
    op.drop_geospatial_table("city_boundary")
    op.drop_geospatial_index(
        "ix_cell_geometry_geom_3857",
        table_name="cell_geometry",
        postgresql_using="gist",
        column_name="geom_3857",
    )
    op.drop_geospatial_index(
        "ix_cell_geometry_geom", table_name="cell_geometry", postgresql_using="gist", column_name="geom"
    )
    op.drop_geospatial_table("cell_geometry")
    op.drop_geospatial_table("campaign")
    op.drop_table("api_key")
    op.drop_table("rate_bucket")
    op.drop_table("city")
