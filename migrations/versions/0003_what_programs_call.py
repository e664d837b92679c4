"""What client programs call: how often, what was answered under an Idempotency-Key, and when a key was last used."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "call_count",
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_call_count")),
    )
    with op.batch_alter_table("call_count", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_call_count_ends_at"), ["ends_at"], unique=False)

    op.create_table(
        "repeat",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("request_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("media_type", sa.String(length=120), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_repeat")),
    )
    with op.batch_alter_table("repeat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_repeat_created_at"), ["created_at"], unique=False)

    op.add_column("api_key", sa.Column("last_used_at", types.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    # SQLite drops a column in place; a copied table would lose its rows' references on the way.
    op.drop_column("api_key", "last_used_at")
    with op.batch_alter_table("repeat", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repeat_created_at"))

    op.drop_table("repeat")
    with op.batch_alter_table("call_count", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_call_count_ends_at"))

    op.drop_table("call_count")
