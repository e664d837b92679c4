"""Whether a client program may act for a patient, read in the transaction in which it does."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.guardianship import Act, link_for
from portal.domain.programs import Program
from portal.domain.schedule import ScheduleFacts
from portal.services.audit import Done
from portal.services.authority import authority


@dataclass(frozen=True, slots=True)
class Right:
    """A program's right to act for a patient: by a guardian's link, or with `link_id` None without one."""

    link_id: UUID | None

    def done(self, deed: Deed, schedule: ScheduleFacts) -> Done:
        """Return what is written down when it is used."""
        return Done(schedule.patient_id, deed, schedule.id, self.link_id, schedule.private)


def right_to_book(session: Session, program: Program, patient_id: UUID, now: datetime, *, private: bool = False) -> Right | None:
    """Return by what right the program may book for a patient, or add to a booking, private or not; None too when there is no such patient."""
    known = authority(session, program.actor, patient_id)
    if known is None:
        return None
    subject = replace(known.patient.subject, private=private)
    if not program.may(Act.BOOK, subject, known.links, now):
        return None
    link = link_for(program.actor, Act.BOOK, subject, known.links, now) if program.actor else None
    return Right(link.id if link else None)
