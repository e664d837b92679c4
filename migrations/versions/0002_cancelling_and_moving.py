"""Schedules remember why they were cancelled and where they were before a move."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0002"
down_revision = "0001"


# Column by column, not in a batch: SQLite would copy the table, which the cells that point to it forbid.
def upgrade() -> None:
    op.add_column("schedule", sa.Column("cancel_reason", sa.String(length=250), nullable=True))
    op.add_column("schedule", sa.Column("cancelled_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("schedule", sa.Column("old_starts_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("schedule", sa.Column("old_other_choice_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("schedule", sa.Column("old_form", sa.String(length=12), nullable=True))


def downgrade() -> None:
    op.drop_column("schedule", "old_form")
    op.drop_column("schedule", "old_other_choice_at")
    op.drop_column("schedule", "old_starts_at")
    op.drop_column("schedule", "cancelled_at")
    op.drop_column("schedule", "cancel_reason")
