"""When people are reminded of visits: at the times before one that each has chosen."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.guardianship import Actor
from portal.domain.reminders import chosen, written
from portal.services import audit, letters
from portal.services.audit import Done
from portal.storage import readers


def hours(session: Session, user_id: UUID) -> tuple[int, ...]:
    """Return how many hours before a visit a user is reminded, the longest first; none when they want no reminders."""
    return chosen(readers.reminder_hours(session, user_id))


def choose(session: Session, actor: Actor, wanted: Iterable[int], now: datetime) -> None:
    """Keep how many hours before a visit a person is reminded, and remind them so of what is booked already.

    The session must have begun as a writer. Flushes, never commits.
    """
    if not readers.change_reminder_hours(session, actor.user_id, written(wanted)):
        return
    letters.remind_anew(session, actor.user_id, now)
    if actor.own_patient_id is not None:
        audit.record(session, actor, Done(actor.own_patient_id, Deed.CHANGED_PERSON, detail="reminders"), now)
