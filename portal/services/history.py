"""Writing down each change of a schedule, in the transaction that makes it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Origin
from portal.domain.booking import storable
from portal.domain.guardianship import Actor
from portal.domain.schedule import Happened, Status
from portal.storage import history

FIRST = 1
NAME_MAX = 160


@dataclass(frozen=True, slots=True)
class Noted:
    """What happened to a schedule, and how it stands after it: its state and its start. `link_id` is the link by which somebody acted."""

    schedule_id: UUID
    happened: Happened
    status: Status
    starts_at: datetime
    link_id: UUID | None = None
    reason: str | None = None


def note(session: Session, by: Actor | Origin, noted: Noted, now: datetime) -> None:
    """Add a row to the history of a schedule that the transaction has made or locked. Flushes, never commits."""
    is_new = noted.happened in (Happened.BOOKED, Happened.REQUESTED)
    row = {
        "schedule_id": noted.schedule_id,
        "number": FIRST if is_new else history.last(session, noted.schedule_id) + 1,
        "at": now,
        "change": noted.happened.value,
        "status": int(noted.status),
        "starts_at": noted.starts_at,
        "changed_by": by.user_id if isinstance(by, Actor) else None,
        "link_id": noted.link_id,
        "name": storable((by.origin if isinstance(by, Actor) else by).name)[:NAME_MAX],
        "reason": noted.reason,
    }
    history.add(session, row)
