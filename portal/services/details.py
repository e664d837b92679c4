"""What people may change about themselves: the language that they read and the time zone that they live in."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.guardianship import Actor
from portal.services import audit
from portal.services.audit import Done
from portal.storage import members, patients, sign_ins


def time_zone(session: Session, patient_id: UUID) -> str | None:
    """Return the time zone of a patient's own, or None when it is that of wherever they are seen."""
    return patients.time_zone(session, patient_id)


def change_language(session: Session, actor: Actor, language: str, now: datetime) -> None:
    """Keep the language that a person reads. Never commits."""
    if sign_ins.change_language(session, actor.user_id, language):
        _record(session, actor, "language", now)


def change_time_zone(session: Session, actor: Actor, time_zone: str | None, now: datetime) -> None:
    """Keep the time zone of a person's own patient record, None for that of wherever they are seen. Never commits."""
    if actor.own_patient_id is not None and patients.change_time_zone(session, actor.own_patient_id, time_zone):
        _record(session, actor, "time zone", now)


def is_birthday_unknown(session: Session, actor: Actor) -> bool:
    """Tell whether nobody has said when a person was born, who may therefore not act for others."""
    found = members.member(session, actor.user_id) if actor.own_patient_id is None else None
    return found is not None and found.born_on is None


def state_birthday(session: Session, actor: Actor, born_on: date) -> bool:
    """Keep the birthday that somebody without a patient record states; False when it is known, since it can be stated once. Never commits."""
    return members.state_birth(session, actor.user_id, born_on)


def _record(session: Session, actor: Actor, what: str, now: datetime) -> None:
    if actor.own_patient_id is not None:
        audit.record(session, actor, Done(actor.own_patient_id, Deed.CHANGED_PERSON, detail=what), now)
