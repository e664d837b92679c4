"""Finding a booked appointment in order to change it."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.guardianship import Act, Actor, link_for, may
from portal.domain.schedule import ScheduleFacts, Status
from portal.services import openings
from portal.services.audit import Done
from portal.services.authority import authority
from portal.storage import occupancy, schedules


@dataclass(frozen=True, slots=True)
class Found:
    """A schedule, locked, and the link by which somebody may change it, None for whoever may without one."""

    schedule: ScheduleFacts
    link_id: UUID | None

    def done(self, deed: Deed, detail: str = "") -> Done:
        """Return what is written down when this is done to it."""
        return Done(self.schedule.patient_id, deed, self.schedule.id, self.link_id, self.schedule.private, detail)


def find(session: Session, actor: Actor, act: Act, schedule_id: UUID, now: datetime) -> Found | None:
    """Return a schedule, locked against other changes, or None when it is unknown or the actor may not do this to it.

    Whoever may not see a schedule may not change it either: the answer would show it to them.
    """
    schedule = schedules.locked(session, schedule_id)
    known = authority(session, actor, schedule.patient_id) if schedule else None
    if schedule is None or known is None:
        return None
    subject = replace(known.patient.subject, private=schedule.private)
    allowed = all(may(actor, needed, subject, known.links, now) for needed in (Act.SEE, act))
    if not allowed:
        return None
    link = link_for(actor, act, subject, known.links, now)
    return Found(schedule, link.id if link else None)


def held(session: Session, schedule: ScheduleFacts) -> dict[UUID, list[int]]:
    """Return the cells that a schedule holds of its provider and of its patient, ascending; a requested one holds those of both choices."""
    starts = [schedule.starts_at]
    if schedule.status == Status.REQUESTED and schedule.other_choice_at is not None:
        starts.append(schedule.other_choice_at)
    resources = (schedule.provider_id, schedule.patient_id)
    found = [occupancy.held_by(session, schedule.id, resources, openings.around(start)) for start in starts]
    return {resource: sorted({cell for part in found for cell in part[resource]}) for resource in resources}
