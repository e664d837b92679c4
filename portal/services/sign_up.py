"""Making an account: proved by a link to its address, and never touching one that is there already."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.ages import age_at
from portal.domain.audit import Deed, Origin
from portal.domain.guardianship import Actor
from portal.domain.invitations import Role, digest
from portal.domain.mail import Kind, Letter
from portal.services import audit, invitations, mailed_links, outbox
from portal.services.audit import Done
from portal.services.events import Event, note
from portal.services.mailed_links import Purpose
from portal.storage import invitations as stored_codes
from portal.storage import members, practices
from portal.storage.core import savepoint
from portal.storage.mailed_links import MailedLink
from portal.storage.people import Patient
from portal.storage.practices import Practice


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who wants an account; `code_hash` is the digest of a code of the practice, if they have one."""

    email: str
    name: str
    born_on: date
    password_hash: str
    language: str
    code_hash: str = ""


class Then(StrEnum):
    """What is left to do in a new account: nothing, since a code has joined it, or to enter a code, or to say that one is new."""

    NOTHING = "nothing"
    CODE = "code"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class SignedUp:
    """A new account."""

    user_id: UUID
    then: Then


def practice_for(session: Session, code: str, now: datetime) -> Practice | None:
    """Return the practice that somebody may join: the one of their code, or without a code the only one if it is open to all."""
    if code:
        invited = stored_codes.live(session, digest(code), now)
        return None if invited is None else practices.practice(session, invited.account_id)
    found = practices.only(session)
    return found if found is not None and found.is_open else None


def is_old_enough(practice: Practice, born_on: date, now: datetime) -> bool:
    """Tell whether somebody may have an account of their own, rather than a guardian who acts for them."""
    return age_at(born_on, practice.time_zone, now) >= practice.bands.agreement_from


def ask(session: Session, practice: Practice, newcomer: Newcomer, now: datetime) -> None:
    """Send mail to the address: a link that makes the account, or word that there is one. Both take the same work. Never commits.

    The mail holds no word of whoever asks, since the address may be another's.
    """
    taken = members.is_taken(session, newcomer.email)
    facts = {
        "name": newcomer.name,
        "born_on": newcomer.born_on.isoformat(),
        "password_hash": newcomer.password_hash,
        "language": newcomer.language,
        "code_hash": newcomer.code_hash,
    }
    link = MailedLink(practice.id, None, newcomer.email, facts)
    issued = mailed_links.issue(session, Purpose.SIGN_UP, link, now, works=not taken)
    kind = Kind.ALREADY_SIGNED_UP if taken else Kind.SIGN_UP
    told = {"path": "/sign-in", "reset_path": "/reset"} if taken else {"path": f"/sign-up/link?t={issued.token}"}
    outbox.put(session, Letter(kind, practice.id, newcomer.email, newcomer.language, told), now)


def confirm(session: Session, token: str, origin: Origin, now: datetime) -> SignedUp | None:
    """Use the link up and make the account, joined to the patient of a code for oneself; None when the link brings nothing about.

    An account that was made with this address meanwhile stays as it is. Flushes, never commits.
    """
    link = mailed_links.spend(session, Purpose.SIGN_UP, token, now)
    if link is None:
        return None
    user_id, facts = uuid4(), link.facts
    columns = {
        "id": user_id,
        "account_id": link.account_id,
        "email": link.email,
        "name": facts["name"],
        "password_hash": facts["password_hash"],
        "language": facts["language"],
        "born_on": date.fromisoformat(facts["born_on"]),
    }
    added = False
    with suppress(IntegrityError), savepoint(session):
        members.add(session, columns)
        added = True
    if not added:
        return None
    note(Event.SIGNED_UP, now, actor=user_id, address=origin.address)
    return SignedUp(user_id, _joined(session, link, user_id, origin, now))


def _joined(session: Session, link: MailedLink, user_id: UUID, origin: Origin, now: datetime) -> Then:
    code_hash = link.facts["code_hash"]
    if not code_hash:
        return Then.NEW
    invited = stored_codes.live(session, code_hash, now)
    if invited is None or invited.role is Role.GUARDIAN:
        return Then.CODE
    actor = Actor(user_id, link.account_id, None, origin)
    outcome = invitations.redeem(session, actor, code_hash, date.fromisoformat(link.facts["born_on"]), now)
    return Then.NOTHING if outcome is Role.SELF else Then.CODE


def become_patient(session: Session, actor: Actor, given_name: str, family_name: str, now: datetime) -> bool:
    """Make a new patient record of a user who has none, where the practice is open to all; False where it may not be.

    It is never one that is there already, however alike name and birthday are. Flushes, never commits.
    """
    member = members.member(session, actor.user_id)
    if member is None or member.patient_id is not None or member.born_on is None or not practices.practice(session, member.account_id).is_open:
        return False
    patient = Patient(
        id=uuid4(), account_id=member.account_id, given_name=given_name, family_name=family_name, born_on=member.born_on, time_zone=None
    )
    session.add(patient)
    session.flush()
    members.change(session, member.id, patient_id=patient.id)
    audit.record(session, actor, Done(patient.id, Deed.JOINED), now)
    return True
