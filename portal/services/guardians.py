"""Asking to care for somebody, and what the practice decides about it."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed, Origin
from portal.domain.booking import storable
from portal.domain.guardianship import OVER_CHILDREN, Act, Actor, Basis, Link, LinkState
from portal.domain.links import (
    EVIDENCE_MAX,
    OPEN_REQUESTS_MAX,
    By,
    LinkCode,
    Terms,
    agreement_code,
    change_code,
    ends_after,
    guardian_code,
    new_link_codes,
    reason_code,
    terms_codes,
)
from portal.domain.mail import Kind, Letter
from portal.services import links, outbox
from portal.services.links import Changed, Changer, NewLink, NotPossible, Unknown, Written
from portal.storage import guardians, patients
from portal.storage.guardians import LinkEntry, RequestEntry
from portal.storage.patients import PatientFacts

_OPEN = "requested"


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom somebody asks to care, as they state it: only the practice finds out who that is."""

    name: str
    born_on: date
    relationship: str
    basis: Basis
    evidence: str


@dataclass(frozen=True, slots=True)
class Requested:
    """The request waits for the practice."""

    request_id: UUID


@dataclass(frozen=True, slots=True)
class Approval:
    """What the practice approves: by whose decision, on what evidence, for which patient, for what and up to which last day.

    `patient_id` None is the patient of the link, or with `new_patient` one whom the practice has not known. `scopes` None are all, or as they were.
    """

    by: str
    evidence: str
    patient_id: UUID | None = None
    new_patient: bool = False
    scopes: frozenset[Act] | None = None
    until: date | None = None
    agreed: bool = False


def request(session: Session, actor: Actor, wanted: Wanted, zone: str, now: datetime) -> Requested | NotPossible:
    """Write a request to care for somebody; whether the practice knows such a patient makes no difference to the answer.

    `zone` is the account's. The session must have begun as a writer. Flushes, never commits.
    """
    found = guardians.guardian(session, actor.user_id)
    if found is None:
        return NotPossible((LinkCode.NOT_ALLOWED,))
    guardians.lock_user(session, actor.user_id)
    if codes := _request_codes(session, actor, wanted, guardian_code(found[0].born_on, zone, now)):
        return NotPossible(tuple(codes))
    request_id = uuid4()
    stated = {"name": storable(wanted.name), "born_on": wanted.born_on, "relationship": storable(wanted.relationship)}
    claim = {"basis": wanted.basis.value, "evidence": storable(wanted.evidence)}
    guardians.add_request(session, {"id": request_id, "user_id": actor.user_id, **stated, **claim, "requested_at": now, "state": _OPEN})
    reader = found[1]
    facts = {"guardian": reader.name, "patient": _names(wanted.name)[0]}
    outbox.put(session, Letter(Kind.LINK_REQUESTED, reader.account_id, reader.email, reader.language, facts, reader.id), now)
    return Requested(request_id)


def _request_codes(session: Session, actor: Actor, wanted: Wanted, age: LinkCode | None) -> list[LinkCode]:
    codes = [age] if age else []
    if wanted.basis is Basis.CONSENT:
        codes.append(LinkCode.NOT_ALLOWED)
    if sum(one.state == _OPEN for one in guardians.requests_of(session, actor.user_id)) >= OPEN_REQUESTS_MAX:
        codes.append(LinkCode.TOO_MANY)
    return codes


def approve(session: Session, wanted_id: UUID, approval: Approval, origin: Origin, now: datetime) -> Changed | NotPossible | Unknown:
    """Approve a request, or a link that waits or is suspended; or write an agreement, scopes or an end of an active one.

    The session must have begun as a writer, and after a refusal it must not be committed. Flushes, never commits.
    """
    changer = Changer(By.PRACTICE, origin, approval.by, approval.evidence)
    if (entry := guardians.locked(session, wanted_id)) is not None:
        return _approve_link(session, entry, approval, changer, now)
    waiting = guardians.locked_request(session, wanted_id)
    return Unknown() if waiting is None else _approve_request(session, waiting, approval, changer, now)


def refuse(session: Session, wanted_id: UUID, changer: Changer, now: datetime) -> Changed | Requested | NotPossible | Unknown:
    """Refuse a request or a link that waits. Flushes, never commits."""
    if guardians.locked(session, wanted_id) is not None:
        return set_state(session, wanted_id, LinkState.REFUSED, changer, now)
    waiting = guardians.locked_request(session, wanted_id)
    if waiting is None:
        return Unknown()
    if waiting.state != _OPEN:
        return NotPossible((LinkCode.NOT_ALLOWED,))
    if code := reason_code(changer.reason):
        return NotPossible((code,))
    decision = {"state": "refused", "reason": storable(changer.reason), "decided_by": changer.name, "decided_at": now}
    guardians.decide_request(session, wanted_id, decision)
    facts = {"guardian": waiting.user.name, "patient": _names(waiting.name)[0], "state": LinkState.REFUSED.value}
    reader = waiting.user
    outbox.put(session, Letter(Kind.LINK_CHANGED, reader.account_id, reader.email, reader.language, facts, reader.id), now)
    return Requested(wanted_id)


def set_state(session: Session, link_id: UUID, state: LinkState, changer: Changer, now: datetime) -> Changed | NotPossible | Unknown:
    """Suspend, end or refuse a link as the practice. Flushes, never commits."""
    entry = guardians.locked(session, link_id)
    return Unknown() if entry is None else links.change_state(session, entry, state, changer, now)


def _approve_link(session: Session, entry: LinkEntry, approval: Approval, changer: Changer, now: datetime) -> Changed | NotPossible:
    if approval.new_patient or approval.patient_id not in (None, entry.link.patient_id):
        return NotPossible((LinkCode.NOT_ALLOWED,))
    wanted = _wanted(entry, approval)
    if codes := [*_age_codes(session, entry, now), *_link_codes(entry, wanted, approval, now)]:
        return NotPossible(tuple(codes))
    columns = {
        "state": LinkState.ACTIVE.value,
        "scopes": links.written_scopes(wanted.scopes),
        "ends_at": wanted.ends_at,
        **_checked(approval, now),
        **({"agreed_at": now} if approval.agreed else {}),
    }
    deed = Deed.LINK_APPROVED if entry.link.state is not LinkState.ACTIVE else Deed.AGREED if approval.agreed else Deed.LINK_CHANGED
    written = Written(columns, LinkState.ACTIVE, deed)
    return links.write(session, replace(entry, link=replace(entry.link, scopes=wanted.scopes)), written, changer, now)


def _wanted(entry: LinkEntry, approval: Approval) -> Terms:
    link = entry.link
    scopes = (link.scopes or frozenset(Act)) if approval.scopes is None else approval.scopes
    return Terms(link.basis, scopes, ends_after(approval.until, link.subject.time_zone) if approval.until else link.ends_at)


def _age_codes(session: Session, entry: LinkEntry, now: datetime) -> list[LinkCode]:
    """Return why the guardian of a link that waits is not old enough; of one that was approved before that is known."""
    if entry.link.state is not LinkState.REQUESTED:
        return []
    found = guardians.guardian(session, entry.link.user_id)
    code = guardian_code(found[0].born_on, entry.link.subject.time_zone, now) if found else LinkCode.NOT_ALLOWED
    return [code] if code else []


def _link_codes(entry: LinkEntry, wanted: Terms, approval: Approval, now: datetime) -> list[LinkCode]:
    link = entry.link
    codes = [code for code in (evidence_code(approval.evidence), _agreement_code(link, approval, now)) if code]
    if link.state is not LinkState.ACTIVE:
        codes += [code for code in (change_code(link, LinkState.ACTIVE, By.PRACTICE, approval.evidence or "-"),) if code]
    if link.basis is Basis.CONSENT and (approval.until is not None or not wanted.scopes <= link.scopes):
        # what rests on the patient's consent only the patient prolongs or widens
        codes.append(LinkCode.NOT_ALLOWED)
    return codes + (terms_codes(link.subject, wanted, now) if not codes else [])


def _agreement_code(link: Link, approval: Approval, now: datetime) -> LinkCode | None:
    return agreement_code(replace(link, state=LinkState.ACTIVE), now) if approval.agreed else None


def _approve_request(session: Session, waiting: RequestEntry, approval: Approval, changer: Changer, now: datetime) -> Changed | NotPossible | Unknown:
    found = guardians.guardian(session, waiting.user.id)
    if waiting.state != _OPEN or found is None or (approval.patient_id is None) is not approval.new_patient:
        return NotPossible((LinkCode.NOT_ALLOWED,))
    patient = _new_patient(session, waiting) if approval.new_patient else _known(session, approval.patient_id)
    if patient is None:
        return Unknown()
    ends_at = ends_after(approval.until, patient.account_zone) if approval.until else None
    terms = Terms(waiting.basis, frozenset(Act) if approval.scopes is None else approval.scopes, ends_at)
    link = Link(uuid4(), waiting.user.id, patient.subject, waiting.basis, LinkState.ACTIVE, terms.scopes, now, ends_at)
    codes = new_link_codes(found[0], patient.subject, terms, now, living=links.living_between(session, waiting.user.id, patient.id, now))
    codes += [code for code in (evidence_code(approval.evidence), _agreement_code(link, approval, now)) if code]
    if codes:
        return NotPossible(tuple(codes))
    columns = {**_checked(approval, now), "agreed_at": now if approval.agreed else None}
    made = links.create(session, NewLink(link, waiting.relationship, columns), changer, now)
    if isinstance(made, Changed):
        decision = {"state": "approved", "decided_by": changer.name, "decided_at": now, "link_id": made.link_id}
        guardians.decide_request(session, waiting.id, decision)
    return made


def _known(session: Session, patient_id: UUID | None) -> PatientFacts | None:
    return patients.patient(session, patient_id) if patient_id else None


def _new_patient(session: Session, waiting: RequestEntry) -> PatientFacts | None:
    """Write the patient as the request states them."""
    given, family = _names(waiting.name)
    patient_id = uuid4()
    names = {"given_name": given[:80], "family_name": family[:80]}
    guardians.add_patient(session, {"id": patient_id, "account_id": waiting.user.account_id, "born_on": waiting.born_on, **names})
    return patients.patient(session, patient_id)


def _names(stated: str) -> tuple[str, str]:
    """Return given and family name of a name as somebody stated it: the last word is the family name, unless it is the only one."""
    given, _, family = stated.strip().rpartition(" ")
    return (given, family) if given else (family, "")


def evidence_code(evidence: str) -> LinkCode | None:
    """Return what is wrong with the evidence that the practice has seen, or None."""
    if not evidence.strip():
        return LinkCode.REASON_REQUIRED
    return LinkCode.REASON_TOO_LONG if len(evidence) > EVIDENCE_MAX else None


def _checked(approval: Approval, now: datetime) -> dict[str, Any]:
    return {"evidence": storable(approval.evidence), "checked_by": approval.by, "checked_at": now}


def needs_agreement(link: Link, now: datetime) -> bool:
    """Tell whether a link gives nothing until the young person agrees."""
    return link.basis in OVER_CHILDREN and agreement_code(link, now) is None and not link.holds(now)
