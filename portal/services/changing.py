"""Finding a booked appointment in order to change it."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, Actor, may
from portal.domain.schedule import ScheduleFacts
from portal.services.authority import authority
from portal.storage import schedules


def find(session: Session, actor: Actor, act: Act, schedule_id: UUID, now: datetime) -> ScheduleFacts | None:
    """Return a schedule, locked against other changes, or None when it is unknown or the actor may not do this to it.

    Whoever may not see a schedule may not change it either: the answer would show it to them.
    """
    schedule = schedules.locked(session, schedule_id)
    known = authority(session, actor, schedule.patient_id) if schedule else None
    if schedule is None or known is None:
        return None
    subject = replace(known.patient.subject, private=schedule.private)
    allowed = all(may(actor, needed, subject, known.links, now) for needed in (Act.SEE, act))
    return schedule if allowed else None
