"""Tables of people: who signs in, who is cared for, who may act for whom, and the proofs they carry."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.base import Base


class Patient(Base):
    """The person receiving care."""

    __tablename__ = "patient"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    given_name: Mapped[str] = mapped_column(String(80))
    family_name: Mapped[str] = mapped_column(String(80))
    born_on: Mapped[date]
    time_zone: Mapped[str | None] = mapped_column(String(60))


class User(Base):
    """A person who signs in; `patient_id` is their own patient record, if they have one. `role` staff is whoever works for the practice."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("role IN ('person', 'staff')", name="role"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    password_hash: Mapped[str] = mapped_column(String(200))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    role: Mapped[str] = mapped_column(String(8), default="person", server_default="person")
    born_on: Mapped[date | None]
    reminder_hours: Mapped[str] = mapped_column(String(40), default="24", server_default="24")


class GuardianLink(Base):
    """A user's authority over a patient; `scopes` are names of `domain.guardianship.Act`, joined by blanks.

    `evidence` is what showed the authority, `checked_by` who saw it; `told_age` is the patient's age of which people were last told.
    """

    __tablename__ = "guardian_link"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'active', 'suspended', 'ended', 'refused')", name="state"),
        CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name="span"),
        CheckConstraint("basis IN ('parent', 'legal_guardian', 'court', 'consent')", name="basis"),
        # One living link between two people: a second request would be a second way to the same rights.
        Index(
            "uq_guardian_link_living",
            "user_id",
            "patient_id",
            unique=True,
            sqlite_where=text("state IN ('requested', 'active', 'suspended')"),
            postgresql_where=text("state IN ('requested', 'active', 'suspended')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    relationship: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    basis: Mapped[str] = mapped_column(String(16), default="parent", server_default="parent")
    agreed_at: Mapped[datetime | None]
    evidence: Mapped[str | None] = mapped_column(String(250))
    checked_by: Mapped[str | None] = mapped_column(String(120))
    checked_at: Mapped[datetime | None]
    told_age: Mapped[int | None]


class GuardianRequest(Base):
    """Somebody's request to act for a patient whom only the practice can find: it becomes a link (`link_id`), or is refused."""

    __tablename__ = "guardian_request"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'approved', 'refused')", name="state"),
        CheckConstraint("basis IN ('parent', 'legal_guardian', 'court', 'consent')", name="basis"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    name: Mapped[str] = mapped_column(String(160))
    born_on: Mapped[date]
    relationship: Mapped[str] = mapped_column(String(40))
    basis: Mapped[str] = mapped_column(String(16))
    evidence: Mapped[str] = mapped_column(String(250))
    requested_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(250))
    decided_by: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime | None]
    link_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian_link.id"))


class GuardianLinkChange(Base):
    """One change of a guardian link: from what to what, by whom and why. `changed_by` null is the practice, `name` who it was there."""

    __tablename__ = "guardian_link_change"

    link_id: Mapped[UUID] = mapped_column(ForeignKey("guardian_link.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    state_before: Mapped[str | None] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[str] = mapped_column(String(120))
    changed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(String(160))
    reason: Mapped[str] = mapped_column(String(250))


class UserSession(Base):
    """One signed-in browser. The cookie carries the token; this row, found by the token's hash, decides.

    `level` is 2 when a second factor was given too, `proved_at` when the person last proved who they are, `id` what lists call it.
    """

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(200))
    id: Mapped[UUID | None] = mapped_column(index=True, unique=True)
    level: Mapped[int] = mapped_column(default=1, server_default="1")
    proved_at: Mapped[datetime | None]
    address: Mapped[str] = mapped_column(String(64), default="", server_default="")


class ApiKey(Base):
    """A bearer key for the JSON call, bound to one user, or to the whole account when `user_id` is null."""

    __tablename__ = "api_key"

    id: Mapped[str] = mapped_column(String(8), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
