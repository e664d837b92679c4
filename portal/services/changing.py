"""Finding a booked appointment in order to change it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, Actor, may
from portal.domain.schedule import ScheduleFacts
from portal.storage import patients, schedules


def find(session: Session, actor: Actor, act: Act, schedule_id: UUID, now: datetime) -> ScheduleFacts | None:
    """Return a schedule, locked against other changes, or None when it is unknown or the actor may not do this to it.

    Whoever may not see a schedule may not change it either: the answer would show it to them.
    """
    schedule = schedules.locked(session, schedule_id)
    patient = patients.patient(session, schedule.patient_id) if schedule else None
    if schedule is None or patient is None:
        return None
    links = patients.links(session, actor.user_id)
    allowed = all(may(actor, needed, patient.subject, links, now) for needed in (Act.SEE, act))
    return schedule if allowed else None
