"""Whether a client program may act for a patient, read in the transaction in which it does."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act
from portal.domain.programs import Program
from portal.storage import patients


def may_book(session: Session, program: Program, patient_id: UUID, now: datetime) -> bool:
    """Tell whether the program may book for a patient; False too when there is no such patient."""
    patient = patients.patient(session, patient_id)
    if patient is None:
        return False
    actor = program.actor
    links = [] if actor is None or actor.own_patient_id == patient_id else patients.links(session, actor.user_id)
    return program.may(Act.BOOK, patient.subject, links, now)
