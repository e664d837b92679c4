"""People sign in with more than a password, prove addresses by mail, and see where they are signed in."""

import sqlalchemy as sa
from alembic import op

from portal.storage import types

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "sign_in_tries",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("tried_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_tried_at"), "sign_in_tries", ["tried_at"], unique=False)
    op.create_table(
        "authenticator",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_authenticator_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_authenticator")),
    )
    op.create_table(
        "challenge",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("spent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('second_step', 'passkey_sign_in', 'passkey_add')", name=op.f("ck_challenge_kind")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_challenge_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_challenge")),
    )
    op.create_index(op.f("ix_challenge_expires_at"), "challenge", ["expires_at"], unique=False)
    op.create_index(op.f("ix_challenge_user_id"), "challenge", ["user_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("patient_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.String(length=120), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("spent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.Column("spent_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("role IN ('self', 'guardian')", name=op.f("ck_invitation_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_invitation_account_id")),
        sa.ForeignKeyConstraint(["patient_id"], ["patient.id"], name=op.f("fk_invitation_patient_id")),
        sa.ForeignKeyConstraint(["spent_by"], ["user.id"], name=op.f("fk_invitation_spent_by")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_invitation")),
    )
    op.create_index(op.f("ix_invitation_patient_id"), "invitation", ["patient_id"], unique=False)
    op.create_table(
        "known_device",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_known_device_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_known_device")),
    )
    op.create_index(op.f("ix_known_device_user_id"), "known_device", ["user_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("used_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_passkey_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_user_id"), "passkey", ["user_id"], unique=False)
    op.create_table(
        "proof",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("spent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('sign_up', 'reset', 'email', 'proxy')", name=op.f("ck_proof_kind")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_proof_account_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_proof_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_proof")),
    )
    op.create_index(op.f("ix_proof_expires_at"), "proof", ["expires_at"], unique=False)
    op.create_index(op.f("ix_proof_user_id"), "proof", ["user_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", types.UtcDateTime(timezone=True), nullable=False),
        sa.Column("spent_at", types.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id")),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"], unique=False)
    op.execute(
        "ALTER TABLE \"user\" ADD COLUMN role VARCHAR(8) DEFAULT 'person' NOT NULL CONSTRAINT ck_user_role CHECK (role IN ('person', 'staff'))"
    )
    op.add_column("user", sa.Column("born_on", sa.Date(), nullable=True))
    op.add_column("user_session", sa.Column("id", sa.Uuid(), nullable=True))
    op.add_column("user_session", sa.Column("level", sa.Integer(), server_default="1", nullable=False))
    op.add_column("user_session", sa.Column("proved_at", types.UtcDateTime(timezone=True), nullable=True))
    op.add_column("user_session", sa.Column("address", sa.String(length=64), server_default="", nullable=False))
    op.create_index(op.f("ix_user_session_id"), "user_session", ["id"], unique=True)


def downgrade() -> None:
    op.drop_index(op.f("ix_user_session_id"), table_name="user_session")
    op.drop_column("user_session", "address")
    op.drop_column("user_session", "proved_at")
    op.drop_column("user_session", "level")
    op.drop_column("user_session", "id")
    op.drop_column("user", "born_on")
    op.drop_column("user", "role")
    op.drop_index(op.f("ix_recovery_code_user_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    op.drop_index(op.f("ix_proof_user_id"), table_name="proof")
    op.drop_index(op.f("ix_proof_expires_at"), table_name="proof")
    op.drop_table("proof")
    op.drop_index(op.f("ix_passkey_user_id"), table_name="passkey")
    op.drop_table("passkey")
    op.drop_index(op.f("ix_known_device_user_id"), table_name="known_device")
    op.drop_table("known_device")
    op.drop_index(op.f("ix_invitation_patient_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_challenge_user_id"), table_name="challenge")
    op.drop_index(op.f("ix_challenge_expires_at"), table_name="challenge")
    op.drop_table("challenge")
    op.drop_table("authenticator")
    op.drop_index(op.f("ix_sign_in_tries_tried_at"), table_name="sign_in_tries")
    op.drop_table("sign_in_tries")
