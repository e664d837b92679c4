"""Codes of the practice: handing them out, and joining a person to the patient that a code is about."""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.addresses import mailbox
from portal.domain.ages import ADULT_AGE, age_at
from portal.domain.audit import Deed, Origin
from portal.domain.guardianship import Actor, Basis, LinkState
from portal.domain.invitations import LENGTH, LETTERS, LIFETIME, Refusal, Role, digest, shown
from portal.domain.mail import Kind, Letter
from portal.services import audit, letters, links, outbox
from portal.services.audit import Done
from portal.services.events import Event, note
from portal.storage import guardians, invitations, members, patients
from portal.storage.core import savepoint
from portal.storage.invitations import Guardian, Invited
from portal.storage.members import Member
from portal.storage.patients import PatientFacts

REASON = "A code of the practice was entered"


class UnknownPatientError(LookupError):
    """There is no patient for whom to hand out a code; the text says who was looked for."""


@dataclass(frozen=True, slots=True)
class _Case:
    """What decides whether a code is good for somebody."""

    actor: Actor
    member: Member
    patient: PatientFacts
    guardians: list[Guardian]


def issue(session: Session, patient_id: UUID, role: Role, origin: Origin, now: datetime) -> str:
    """Store a new code for a patient and return it in groups; it cannot be had again. Raises UnknownPatientError. Never commits."""
    patient = patients.patient(session, patient_id)
    if patient is None:
        raise UnknownPatientError(f"there is no patient with the id {patient_id}")
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    columns = {
        "code_hash": digest(code),
        "account_id": patient.account_id,
        "patient_id": patient_id,
        "role": role.value,
        "created_at": now,
        "created_by": origin.name,
        "expires_at": now + LIFETIME,
        "tries": 0,
        "spent_at": None,
        "spent_by": None,
    }
    invitations.add(session, columns)
    audit.record(session, origin, Done(patient_id, Deed.INVITED, detail=role.value), now)
    return shown(code)


def redeem(session: Session, actor: Actor, code_hash: str, born_on: date, now: datetime) -> Role | Refusal:
    """Join the actor to the patient of a code whose birthday they know, and return as what. Never commits.

    A refusal has written something too: the try, so the caller commits in any case. Five tries end a code.
    """
    outcome = _tried(session, actor, code_hash, born_on, now)
    event = Event.CODE_REFUSED if isinstance(outcome, Refusal) else Event.LINK_CHANGED
    note(event, now, outcome.value, actor=actor.user_id, address=actor.origin.address)
    return outcome


def _tried(session: Session, actor: Actor, code_hash: str, born_on: date, now: datetime) -> Role | Refusal:
    invited = invitations.live(session, code_hash, now)
    if invited is None or invited.account_id != actor.account_id or not invitations.try_out(session, code_hash, now):
        return Refusal.UNKNOWN
    member, patient = members.member(session, actor.user_id), patients.patient(session, invited.patient_id)
    if member is None or patient is None or patient.born_on != born_on:
        return Refusal.UNKNOWN
    case = _Case(actor, member, patient, invitations.guardians(session, patient.id))
    refusal = _join_self(session, case, now) if invited.role is Role.SELF else _join_guardian(session, case, invited, now)
    if refusal is not None:
        return refusal
    invitations.spend(session, code_hash, actor.user_id, now)
    return invited.role


def _join_self(session: Session, case: _Case, now: datetime) -> Refusal | None:
    if (refusal := _against_self(case, now)) is not None:
        return refusal
    joined = False
    with suppress(IntegrityError), savepoint(session):
        members.change(session, case.member.id, patient_id=case.patient.id)
        joined = True
    if not joined:
        return Refusal.RECORD_TAKEN
    # What guardians have booked for them is theirs too.
    letters.remind_anew(session, case.member.id, now)
    audit.record(session, case.actor, Done(case.patient.id, Deed.JOINED), now)
    for guardian in case.guardians:
        if guardian.is_active:
            facts = {"patient": case.patient.given_name}
            account, patient_id = case.patient.account_id, case.patient.id
            outbox.put(session, Letter(Kind.JOINED, account, guardian.email, guardian.language, facts, guardian.user_id, patient_id), now)
    return None


def _against_self(case: _Case, now: datetime) -> Refusal | None:
    """Return why somebody may not have a patient's record as their own: above all because they are, or may be, a guardian."""
    member, patient = case.member, case.patient
    if member.patient_id is not None:
        return Refusal.HAS_RECORD
    if member.born_on is not None and member.born_on != patient.born_on:
        return Refusal.UNKNOWN
    if any(guardian.user_id == member.id for guardian in case.guardians):
        return Refusal.IS_GUARDIAN
    if any(mailbox(guardian.email) == mailbox(member.email) for guardian in case.guardians):
        return Refusal.GUARDIANS_ADDRESS
    young = age_at(patient.born_on, patient.account_zone, now) < patient.agreement_from
    return Refusal.TOO_YOUNG if young else None


def _join_guardian(session: Session, case: _Case, invited: Invited, now: datetime) -> Refusal | None:
    """Write a request that gives no right until the practice approves it."""
    member, patient = case.member, case.patient
    if member.patient_id == patient.id:
        return Refusal.OWN_RECORD
    if member.born_on is not None and age_at(member.born_on, patient.account_zone, now) < ADULT_AGE:
        return Refusal.TOO_YOUNG
    link_id = uuid4()
    basis = {"relationship": "parent", "basis": Basis.PARENT.value, "evidence": f"Code handed out by {invited.created_by}"}
    link = {
        "id": link_id,
        "user_id": member.id,
        "patient_id": patient.id,
        "state": LinkState.REQUESTED.value,
        "scopes": "",
        "starts_at": now,
        **basis,
    }
    change = {"link_id": link_id, "number": 1, "at": now, "state": LinkState.REQUESTED.value, "scopes": ""}
    added = False
    with suppress(IntegrityError), savepoint(session):
        invitations.add_link(session, link, {**change, "changed_by": member.id, "name": member.name, "reason": REASON})
        added = True
    if not added:
        return Refusal.ALREADY_LINKED
    audit.record(session, case.actor, Done(patient.id, Deed.LINK_REQUESTED, object_id=link_id, link_id=link_id), now)
    if (entry := guardians.one(session, link_id)) is not None:
        links.tell(session, entry, Kind.LINK_CHANGED, {"state": LinkState.REQUESTED.value}, now)
    return None
