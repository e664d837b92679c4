"""Tables of what proves something once or for a while: links in mail, codes of the practice, unfinished sign-ins, devices, failures."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from portal.storage.base import Base


class Proof(Base):
    """A link sent by mail, good once and for a short time. `facts` is a JSON object of what it is to bring about."""

    __tablename__ = "proof"
    __table_args__ = (CheckConstraint("kind IN ('sign_up', 'reset', 'email', 'proxy')", name="kind"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    facts: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class Invitation(Base):
    """A code that the practice hands to a patient (`role` self) or to somebody who cares for one (guardian); known by its digest."""

    __tablename__ = "invitation"
    __table_args__ = (CheckConstraint("role IN ('self', 'guardian')", name="role"),)

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), index=True)
    role: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(String(120))
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    spent_at: Mapped[datetime | None]
    spent_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class Challenge(Base):
    """A sign-in or a passkey ceremony that is not finished: it opens nothing by itself. `value` is what the other side has to sign."""

    __tablename__ = "challenge"
    __table_args__ = (CheckConstraint("kind IN ('second_step', 'passkey_sign_in', 'passkey_add')", name="kind"),)

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    spent_at: Mapped[datetime | None]


class Authenticator(Base):
    """A person's authenticator app. `last_step` is the newest time step whose code was used: no code counts twice."""

    __tablename__ = "authenticator"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)


class Passkey(Base):
    """A passkey: the public key of one of a person's devices or password managers."""

    __tablename__ = "passkey"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """One of a person's recovery codes, known by its digest and good once."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]


class KnownDevice(Base):
    """A browser in which somebody has signed in before: strangers who fail elsewhere do not lock it out."""

    __tablename__ = "known_device"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime]


class SignInTries(Base):
    """How often in a row signing in to an account, or from a known device, has failed, and when it may be tried again.

    `subject` is a digest, of an address that may belong to nobody.
    """

    __tablename__ = "sign_in_tries"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    failures: Mapped[int]
    tried_at: Mapped[datetime] = mapped_column(index=True)
    next_at: Mapped[datetime]
