"""Named queries about who gets mail of a visit."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CompoundSelect, bindparam, or_, select, true, union, update
from sqlalchemy.orm import Session, aliased

from portal.domain.mail import Mentioned
from portal.domain.schedule import Status
from portal.storage.clinic import Account, Facility
from portal.storage.core import run
from portal.storage.people import GuardianLink, User
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule, ScheduleChange


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit as mail about it needs to know it; `time_zone` is its facility's, the quiet minutes are of the practice's day."""

    id: UUID
    account_id: UUID
    patient_id: UUID
    status: int
    starts_at: datetime
    private: bool
    sequence: int
    time_zone: str
    quiet_from: int
    quiet_until: int
    account_zone: str

    @property
    def mentioned(self) -> Mentioned:
        """The visit as mail names it."""
        return Mentioned(self.id, self.sequence)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may get mail: where to, in which language, and when they want to be reminded."""

    id: UUID
    patient_id: UUID | None
    email: str
    language: str
    password_hash: str
    reminder_hours: str


_VISIT = (
    Schedule.id,
    Schedule.account_id,
    Schedule.patient_id,
    Schedule.status,
    Schedule.starts_at,
    Schedule.private,
    Schedule.sequence,
    Facility.time_zone,
    Account.quiet_from_minute,
    Account.quiet_until_minute,
    Account.time_zone.label("account_zone"),
)
_READER = (User.id, User.patient_id, User.email, User.language, User.password_hash, User.reminder_hours)
_OWN = aliased(User)
_THIS = Schedule.id == bindparam("schedule_id")
_BY = ScheduleChange.schedule_id == bindparam("schedule_id")
# Ids, each found by an index: with alternatives instead PostgreSQL would read all users.
_CONCERNED: CompoundSelect[UUID | None] = union(
    select(Schedule.user_id).where(_THIS),
    select(ScheduleChange.changed_by).where(_BY, ScheduleChange.changed_by.is_not(None)),
    select(_OWN.id).join(Schedule, Schedule.patient_id == _OWN.patient_id).where(_THIS),
)
_OF_VISIT = Prepared(
    select(*_VISIT, *_READER)
    .select_from(Schedule)
    .join(Facility, Facility.id == Schedule.facility_id)
    .join(Account, Account.id == Schedule.account_id)
    .join(User, true())
    .where(_THIS, User.id.in_(_CONCERNED), User.active)
    .order_by(User.id)
)


_IS_THIS = User.id == bindparam("user_id")
_PATIENTS: CompoundSelect[UUID | None] = union(
    select(_OWN.patient_id).where(_OWN.id == bindparam("user_id"), _OWN.patient_id.is_not(None)),
    select(GuardianLink.patient_id).where(GuardianLink.user_id == bindparam("user_id")),
)
_CHANGED = select(ScheduleChange.schedule_id).where(ScheduleChange.schedule_id == Schedule.id, ScheduleChange.changed_by == User.id).exists()
_COMING = (
    select(*_VISIT, *_READER)
    .select_from(Schedule)
    .join(Facility, Facility.id == Schedule.facility_id)
    .join(Account, Account.id == Schedule.account_id)
    .join(User, true())
    .where(_IS_THIS, User.active, Schedule.patient_id.in_(_PATIENTS), Schedule.starts_at > bindparam("now"), Schedule.status == Status.BOOKED)
    .where(or_(Schedule.user_id == User.id, Schedule.patient_id == User.patient_id, _CHANGED))
    .order_by(Schedule.starts_at, Schedule.id)
)


def of_visit(session: Session, schedule_id: UUID) -> tuple[Visit, list[Reader]] | None:
    """Return a visit with the active users who booked it, have changed it or are its patient; None when there are none."""
    rows = _OF_VISIT.rows(session, {"schedule_id": schedule_id})
    return (Visit(*rows[0][: len(_VISIT)]), [Reader(*row[len(_VISIT) :]) for row in rows]) if rows else None


def reader(session: Session, user_id: UUID) -> Reader | None:
    """Return an active user as a reader of mail, or None."""
    row = run(session, select(*_READER).where(User.id == user_id, User.active)).one_or_none()
    return None if row is None else Reader(*row)


def coming(session: Session, user_id: UUID, now: datetime) -> list[tuple[Visit, Reader]]:
    """Return the booked visits ahead of which a user gets mail, for what `of_visit` names, soonest first."""
    rows = run(session, _COMING, {"user_id": user_id, "now": now})
    return [(Visit(*row[: len(_VISIT)]), Reader(*row[len(_VISIT) :])) for row in rows]


def reminder_hours(session: Session, user_id: UUID) -> str:
    """Return how many hours before a visit a user is reminded, as they are kept."""
    hours: str = run(session, select(User.reminder_hours).where(User.id == user_id)).scalar_one()
    return hours


def change_reminder_hours(session: Session, user_id: UUID, hours: str) -> bool:
    """Write how many hours before a visit a user is reminded; False when it was so before."""
    return run(session, update(User).where(User.id == user_id, User.reminder_hours != hours).values(reminder_hours=hours)).rowcount > 0
