"""Runs the migrations on the connection it is given: in its caller's transaction, so that a failed one leaves nothing."""

from alembic import context

from portal.storage.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
    render_as_batch=True,
    user_module_prefix="types.",
)
context.run_migrations()
