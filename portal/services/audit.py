"""Writing down who read or wrote a patient's data, in the transaction in which it happens."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import DETAIL_MAX, Deed, Entry, Origin, digest
from portal.domain.guardianship import Actor
from portal.storage import audit


@dataclass(frozen=True, slots=True)
class Done:
    """What was done about a patient: to which schedule, link or draft, by which link, and words that say more."""

    patient_id: UUID
    deed: Deed
    object_id: UUID | None = None
    link_id: UUID | None = None
    private: bool = False
    detail: str = ""


def record(session: Session, by: Actor | Origin, done: Done, now: datetime) -> None:
    """Add a row to the patient's chain, for a user or (an Origin alone) for the practice. The session must have begun as a writer.

    Locks the chain until the transaction ends. Flushes, never commits.
    """
    actor_id, origin = (by.user_id, by.origin) if isinstance(by, Actor) else (None, by)
    number, previous = audit.last(session, done.patient_id)
    entry = Entry(
        patient_id=done.patient_id,
        number=number + 1,
        at=now,
        actor_id=actor_id,
        link_id=done.link_id,
        deed=done.deed,
        object_id=done.object_id,
        private=done.private,
        detail=done.detail[:DETAIL_MAX],
        door=origin.door.value,
        address=origin.address,
        key_id=origin.key_id,
        name=origin.name,
    )
    audit.add(session, entry, digest(previous, entry))
