"""Answers to forms and reports of payments, kept with their schedules."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "form_response",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("custom_form_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("status_id", sa.Integer(), nullable=True),
        sa.Column("encounter_id", sa.Uuid(), nullable=True),
        sa.Column("encounter_type_id", sa.Uuid(), nullable=True),
        sa.Column("module_id", sa.Integer(), nullable=False),
        sa.Column("module_name", sa.String(), nullable=True),
        sa.Column("record_type_id", sa.Integer(), nullable=False),
        sa.Column("area_id", sa.Integer(), nullable=False),
        sa.Column("modified_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("modified_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["modified_by"], ["user.id"], name=op.f("fk_form_response_modified_by")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_form_response_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_response")),
        sa.UniqueConstraint("schedule_id", "custom_form_id", name=op.f("uq_form_response_schedule_id_custom_form_id")),
    )
    op.create_table(
        "form_response_answer",
        sa.Column("form_response_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(), nullable=True),
        sa.Column("is_multi_entry", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["form_response_id"], ["form_response.id"], name=op.f("fk_form_response_answer_form_response_id")),
        sa.PrimaryKeyConstraint("form_response_id", "position", name=op.f("pk_form_response_answer")),
    )
    op.create_table(
        "payment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.Uuid(), nullable=True),
        sa.Column("transaction_no", sa.String(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("amount", types.ExactDecimal(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("payment_status", sa.String(), nullable=True),
        sa.Column("pay_method", sa.String(), nullable=True),
        sa.Column("last_digits", sa.String(length=4), nullable=True),
        sa.Column("discount_id", sa.Uuid(), nullable=True),
        sa.Column("discount_amount", types.ExactDecimal(), nullable=True),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("plan_id", sa.Uuid(), nullable=True),
        sa.Column("next_bill_on", sa.Date(), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=True),
        sa.Column("total_bill_cycle", sa.Integer(), nullable=True),
        sa.Column("current_bill_cycle", sa.Integer(), nullable=True),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("reported_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("reported_by", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["reported_by"], ["user.id"], name=op.f("fk_payment_reported_by")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_payment_schedule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
    )
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_schedule_id"), ["schedule_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("payment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_schedule_id"))

    op.drop_table("payment")
    op.drop_table("form_response_answer")
    op.drop_table("form_response")
