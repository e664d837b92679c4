"""Named queries about the history of schedules."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, insert, select
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.people import User
from portal.storage.prepared import Prepared
from portal.storage.schedule import ScheduleChange


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of a schedule with the name of its maker: None is the practice, for which then `name` says who it was."""

    number: int
    at: datetime
    change: str
    status: int
    starts_at: datetime
    changed_by: UUID | None
    link_id: UUID | None
    name: str
    reason: str | None
    user_name: str | None


_ADD = Prepared(insert(ScheduleChange))
_LAST = Prepared(select(func.coalesce(func.max(ScheduleChange.number), 0)).where(ScheduleChange.schedule_id == bindparam("schedule_id")))
_CHANGES: Select[*tuple[Any, ...]] = (
    select(
        ScheduleChange.number,
        ScheduleChange.at,
        ScheduleChange.change,
        ScheduleChange.status,
        ScheduleChange.starts_at,
        ScheduleChange.changed_by,
        ScheduleChange.link_id,
        ScheduleChange.name,
        ScheduleChange.reason,
        User.name,
    )
    .outerjoin(User, User.id == ScheduleChange.changed_by)
    .where(ScheduleChange.schedule_id == bindparam("schedule_id"))
    .order_by(ScheduleChange.number)
)


def add(session: Session, row: dict[str, Any]) -> None:
    """Write a row, given by column."""
    _ADD.write(session, row)


def last(session: Session, schedule_id: UUID) -> int:
    """Return the number of the last row of a schedule that the transaction has locked, 0 without one."""
    row = _LAST.one(session, {"schedule_id": schedule_id})
    return 0 if row is None else int(row[0])


def changes(session: Session, schedule_id: UUID) -> list[ChangeRow]:
    """Return the history of a schedule, oldest first."""
    return [ChangeRow(*row) for row in run(session, _CHANGES, {"schedule_id": schedule_id})]
