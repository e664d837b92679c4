"""Guardianship is a governed record, and practices set its ages."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0006"
down_revision = "0005"


# A column with its own rule as SQL text: Alembic would add the rule apart, which SQLite does not know.
def upgrade() -> None:
    op.create_table(
        "guardian_link_change",
        sa.Column("link_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state_before", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=120), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.ForeignKeyConstraint(["changed_by"], ["user.id"], name=op.f("fk_guardian_link_change_changed_by")),
        sa.ForeignKeyConstraint(["link_id"], ["guardian_link.id"], name=op.f("fk_guardian_link_change_link_id")),
        sa.PrimaryKeyConstraint("link_id", "number", name=op.f("pk_guardian_link_change")),
    )
    op.create_table(
        "guardian_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("relationship", sa.String(length=40), nullable=False),
        sa.Column("basis", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.String(length=250), nullable=False),
        sa.Column("requested_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=True),
        sa.Column("decided_by", sa.String(length=120), nullable=True),
        sa.Column("decided_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("basis IN ('parent', 'legal_guardian', 'court', 'consent')", name=op.f("ck_guardian_request_basis")),
        sa.CheckConstraint("state IN ('requested', 'approved', 'refused')", name=op.f("ck_guardian_request_state")),
        sa.ForeignKeyConstraint(["link_id"], ["guardian_link.id"], name=op.f("fk_guardian_request_link_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_guardian_request_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_request")),
    )
    op.create_index(op.f("ix_guardian_request_user_id"), "guardian_request", ["user_id"], unique=False)
    op.execute(
        "ALTER TABLE account ADD COLUMN sign_up VARCHAR(10) DEFAULT 'invitation' NOT NULL "
        "CONSTRAINT ck_account_sign_up CHECK (sign_up IN ('open', 'invitation'))"
    )
    op.add_column("account", sa.Column("agreement_from", sa.Integer(), server_default="12", nullable=False))
    op.execute(
        "ALTER TABLE account ADD COLUMN ends_from INTEGER DEFAULT 18 NOT NULL "
        "CONSTRAINT ck_account_ages CHECK (0 < agreement_from AND agreement_from <= ends_from)"
    )
    op.add_column("draft", sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute(
        "ALTER TABLE guardian_link ADD COLUMN basis VARCHAR(16) DEFAULT 'parent' NOT NULL "
        "CONSTRAINT ck_guardian_link_basis CHECK (basis IN ('parent', 'legal_guardian', 'court', 'consent'))"
    )
    op.add_column("guardian_link", sa.Column("agreed_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("guardian_link", sa.Column("evidence", sa.String(length=250), nullable=True))
    op.add_column("guardian_link", sa.Column("checked_by", sa.String(length=120), nullable=True))
    op.add_column("guardian_link", sa.Column("checked_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("guardian_link", sa.Column("told_age", sa.Integer(), nullable=True))
    op.create_index(
        "uq_guardian_link_living",
        "guardian_link",
        ["user_id", "patient_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('requested', 'active', 'suspended')"),
        postgresql_where=sa.text("state IN ('requested', 'active', 'suspended')"),
    )
    op.add_column("schedule", sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    op.drop_column("schedule", "private")
    op.drop_index(
        "uq_guardian_link_living",
        table_name="guardian_link",
        sqlite_where=sa.text("state IN ('requested', 'active', 'suspended')"),
        postgresql_where=sa.text("state IN ('requested', 'active', 'suspended')"),
    )
    op.drop_column("guardian_link", "told_age")
    op.drop_column("guardian_link", "checked_at")
    op.drop_column("guardian_link", "checked_by")
    op.drop_column("guardian_link", "evidence")
    op.drop_column("guardian_link", "agreed_at")
    op.drop_column("guardian_link", "basis")
    op.drop_column("draft", "private")
    op.drop_column("account", "ends_from")
    op.drop_column("account", "agreement_from")
    op.drop_column("account", "sign_up")
    op.drop_index(op.f("ix_guardian_request_user_id"), table_name="guardian_request")
    op.drop_table("guardian_request")
    op.drop_table("guardian_link_change")
