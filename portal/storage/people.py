"""Tables of people: who signs in, who is cared for, who may act for whom, and the proofs they carry."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String
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
    """A person who signs in; `patient_id` is their own patient record, if they have one."""

    __tablename__ = "user"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), index=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    password_hash: Mapped[str] = mapped_column(String(200))
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="en")
    active: Mapped[bool] = mapped_column(default=True)


class GuardianLink(Base):
    """A user's authority over a patient; `scopes` are names of `domain.guardianship.Act`, joined by blanks."""

    __tablename__ = "guardian_link"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'active', 'suspended', 'ended', 'refused')", name="state"),
        CheckConstraint("ends_at IS NULL OR starts_at < ends_at", name="span"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    relationship: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[str] = mapped_column(String(120))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class UserSession(Base):
    """One signed-in browser. The cookie carries the token; this row, found by the token's hash, decides."""

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    device: Mapped[str] = mapped_column(String(200))


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
