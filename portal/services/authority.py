"""What is needed to decide whether somebody may act for a patient, read in the transaction in which they do."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.guardianship import Actor, Link
from portal.storage import patients
from portal.storage.patients import PatientFacts


class Authority(NamedTuple):
    """A patient, and the links of whoever wants to act for them; for oneself there are none to ask for."""

    patient: PatientFacts
    links: list[Link]


def authority(session: Session, actor: Actor | None, patient_id: UUID) -> Authority | None:
    """Return what `guardianship.may` decides by, or None for an unknown patient; without an actor there are no links."""
    patient = patients.patient(session, patient_id)
    if patient is None:
        return None
    if actor is None or actor.own_patient_id == patient_id:
        return Authority(patient, [])
    return Authority(patient, patients.links(session, actor.user_id))
