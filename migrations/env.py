"""Alembic's entry: the schema as the models describe it, PostGIS's own tables left alone.

The connection is handed over by `server.services.migrate`; Alembic is not run by hand.
"""

from alembic import context
from geoalchemy2.alembic_helpers import include_object, render_item, writer

from server.models.registry import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=include_object,
    process_revision_directives=writer,
    render_item=render_item,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
