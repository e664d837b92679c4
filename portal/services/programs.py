"""Whether a client program may act for a patient, read in the transaction in which it does."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act
from portal.domain.programs import Program
from portal.services.authority import authority


def may_book(session: Session, program: Program, patient_id: UUID, now: datetime, *, private: bool = False) -> bool:
    """Tell whether the program may book for a patient, or add to a visit that the patient keeps `private`; False too for an unknown patient."""
    known = authority(session, program.actor, patient_id)
    return known is not None and program.may(Act.BOOK, replace(known.patient.subject, private=private), known.links, now)
