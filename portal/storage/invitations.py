"""Named queries about codes of the practice, and about those whom a code may bring together."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.invitations import TRIES_MAX, Role
from portal.storage.core import run
from portal.storage.people import GuardianLink, GuardianLinkChange, Patient, User
from portal.storage.prepared import Prepared
from portal.storage.proofs import Invitation

FOUND_MAX = 50
_ADD = Prepared(insert(Invitation).values({column.name: bindparam(column.name) for column in Invitation.__table__.columns}))


@dataclass(frozen=True, slots=True)
class Invited:
    """Whom a code is about, as what and by whom it was handed out."""

    account_id: UUID
    patient_id: UUID
    role: Role
    created_by: str


@dataclass(frozen=True, slots=True)
class Guardian:
    """A user with a link to a patient that nobody has ended."""

    user_id: UUID
    email: str
    language: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class PatientEntry:
    """A patient as the practice looks them up; `email` is that of their own sign-in, if they have one."""

    id: UUID
    name: str
    born_on: date
    email: str | None


def add(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new code, given by column."""
    _ADD.write(session, columns)


def live(session: Session, code_hash: str, now: datetime) -> Invited | None:
    """Return a code that works, or None."""
    found = select(Invitation.account_id, Invitation.patient_id, Invitation.role, Invitation.created_by)
    row = run(session, found.where(*_works(code_hash, now))).one_or_none()
    return None if row is None else Invited(row[0], row[1], Role(row[2]), row[3])


def try_out(session: Session, code_hash: str, now: datetime) -> bool:
    """Count a try of a code; False, and nothing counted, when it does not work. Until the transaction ends nobody else can try it."""
    return run(session, update(Invitation).where(*_works(code_hash, now)).values(tries=Invitation.tries + 1)).rowcount > 0


def spend(session: Session, code_hash: str, user_id: UUID, now: datetime) -> None:
    """Use a code up."""
    run(session, update(Invitation).where(Invitation.code_hash == code_hash).values(spent_at=now, spent_by=user_id))


def add_link(session: Session, link: Mapping[str, Any], change: Mapping[str, Any]) -> None:
    """Write a new guardian link and its first change; raises IntegrityError when there is a living one between the two."""
    run(session, insert(GuardianLink).values(**link))
    run(session, insert(GuardianLinkChange).values(**change))


def guardians(session: Session, patient_id: UUID) -> list[Guardian]:
    """Return everybody with a living link to a patient, whatever rights it gives."""
    living = GuardianLink.state.in_(("requested", "active", "suspended"))
    found = select(User.id, User.email, User.language, GuardianLink.state == "active").join(GuardianLink, GuardianLink.user_id == User.id)
    return [Guardian(*row) for row in run(session, found.where(GuardianLink.patient_id == patient_id, living, User.active).order_by(User.id))]


def patients_named(session: Session, name: str | None) -> list[PatientEntry]:
    """Return patients whose name holds a text in any case, or all, by name."""
    full = Patient.given_name + " " + Patient.family_name
    found = select(Patient.id, full, Patient.born_on, User.email).outerjoin(User, User.patient_id == Patient.id)
    wanted = [] if name is None else [or_(func.lower(full).contains(name.lower(), autoescape=True), full.contains(name, autoescape=True))]
    return [
        PatientEntry(*row)
        for row in run(session, found.where(*wanted).order_by(Patient.family_name, Patient.given_name, Patient.id).limit(FOUND_MAX))
    ]


def _works(code_hash: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Invitation.code_hash == code_hash, Invitation.spent_at.is_(None), Invitation.expires_at > now, Invitation.tries < TRIES_MAX
