"""The first schema."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("help_hours", sa.String(length=120), nullable=False),
        sa.Column("emergency", sa.String(length=120), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("key", name=op.f("uq_account_key")),
    )
    op.create_table(
        "encounter_type",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("default_visit_option_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_encounter_type_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_encounter_type")),
    )
    with op.batch_alter_table("encounter_type", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_encounter_type_account_id"), ["account_id"], unique=False)

    op.create_table(
        "facility",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=250), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_facility_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facility")),
    )
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_facility_account_id"), ["account_id"], unique=False)

    op.create_table(
        "patient",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("given_name", sa.String(length=80), nullable=False),
        sa.Column("family_name", sa.String(length=80), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_patient_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patient")),
    )
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patient_account_id"), ["account_id"], unique=False)

    op.create_table(
        "reason",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_reason_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reason")),
        sa.UniqueConstraint("account_id", "code", name=op.f("uq_reason_account_id_code")),
    )
    op.create_table(
        "speciality",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_speciality_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speciality")),
    )
    with op.batch_alter_table("speciality", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_speciality_account_id"), ["account_id"], unique=False)

    op.create_table(
        "provider",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("default_visit_option_id", sa.Uuid(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_provider_account_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_provider_facility_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
    )
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_provider_account_id"), ["account_id"], unique=False)

    op.create_table(
        "user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_user_account_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_user_patient_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("email", name=op.f("uq_user_email")),
        sa.UniqueConstraint("patient_id", name=op.f("uq_user_patient_id")),
    )
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_account_id"), ["account_id"], unique=False)

    op.create_table(
        "visit_option",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("encounter_type_id", sa.Uuid(), nullable=False),
        sa.Column("mode", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("fee", types.ExactDecimal(), nullable=False),
        sa.Column("notice_minutes", sa.Integer(), nullable=False),
        sa.Column("horizon_days", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("grid_minutes", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name=op.f("ck_visit_option_buffers")),
        sa.CheckConstraint("grid_minutes > 0 AND grid_minutes % 5 = 0", name=op.f("ck_visit_option_grid_minutes")),
        sa.CheckConstraint("minutes > 0 AND minutes % 5 = 0", name=op.f("ck_visit_option_minutes")),
        sa.CheckConstraint("mode IN (1, 2, 3)", name=op.f("ck_visit_option_mode")),
        sa.CheckConstraint("notice_minutes >= 0 AND horizon_days >= 0", name=op.f("ck_visit_option_notice_and_horizon")),
        sa.ForeignKeyConstraint(["encounter_type_id"], ["encounter_type.id"], name=op.f("fk_visit_option_encounter_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_option")),
    )
    with op.batch_alter_table("visit_option", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_visit_option_encounter_type_id"), ["encounter_type_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("id", sa.String(length=8), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_key_account_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_api_key_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_key_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_key_user_id"), ["user_id"], unique=False)

    op.create_table(
        "guardian_link",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("relationship", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("scopes", sa.String(length=120), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('requested', 'active', 'suspended', 'ended', 'refused')", name=op.f("ck_guardian_link_state")),
        sa.CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name=op.f("ck_guardian_link_span")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_guardian_link_patient_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_guardian_link_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guardian_link")),
    )
    with op.batch_alter_table("guardian_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guardian_link_patient_id"), ["patient_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guardian_link_user_id"), ["user_id"], unique=False)

    op.create_table(
        "provider_speciality",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("speciality_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_provider_speciality_provider_id")),
        sa.ForeignKeyConstraint(["speciality_id"], ["speciality.id"], name=op.f("fk_provider_speciality_speciality_id")),
        sa.PrimaryKeyConstraint("provider_id", "speciality_id", name=op.f("pk_provider_speciality")),
    )
    op.create_table(
        "time_off",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("starts_wall", sa.DateTime(), nullable=False),
        sa.Column("ends_wall", sa.DateTime(), nullable=False),
        sa.CheckConstraint("starts_wall < ends_wall", name=op.f("ck_time_off_span")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_time_off_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", "starts_wall", name=op.f("pk_time_off")),
    )
    op.create_table(
        "user_session",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_user_session_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_user_session")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_user_id"), ["user_id"], unique=False)

    op.create_table(
        "visit_option_provider",
        sa.Column("visit_option_id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_visit_option_provider_provider_id")),
        sa.ForeignKeyConstraint(["visit_option_id"], ["visit_option.id"], name=op.f("fk_visit_option_provider_visit_option_id")),
        sa.PrimaryKeyConstraint("visit_option_id", "provider_id", name=op.f("pk_visit_option_provider")),
    )
    op.create_table(
        "working_hours",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens_minute % 5 = 0 AND closes_minute % 5 = 0", name=op.f("ck_working_hours_cells")),
        sa.CheckConstraint("opens_minute >= 0 AND opens_minute < closes_minute AND closes_minute <= 1440", name=op.f("ck_working_hours_span")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_working_hours_weekday")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_working_hours_provider_id")),
        sa.PrimaryKeyConstraint("provider_id", "weekday", "opens_minute", name=op.f("pk_working_hours")),
    )
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.String(length=8), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_link_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("facility_id", sa.Uuid(), nullable=False),
        sa.Column("speciality_id", sa.Uuid(), nullable=False),
        sa.Column("visit_option_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("other_choice_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("first_choice_given", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=False),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("paid_amount", types.ExactDecimal(), nullable=False),
        sa.Column("paid_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("referred_parent_id", sa.Uuid(), nullable=True),
        sa.Column("service_id", sa.Uuid(), nullable=True),
        sa.Column("method_id", sa.Integer(), nullable=True),
        sa.Column("is_custom_form_flow", sa.String(), nullable=True),
        sa.Column("doc_ids", sa.String(), nullable=True),
        sa.Column("first_choice_form", sa.String(length=12), nullable=False),
        sa.Column("second_choice_form", sa.String(length=12), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("modified_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("modified_by", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_schedule_span")),
        sa.CheckConstraint("status BETWEEN 1 AND 7", name=op.f("ck_schedule_status")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_schedule_account_id")),
        sa.ForeignKeyConstraint(["facility_id"], ["facility.id"], name=op.f("fk_schedule_facility_id")),
        sa.ForeignKeyConstraint(["guardian_link_id"], ["guardian_link.id"], name=op.f("fk_schedule_guardian_link_id")),
        sa.ForeignKeyConstraint(["modified_by"], ["user.id"], name=op.f("fk_schedule_modified_by")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_schedule_patient_id")),
        sa.ForeignKeyConstraint(["provider_id"], ["provider.id"], name=op.f("fk_schedule_provider_id")),
        sa.ForeignKeyConstraint(["speciality_id"], ["speciality.id"], name=op.f("fk_schedule_speciality_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_schedule_user_id")),
        sa.ForeignKeyConstraint(["visit_option_id"], ["visit_option.id"], name=op.f("fk_schedule_visit_option_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
        sa.UniqueConstraint("account_id", "reference", name=op.f("uq_schedule_account_id_reference")),
    )
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_schedule_fingerprint"), ["fingerprint"], unique=False)
        batch_op.create_index(batch_op.f("ix_schedule_patient_id_starts_at"), ["patient_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_schedule_provider_id_starts_at"), ["provider_id", "starts_at"], unique=False)

    op.create_table(
        "draft",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("speciality_id", sa.Uuid(), nullable=True),
        sa.Column("facility_id", sa.Uuid(), nullable=True),
        sa.Column("provider_id", sa.Uuid(), nullable=True),
        sa.Column("visit_option_id", sa.Uuid(), nullable=True),
        sa.Column("reason_ids", sa.String(), nullable=False),
        sa.Column("reason", sa.String(length=250), nullable=True),
        sa.Column("note", sa.String(length=1000), nullable=True),
        sa.Column("first_choice_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("second_choice_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("schedule_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_draft_patient_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_draft_schedule_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
    )
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_user_id"), ["user_id"], unique=False)

    op.create_table(
        "occupancy",
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("cell", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_occupancy_schedule_id")),
        sa.PrimaryKeyConstraint("resource_id", "cell", name=op.f("pk_occupancy")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "schedule_reason",
        sa.Column("schedule_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reason_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["reason_id"], ["reason.id"], name=op.f("fk_schedule_reason_reason_id")),
        sa.ForeignKeyConstraint(["schedule_id"], ["schedule.id"], name=op.f("fk_schedule_reason_schedule_id")),
        sa.PrimaryKeyConstraint("schedule_id", "position", name=op.f("pk_schedule_reason")),
    )


def downgrade() -> None:
    op.drop_table("schedule_reason")
    op.drop_table("occupancy")
    with op.batch_alter_table("draft", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_user_id"))

    op.drop_table("draft")
    with op.batch_alter_table("schedule", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_schedule_provider_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_schedule_patient_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_schedule_fingerprint"))

    op.drop_table("schedule")
    op.drop_table("working_hours")
    op.drop_table("visit_option_provider")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_user_id"))

    op.drop_table("user_session")
    op.drop_table("time_off")
    op.drop_table("provider_speciality")
    with op.batch_alter_table("guardian_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guardian_link_user_id"))
        batch_op.drop_index(batch_op.f("ix_guardian_link_patient_id"))

    op.drop_table("guardian_link")
    with op.batch_alter_table("api_key", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_key_user_id"))
        batch_op.drop_index(batch_op.f("ix_api_key_account_id"))

    op.drop_table("api_key")
    with op.batch_alter_table("visit_option", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_visit_option_encounter_type_id"))

    op.drop_table("visit_option")
    with op.batch_alter_table("user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_account_id"))

    op.drop_table("user")
    with op.batch_alter_table("provider", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_provider_account_id"))

    op.drop_table("provider")
    with op.batch_alter_table("speciality", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_speciality_account_id"))

    op.drop_table("speciality")
    op.drop_table("reason")
    with op.batch_alter_table("patient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patient_account_id"))

    op.drop_table("patient")
    with op.batch_alter_table("facility", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_facility_account_id"))

    op.drop_table("facility")
    with op.batch_alter_table("encounter_type", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_encounter_type_account_id"))

    op.drop_table("encounter_type")
    op.drop_table("account")
