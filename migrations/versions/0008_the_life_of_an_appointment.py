"""Times are held while a booking is made; schedules remember every change; people wait for earlier times; practices set more rules."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0008"
down_revision = "0007"
_WHEN = "expires_at IS NOT NULL"


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def occupancy(name: str, *more: sa.schema.SchemaItem, required: bool) -> None:
    """Make a table of cells; SQLite cannot change one in place, and nothing refers to it."""
    op.create_table(
        name,
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=not required),
        *more,
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_occupancy_schedule_id")),
        sa.PrimaryKeyConstraint("resource_id", "cell", name=op.f("pk_occupancy")),
        sqlite_with_rowid=False,
    )


def let_drafts_hold() -> None:
    if is_sqlite():
        occupancy(
            "occupancy_new",
            sa.Column("draft_id", sa.Uuid(), nullable=True),
            sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True),
            sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_occupancy_draft_id")),
            sa.CheckConstraint("(schedule_id IS NULL) <> (draft_id IS NULL)", name=op.f("ck_occupancy_one_holder")),
            sa.CheckConstraint("(draft_id IS NULL) = (expires_at IS NULL)", name=op.f("ck_occupancy_expiry")),
            required=False,
        )
        op.execute("INSERT INTO occupancy_new (resource_id, cell, schedule_id) SELECT resource_id, cell, schedule_id FROM occupancy")
        op.drop_table("occupancy")
        op.rename_table("occupancy_new", "occupancy")
    else:
        op.add_column("occupancy", sa.Column("draft_id", sa.Uuid(), nullable=True))
        op.add_column("occupancy", sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=True))
        op.alter_column("occupancy", "schedule_id", nullable=True)
        op.create_foreign_key(op.f("fk_occupancy_draft_id"), "occupancy", "draft", ["draft_id"], ["id"])
        op.create_check_constraint(op.f("ck_occupancy_one_holder"), "occupancy", "(schedule_id IS NULL) <> (draft_id IS NULL)")
        op.create_check_constraint(op.f("ck_occupancy_expiry"), "occupancy", "(draft_id IS NULL) = (expires_at IS NULL)")
    op.create_index(
        op.f("ix_occupancy_expires_at"), "occupancy", ["expires_at"], unique=False, sqlite_where=sa.text(_WHEN), postgresql_where=sa.text(_WHEN)
    )


def let_schedules_alone_hold() -> None:
    op.execute("DELETE FROM occupancy WHERE schedule_id IS NULL")
    op.drop_index(op.f("ix_occupancy_expires_at"), table_name="occupancy")
    if is_sqlite():
        occupancy("occupancy_old", required=True)
        op.execute("INSERT INTO occupancy_old (resource_id, cell, schedule_id) SELECT resource_id, cell, schedule_id FROM occupancy")
        op.drop_table("occupancy")
        op.rename_table("occupancy_old", "occupancy")
    else:
        op.alter_column("occupancy", "schedule_id", nullable=False)
        op.drop_column("occupancy", "expires_at")
        op.drop_column("occupancy", "draft_id")


def upgrade() -> None:
    op.create_table(
        "calendar_feed",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_calendar_feed_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_calendar_feed")),
    )
    op.create_index(op.f("ix_calendar_feed_user_id"), "calendar_feed", ["user_id"], unique=False)
    op.create_table(
        "schedule_change",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Uuid(), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=True),
        sa.ForeignKeyConstraint(["changed_by"], ["user.id"], name=op.f("fk_schedule_change_changed_by")),
        sa.ForeignKeyConstraint(["link_id"], ["guardian_link.id"], name=op.f("fk_schedule_change_link_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_change_schedule_id")),
        sa.PrimaryKeyConstraint("schedule_id", "number", name=op.f("pk_schedule_change")),
    )
    op.create_table(
        "waiting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("speciality_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("visit_option_id", sa.Uuid(), nullable=False),
        sa.Column("reason_ids", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.Column("private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'offered', 'done', 'left')", name=op.f("ck_waiting_state")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_waiting_patient_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_waiting_schedule_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_waiting_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waiting")),
    )
    op.create_index(op.f("ix_waiting_schedule_id"), "waiting", ["schedule_id"], unique=False)
    op.create_index(op.f("ix_waiting_user_id"), "waiting", ["user_id"], unique=False)
    op.create_index(op.f("ix_waiting_visit_option_id_state_created_at"), "waiting", ["visit_option_id", "state", "created_at"], unique=False)
    op.create_table(
        "companion",
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("visit_option_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=250), nullable=True),
        sa.Column("held_provider_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_companion_draft_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_companion_patient_id")),
        sa.PrimaryKeyConstraint("draft_id", "position", name=op.f("pk_companion")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("waiting_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("offered_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.CheckConstraint("state IN ('open', 'accepted', 'declined', 'passed')", name=op.f("ck_offer_state")),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_offer_draft_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_offer_provider_id")),
        sa.ForeignKeyConstraint(["waiting_id"], ["waiting.id"], name=op.f("fk_offer_waiting_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
    )
    op.create_index(op.f("ix_offer_draft_id"), "offer", ["draft_id"], unique=False)
    op.create_index(op.f("ix_offer_expires_at"), "offer", ["expires_at"], unique=False)
    op.create_index(
        "uq_offer_open", "offer", ["waiting_id"], unique=True, sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
    )
    op.add_column("account", sa.Column("hold_minutes", sa.Integer(), server_default="10", nullable=False))
    op.add_column("account", sa.Column("offer_minutes", sa.Integer(), server_default="120", nullable=False))
    op.add_column("account", sa.Column("quiet_from_minute", sa.Integer(), server_default="1260", nullable=False))
    op.add_column("account", sa.Column("quiet_until_minute", sa.Integer(), server_default="480", nullable=False))
    op.add_column("account", sa.Column("cancel_notice_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("account", sa.Column("move_notice_minutes", sa.Integer(), server_default="0", nullable=False))
    op.add_column("account", sa.Column("coming_visits_max", sa.Integer(), nullable=True))
    op.add_column("draft", sa.Column("held_until", types.UtcDateTime(timezone=True), nullable=True))
    op.execute(
        f"ALTER TABLE draft ADD COLUMN held_provider_id {'CHAR(32)' if is_sqlite() else 'UUID'} "
        "CONSTRAINT ck_draft_held CHECK ((held_until IS NULL) = (held_provider_id IS NULL))"
    )
    op.add_column("draft", sa.Column("is_offer", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.execute("ALTER TABLE draft ADD COLUMN repeated VARCHAR(8) CONSTRAINT ck_draft_repeated CHECK (repeated IN ('keep', 'replace'))")
    op.execute("ALTER TABLE draft ADD COLUMN arrangement VARCHAR(12) CONSTRAINT ck_draft_arrangement CHECK (arrangement IN ('in_turn', 'at_once'))")
    op.create_index(
        "uq_draft_holding",
        "draft",
        ["user_id"],
        unique=True,
        sqlite_where=sa.text("held_until IS NOT NULL AND NOT is_offer"),
        postgresql_where=sa.text("held_until IS NOT NULL AND NOT is_offer"),
    )
    op.add_column("schedule", sa.Column("sequence", sa.Integer(), server_default="0", nullable=False))
    op.add_column("schedule", sa.Column("group_id", sa.Uuid(), nullable=True))
    op.create_index(op.f("ix_schedule_group_id"), "schedule", ["group_id"], unique=False)
    op.add_column("user", sa.Column("reminder_hours", sa.String(length=40), server_default="24", nullable=False))
    op.add_column("visit_option", sa.Column("by_request", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("visit_option", sa.Column("age_from", sa.Integer(), nullable=True))
    op.add_column("visit_option", sa.Column("age_below", sa.Integer(), nullable=True))
    op.add_column("visit_option", sa.Column("known_patients", sa.Boolean(), nullable=True))
    op.add_column("visit_option", sa.Column("repeat_days", sa.Integer(), server_default="0", nullable=False))
    let_drafts_hold()


def downgrade() -> None:
    let_schedules_alone_hold()
    op.drop_column("visit_option", "repeat_days")
    op.drop_column("visit_option", "known_patients")
    op.drop_column("visit_option", "age_below")
    op.drop_column("visit_option", "age_from")
    op.drop_column("visit_option", "by_request")
    op.drop_column("user", "reminder_hours")
    op.drop_index(op.f("ix_schedule_group_id"), table_name="schedule")
    op.drop_column("schedule", "group_id")
    op.drop_column("schedule", "sequence")
    op.drop_index(
        "uq_draft_holding",
        table_name="draft",
        sqlite_where=sa.text("held_until IS NOT NULL AND NOT is_offer"),
        postgresql_where=sa.text("held_until IS NOT NULL AND NOT is_offer"),
    )
    op.drop_column("draft", "arrangement")
    op.drop_column("draft", "repeated")
    op.drop_column("draft", "is_offer")
    op.drop_column("draft", "held_provider_id")
    op.drop_column("draft", "held_until")
    op.drop_column("account", "coming_visits_max")
    op.drop_column("account", "move_notice_minutes")
    op.drop_column("account", "cancel_notice_minutes")
    op.drop_column("account", "quiet_until_minute")
    op.drop_column("account", "quiet_from_minute")
    op.drop_column("account", "offer_minutes")
    op.drop_column("account", "hold_minutes")
    op.drop_index("uq_offer_open", table_name="offer", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'"))
    op.drop_index(op.f("ix_offer_expires_at"), table_name="offer")
    op.drop_index(op.f("ix_offer_draft_id"), table_name="offer")
    op.drop_table("offer")
    op.drop_table("companion")
    op.drop_index(op.f("ix_waiting_visit_option_id_state_created_at"), table_name="waiting")
    op.drop_index(op.f("ix_waiting_user_id"), table_name="waiting")
    op.drop_index(op.f("ix_waiting_schedule_id"), table_name="waiting")
    op.drop_table("waiting")
    op.drop_table("schedule_change")
    op.drop_index(op.f("ix_calendar_feed_user_id"), table_name="calendar_feed")
    op.drop_table("calendar_feed")
