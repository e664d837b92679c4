"""The query behind "Who has seen this": rows about a patient with the names of what they point to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, false, select
from sqlalchemy.orm import Session, aliased

from portal.storage.audit import Audit
from portal.storage.clinic import Facility
from portal.storage.core import run
from portal.storage.people import ApiKey, GuardianLink, User
from portal.storage.schedule import Schedule


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One row about a patient. What it points to may be gone or never have been: the names are None then.

    `key_user_id` None with a `key_id` is a key of the whole practice; `starts_at` and `time_zone` are the appointment's, if it is about one.
    """

    number: int
    at: datetime
    actor_id: UUID | None
    actor_name: str | None
    link_id: UUID | None
    deed: str
    detail: str
    door: str
    address: str
    key_id: str
    key_user_id: UUID | None
    name: str
    starts_at: datetime | None
    time_zone: str | None
    guardian_name: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: about a patient, or one schedule of theirs; `take` of those before one number, or after another, or the newest."""

    patient_id: UUID
    schedule_id: UUID | None
    take: int
    private: bool
    before: int | None = None
    after: int | None = None


_guardian = aliased(User)
_ROWS: Select[*tuple[Any, ...]] = (
    select(
        Audit.number,
        Audit.at,
        Audit.actor_id,
        User.name,
        Audit.link_id,
        Audit.deed,
        Audit.detail,
        Audit.door,
        Audit.address,
        Audit.key_id,
        ApiKey.user_id,
        Audit.name,
        Schedule.starts_at,
        Facility.time_zone,
        _guardian.name,
    )
    .outerjoin(User, User.id == Audit.actor_id)
    .outerjoin(ApiKey, ApiKey.id == Audit.key_id)
    .outerjoin(Schedule, Schedule.id == Audit.object_id)
    .outerjoin(Facility, Facility.id == Schedule.facility_id)
    .outerjoin(GuardianLink, GuardianLink.id == Audit.object_id)
    .outerjoin(_guardian, _guardian.id == GuardianLink.user_id)
)


def rows(session: Session, wanted: Wanted) -> list[SeenRow]:
    """Return the rows, newest first; those marked private only where `private` says so."""
    conditions: list[ColumnElement[bool]] = [Audit.patient_id == wanted.patient_id]
    if wanted.schedule_id is not None:
        conditions.append(Audit.object_id == wanted.schedule_id)
    if not wanted.private:
        conditions.append(Audit.private == false())
    if wanted.before is not None:
        conditions.append(Audit.number < wanted.before)
    if wanted.after is not None:
        conditions.append(Audit.number > wanted.after)
    order = Audit.number.asc() if wanted.after is not None else Audit.number.desc()
    found = [SeenRow(*row) for row in run(session, _ROWS.where(*conditions).order_by(order).limit(wanted.take))]
    return found[::-1] if wanted.after is not None else found
