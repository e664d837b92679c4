"""Adults who act for other adults: offered by the patient, taken up by the other, renewed by the patient alone."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import storable
from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState
from portal.domain.links import (
    OPEN_OFFERS_MAX,
    By,
    LinkCode,
    Terms,
    consent_last_day,
    ends_after,
    new_link_codes,
    terms_codes,
)
from portal.domain.mail import Kind, Letter
from portal.services import links, mailed_links, outbox
from portal.services.links import Changed, Changer, NewLink, NotPossible, Unknown, Written
from portal.services.mailed_links import Purpose
from portal.services.sign_in import normalised
from portal.storage import guardians, patients
from portal.storage.mailed_links import MailedLink
from portal.storage.patients import PatientFacts

OFFER_PATH = "/people/offers/"
_RENEWED = "The patient renews it"
_TAKEN_UP = "Offered by the patient and accepted"


@dataclass(frozen=True, slots=True)
class Offer:
    """What a patient offers to the adult with an e-mail address: what they are to the patient, for what, and up to which last day."""

    email: str
    relationship: str
    scopes: frozenset[Act]
    until: date


@dataclass(frozen=True, slots=True)
class Offered:
    """A mail is on its way, whether or not anybody signs in with that address."""


@dataclass(frozen=True, slots=True)
class Open:
    """An offer that waits for whoever it was made to."""

    patient: PatientFacts
    relationship: str
    scopes: frozenset[Act]
    until: date


def offer(session: Session, actor: Actor, wanted: Offer, language: str, now: datetime) -> Offered | NotPossible | Unknown:
    """Write an offer and the mail that carries its link; `language` is that of the mail, since the other may be a stranger to the portal.

    The session must have begun as a writer. Flushes, never commits.
    """
    own, reader = _own(session, actor), guardians.guardian(session, actor.user_id)
    if own is None or reader is None:
        return Unknown()
    guardians.lock_user(session, actor.user_id)
    email = normalised(wanted.email)
    codes = terms_codes(own.subject, Terms(Basis.CONSENT, wanted.scopes, ends_after(wanted.until, own.account_zone)), now)
    if email == reader[1].email:
        codes.append(LinkCode.OWN_RECORD)
    if mailed_links.open_count(session, Purpose.PROXY, actor.user_id, now) >= OPEN_OFFERS_MAX:
        codes.append(LinkCode.TOO_MANY)
    if codes:
        return NotPossible(tuple(codes))
    facts = {
        "patient_id": str(own.id),
        "relationship": storable(wanted.relationship),
        "scopes": links.written_scopes(wanted.scopes),
        "until": wanted.until.isoformat(),
    }
    issued = mailed_links.issue(session, Purpose.PROXY, MailedLink(own.account_id, actor.user_id, email, facts), now)
    told = {"patient": own.given_name, "path": OFFER_PATH + issued.token}
    outbox.put(session, Letter(Kind.PROXY_OFFERED, own.account_id, email, language, told, None, own.id), now)
    return Offered()


def find(session: Session, actor: Actor, token: str, now: datetime) -> Open | None:
    """Return the offer of a link, to whoever is signed in with the very address that it was sent to, or None."""
    found = _found(session, actor, token, now)
    return None if found is None else found[1]


def accept(session: Session, actor: Actor, token: str, now: datetime) -> Changed | NotPossible | Unknown:
    """Take an offer up: the patient has proved by signing in that it is theirs, and the other by the mail and by signing in.

    The session must have begun as a writer. Flushes, never commits.
    """
    found, guardian = _found(session, actor, token, now), guardians.guardian(session, actor.user_id)
    if found is None or guardian is None or not _still_offered(session, found[0]):
        return Unknown()
    open_offer = found[1]
    subject = open_offer.patient.subject
    terms = Terms(Basis.CONSENT, open_offer.scopes, ends_after(open_offer.until, subject.time_zone))
    living = links.living_between(session, actor.user_id, subject.patient_id, now)
    if codes := new_link_codes(guardian[0], subject, terms, now, living=living):
        return NotPossible(tuple(codes))
    if mailed_links.spend(session, Purpose.PROXY, token, now) is None:
        return Unknown()
    link = Link(uuid4(), actor.user_id, subject, Basis.CONSENT, LinkState.ACTIVE, terms.scopes, now, terms.ends_at)
    changer = Changer(By.GUARDIAN, actor, guardian[1].name, _TAKEN_UP)
    checked = {"evidence": "Offered by the patient, accepted with the address it was sent to", "checked_at": now}
    return links.create(session, NewLink(link, open_offer.relationship, checked), changer, now)


def renew(session: Session, actor: Actor, link_id: UUID, until: date, now: datetime) -> Changed | NotPossible | Unknown:
    """Let a proxy act up to a last day, as the patient; the session must have begun as a writer. Flushes, never commits."""
    entry = links.own(session, actor, By.PATIENT, link_id)
    if entry is None:
        return Unknown()
    link = entry.link
    if link.basis is not Basis.CONSENT or link.state is not LinkState.ACTIVE or not link.holds(now):
        return NotPossible((LinkCode.NOT_ALLOWED,))
    terms = Terms(Basis.CONSENT, link.scopes, ends_after(until, link.subject.time_zone))
    if codes := terms_codes(link.subject, terms, now):
        return NotPossible(tuple(codes))
    written = Written({"ends_at": terms.ends_at}, link.state, Deed.LINK_CHANGED)
    return links.write(session, entry, written, links.changer_of(session, actor, By.PATIENT, _RENEWED), now)


def last_day(patient: PatientFacts, now: datetime) -> date:
    """Return the last day that an offer or a renewal may name now, which is also what it is without another wish."""
    return consent_last_day(patient.account_zone, now)


def _own(session: Session, actor: Actor) -> PatientFacts | None:
    return patients.patient(session, actor.own_patient_id) if actor.own_patient_id else None


def _found(session: Session, actor: Actor, token: str, now: datetime) -> tuple[MailedLink, Open] | None:
    made = mailed_links.find(session, Purpose.PROXY, token, now)
    reader = guardians.guardian(session, actor.user_id)
    if made is None or reader is None or reader[1].email != made.email or made.account_id != actor.account_id:
        return None
    patient = patients.patient(session, UUID(made.facts["patient_id"]))
    if patient is None:
        return None
    scopes = frozenset(map(Act, made.facts["scopes"].split()))
    return made, Open(patient, made.facts["relationship"], scopes, date.fromisoformat(made.facts["until"]))


def _still_offered(session: Session, made: MailedLink) -> bool:
    """Tell whether whoever made the offer is still the patient whom it is about."""
    offering = patients.actor(session, made.user_id) if made.user_id else None
    return offering is not None and str(offering.own_patient_id) == made.facts["patient_id"]
