"""Named queries about who gets mail of a visit."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from portal.storage.clinic import Account
from portal.storage.people import User
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who gets mail of a visit: where to and in which language, when they want to be reminded, and when the practice is quiet."""

    id: UUID
    patient_id: UUID | None
    email: str
    language: str
    password_hash: str
    reminder_hours: str
    quiet_from: int
    quiet_until: int
    time_zone: str


_BOOKER = select(Schedule.user_id).where(Schedule.id == bindparam("schedule_id")).scalar_subquery()
_READERS = Prepared(
    select(
        User.id,
        User.patient_id,
        User.email,
        User.language,
        User.password_hash,
        User.reminder_hours,
        Account.quiet_from_minute,
        Account.quiet_until_minute,
        Account.time_zone,
    )
    .join(Account, Account.id == User.account_id)
    .where(or_(User.id == bindparam("user_id"), User.patient_id == bindparam("patient_id"), User.id == _BOOKER), User.active)
    .order_by(User.id)
)


def of_visit(session: Session, schedule_id: UUID, patient_id: UUID, user_id: UUID) -> list[Reader]:
    """Return the active users who booked a visit, are its patient, or are `user_id`."""
    values = {"schedule_id": schedule_id, "patient_id": patient_id, "user_id": user_id}
    return [Reader(*row) for row in _READERS.rows(session, values)]
