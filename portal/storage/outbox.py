"""The table of mail that waits to be sent, and its queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.mail import Kind
from portal.domain.schedule import ScheduleView
from portal.storage import schedules
from portal.storage.base import Base
from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.prepared import Prepared

FAILURE_MAX = 250
SHOWN_MAX = 500
_NO_FACTS = "{}"


class Mail(Base):
    """One mail to one address, written in the transaction of what it tells of. `facts` is a JSON object; it is emptied when the mail is sent.

    It is tried at `try_at`, which is null once it was sent (`sent_at`) or given up.
    """

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))
    kind: Mapped[str] = mapped_column(String(32))
    to: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    facts: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"), index=True)
    failure: Mapped[str | None] = mapped_column(String(250))


_ADD = Prepared(insert(Mail).values({column.name: bindparam(column.name) for column in Mail.__table__.columns}))


def add(session: Session, mail: Mapping[str, Any]) -> None:
    """Write a new mail, given by column."""
    _ADD.write(session, {"tries": 0, "sent_at": None, "failure": None, "schedule_id": None, **mail})


_FORGET = Prepared(
    delete(Mail).where(
        Mail.schedule_id == bindparam("schedule_id"), Mail.kind == Kind.REMINDER.value, Mail.sent_at.is_(None), Mail.try_at.is_not(None)
    )
)


def forget_reminders(session: Session, schedule_id: UUID) -> None:
    """Take back the reminders of a visit that have not been sent."""
    _FORGET.write(session, {"schedule_id": schedule_id})


@dataclass(frozen=True, slots=True)
class Practice:
    """Who a mail comes from, as it is told there."""

    name: str
    phone: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail to be sent, as its row has it. `facts` is a JSON object; `try_at` is from when it was due."""

    id: UUID
    kind: str
    to: str
    language: str
    facts: str
    created_at: datetime
    try_at: datetime
    tries: int
    practice: Practice
    user_id: UUID | None = None
    visit: ScheduleView | None = None


@dataclass(frozen=True, slots=True)
class MailEntry:
    """A mail as lists show it."""

    id: UUID
    kind: str
    to: str
    created_at: datetime
    try_at: datetime | None
    tries: int
    sent_at: datetime | None
    failure: str | None


def is_any_due(session: Session, now: datetime) -> bool:
    """Tell whether a mail waits to be sent now."""
    return run(session, select(Mail.id).where(Mail.try_at <= now).limit(1)).first() is not None


def take_due(session: Session, now: datetime, until: datetime) -> DueMail | None:
    """Return the mail that has been due for longest, and keep it from others until an instant; None when none is due.

    On PostgreSQL a row that another sender takes in this moment is passed over; on SQLite there is one writer at a time.
    """
    oldest = select(Mail).where(Mail.try_at <= now).order_by(Mail.try_at, Mail.id).limit(1).with_for_update(skip_locked=True)
    row = run(session, oldest).one_or_none()
    if row is None:
        return None
    run(session, update(Mail).where(Mail.id == row.id).values(try_at=until))
    practice = run(session, select(Account.name, Account.phone, Account.time_zone).where(Account.id == row.account_id)).one()
    visit = None if row.schedule_id is None else schedules.view(session, row.schedule_id)
    return DueMail(row.id, row.kind, row.to, row.language, row.facts, row.created_at, row.try_at, row.tries, Practice(*practice), row.user_id, visit)


def record_sent(session: Session, mail_id: UUID, now: datetime) -> None:
    """Record that a mail was sent, and forget what it told."""
    sent = {"sent_at": now, "try_at": None, "failure": None, "facts": _NO_FACTS, "tries": Mail.tries + 1}
    run(session, update(Mail).where(Mail.id == mail_id, Mail.sent_at.is_(None)).values(**sent))


def record_failed(session: Session, mail: DueMail, until: datetime, failure: str, try_at: datetime | None) -> None:
    """Record a try that failed, and when the next is, unless another sender has taken the mail since; without a next one forget what it told."""
    failed: dict[str, Any] = {"tries": mail.tries + 1, "failure": failure[:FAILURE_MAX], "try_at": try_at}
    if try_at is None:
        failed["facts"] = _NO_FACTS
    run(session, update(Mail).where(Mail.id == mail.id, Mail.try_at == until).values(**failed))


def entries(session: Session) -> list[MailEntry]:
    """Return the newest mails, the newest first."""
    columns = (Mail.id, Mail.kind, Mail.to, Mail.created_at, Mail.try_at, Mail.tries, Mail.sent_at, Mail.failure)
    return [MailEntry(*row) for row in run(session, select(*columns).order_by(Mail.created_at.desc(), Mail.id).limit(SHOWN_MAX))]
