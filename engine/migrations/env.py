"""Alembic's entry: runs migrations on the connection that `engine.migrate` hands over."""

from alembic import context

from engine.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=False)
context.run_migrations()
