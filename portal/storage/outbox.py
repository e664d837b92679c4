"""The table of mail that waits to be sent, and its queries."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, bindparam, delete, func, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.mail import Kind
from portal.domain.schedule import ScheduleView
from portal.storage.base import Base
from portal.storage.clinic import Account, Facility
from portal.storage.core import engine_of, run
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule

FAILURE_MAX = 250
SHOWN_MAX = 500
_NO_FACTS = "{}"
# By what PostgreSQL knows the turn of a sender.
_TURN = 7_302_115


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


def add_all(session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new mails, given by column."""
    _ADD.write_all(session, [{"tries": 0, "sent_at": None, "failure": None, **row} for row in rows])


_WAITING = (Mail.kind == Kind.REMINDER.value, Mail.sent_at.is_(None), Mail.try_at.is_not(None))
_FORGET = Prepared(delete(Mail).where(Mail.schedule_id == bindparam("schedule_id"), *_WAITING))


def forget_reminders(session: Session, schedule_id: UUID) -> None:
    """Take back the reminders of a visit that have not been sent."""
    _FORGET.write(session, {"schedule_id": schedule_id})


def forget_reminders_to(session: Session, user_id: UUID) -> None:
    """Take back the reminders to a user that have not been sent."""
    run(session, delete(Mail).where(Mail.user_id == user_id, *_WAITING))


@dataclass(frozen=True, slots=True)
class Practice:
    """Who a mail comes from, as it is told there."""

    name: str
    phone: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class DueMail:
    """A mail to be sent, as its row has it. `facts` is a JSON object; `try_at` is from when it was due.

    Mail about visits tells of `visits`, to a reader whose own patient record is `own_patient_id`; `also` are other rows that it stands for.
    """

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
    visits: tuple[ScheduleView, ...] = ()
    own_patient_id: UUID | None = None
    also: tuple[UUID, ...] = ()

    @property
    def rows(self) -> tuple[UUID, ...]:
        """All rows that are done with when this mail is."""
        return (self.id, *self.also)


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that has not been sent, and when and in which zone its visit begins."""

    id: UUID
    created_at: datetime
    facts: dict[str, str]
    try_at: datetime
    starts_at: datetime
    time_zone: str


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

    On PostgreSQL senders look one after another, which takes no time beside sending: what one mail takes with it no other may have
    in hand. A row that something else writes in this moment is passed over. On SQLite there is one writer at a time.
    """
    if engine_of(session).dialect.name == "postgresql":
        run(session, select(func.pg_advisory_xact_lock(_TURN)))
    oldest = select(Mail).where(Mail.try_at <= now).order_by(Mail.try_at, Mail.id).limit(1).with_for_update(skip_locked=True)
    row = run(session, oldest).one_or_none()
    if row is None:
        return None
    lease(session, [row.id], until)
    practice = run(session, select(Account.name, Account.phone, Account.time_zone).where(Account.id == row.account_id)).one()
    return DueMail(row.id, row.kind, row.to, row.language, row.facts, row.created_at, row.try_at, row.tries, Practice(*practice), row.user_id)


def lease(session: Session, mail_ids: Sequence[UUID], until: datetime) -> None:
    """Keep mails from others until an instant."""
    run(session, update(Mail).where(Mail.id.in_(mail_ids)).values(try_at=until))


def reminders(session: Session, user_id: UUID) -> list[Reminder]:
    """Return the reminders of a user that have not been sent, oldest first; those that are written or taken back in this moment are passed over."""
    columns = (Mail.id, Mail.created_at, Mail.facts, Mail.try_at, Schedule.starts_at, Facility.time_zone)
    wanted = (
        select(*columns)
        .join(Schedule, Schedule.id == Mail.schedule_id)
        .join(Facility, Facility.id == Schedule.facility_id)
        .where(Mail.user_id == user_id, *_WAITING)
        .order_by(Mail.created_at, Mail.id)
        .with_for_update(of=Mail, skip_locked=True)
    )
    return [Reminder(row[0], row[1], json.loads(row[2]), *row[3:]) for row in run(session, wanted)]


def withhold(session: Session, mail_ids: Sequence[UUID], why: str) -> None:
    """Record why mails are not sent, and forget what they told."""
    run(session, update(Mail).where(Mail.id.in_(mail_ids)).values(try_at=None, failure=why, facts=_NO_FACTS))


def record_sent(session: Session, mail: DueMail, now: datetime) -> None:
    """Record that a mail was sent, and forget what it told."""
    sent = {"sent_at": now, "try_at": None, "failure": None, "facts": _NO_FACTS, "tries": Mail.tries + 1}
    run(session, update(Mail).where(Mail.id.in_(mail.rows), Mail.sent_at.is_(None)).values(**sent))


def record_failed(session: Session, mail: DueMail, until: datetime, failure: str, try_at: datetime | None) -> None:
    """Record a try that failed, and when the next is, unless another sender has taken the mail since; without a next one forget what it told."""
    failed: dict[str, Any] = {"tries": mail.tries + 1, "failure": failure[:FAILURE_MAX], "try_at": try_at}
    if try_at is None:
        failed["facts"] = _NO_FACTS
    run(session, update(Mail).where(Mail.id.in_(mail.rows), Mail.try_at == until).values(**failed))


def entries(session: Session) -> list[MailEntry]:
    """Return the newest mails, the newest first."""
    columns = (Mail.id, Mail.kind, Mail.to, Mail.created_at, Mail.try_at, Mail.tries, Mail.sent_at, Mail.failure)
    return [MailEntry(*row) for row in run(session, select(*columns).order_by(Mail.created_at.desc(), Mail.id).limit(SHOWN_MAX))]
