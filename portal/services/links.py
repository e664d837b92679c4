"""Changing guardian links: each change with its reason, a row of its history, a row of the audit and mail to all whom it concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.ages import age_at
from portal.domain.audit import NOWHERE, Deed, Origin
from portal.domain.booking import storable
from portal.domain.guardianship import Act, Actor, Link, LinkState
from portal.domain.links import By, Lapse, LinkCode, Narrowing, agreement_code, change_code, lapsed, scopes_code, to_tell, told_at_start
from portal.domain.mail import Kind, Letter
from portal.domain.walltime import local_day
from portal.services import audit, outbox
from portal.services.audit import Done
from portal.storage import guardians
from portal.storage.core import savepoint
from portal.storage.guardians import LinkEntry

_DEEDS = {
    LinkState.REQUESTED: Deed.LINK_REQUESTED,
    LinkState.ACTIVE: Deed.LINK_APPROVED,
    LinkState.SUSPENDED: Deed.LINK_SUSPENDED,
    LinkState.ENDED: Deed.LINK_ENDED,
    LinkState.REFUSED: Deed.LINK_REFUSED,
}
_AGREES, _DISAGREES, _NARROWED = "The young person agrees", "The young person does not agree any more", "The patient allows less"
_LAPSED = {Lapse.AGE: "The patient is of the age at which the rights of guardians end", Lapse.TIME: "The agreed time is over"}


@dataclass(frozen=True, slots=True)
class Changer:
    """Who changes a link, and why: in which role, by which way, and under what name the history keeps it."""

    by: By
    who: Actor | Origin
    name: str
    reason: str

    @property
    def user_id(self) -> UUID | None:
        """The user who it is, or None for the practice."""
        return self.who.user_id if isinstance(self.who, Actor) else None


@dataclass(frozen=True, slots=True)
class Changed:
    """The link stands as wanted."""

    link_id: UUID
    patient_id: UUID
    state: LinkState


@dataclass(frozen=True, slots=True)
class NotPossible:
    """Nothing was changed, for these reasons."""

    codes: tuple[LinkCode, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such link, or it is not the actor's to change: the two look the same."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link that is to be, what the guardian is to the patient, and other columns of it."""

    link: Link
    relationship: str
    columns: Mapping[str, Any]


def change_state(session: Session, entry: LinkEntry, state: LinkState, changer: Changer, now: datetime) -> Changed | NotPossible:
    """Bring a link that this transaction has locked into a state. Flushes, never commits."""
    if code := change_code(entry.link, state, changer.by, changer.reason):
        return NotPossible((code,))
    return write(session, entry, Written({"state": state.value}, state, _DEEDS[state]), changer, now)


def leave(session: Session, actor: Actor, link_id: UUID, reason: str, now: datetime) -> Changed | NotPossible | Unknown:
    """Stop to act for somebody, for a reason; the session must have begun as a writer. Flushes, never commits."""
    entry = own(session, actor, By.GUARDIAN, link_id)
    if entry is None:
        return Unknown()
    return change_state(session, entry, LinkState.ENDED, changer_of(session, actor, By.GUARDIAN, reason), now)


def end(session: Session, actor: Actor, link_id: UUID, reason: str, now: datetime) -> Changed | NotPossible | Unknown:
    """End what another adult may do for the actor, for a reason; the session must have begun as a writer. Flushes, never commits."""
    entry = own(session, actor, By.PATIENT, link_id)
    if entry is None:
        return Unknown()
    return change_state(session, entry, LinkState.ENDED, changer_of(session, actor, By.PATIENT, reason), now)


def agree(session: Session, actor: Actor, link_id: UUID, now: datetime) -> Changed | NotPossible | Unknown:
    """Write that the young person agrees to a guardian; the session must have begun as a writer. Flushes, never commits."""
    return _say(session, actor, link_id, now, agreed=True)


def disagree(session: Session, actor: Actor, link_id: UUID, now: datetime) -> Changed | NotPossible | Unknown:
    """Write that the young person does not agree to a guardian any more; the session must have begun as a writer. Flushes, never commits."""
    return _say(session, actor, link_id, now, agreed=False)


def _say(session: Session, actor: Actor, link_id: UUID, now: datetime, *, agreed: bool) -> Changed | NotPossible | Unknown:
    entry = own(session, actor, By.PATIENT, link_id)
    if entry is None:
        return Unknown()
    if code := agreement_code(entry.link, now):
        return NotPossible((code,))
    deed, reason = (Deed.AGREED, _AGREES) if agreed else (Deed.DISAGREED, _DISAGREES)
    written = Written({"agreed_at": now if agreed else None}, entry.link.state, deed)
    return write(session, entry, written, changer_of(session, actor, By.PATIENT, reason), now)


def narrow(session: Session, actor: Actor, link_id: UUID, scopes: frozenset[Act], now: datetime) -> Changed | NotPossible | Unknown:
    """Leave a proxy fewer rights, as the patient whose consent they rest on; never more: that takes a new offer. Flushes, never commits."""
    entry = own(session, actor, By.PATIENT, link_id)
    if entry is None:
        return Unknown()
    if change_code(entry.link, LinkState.ENDED, By.PATIENT, "narrower"):
        return NotPossible((LinkCode.NOT_ALLOWED,))
    if code := scopes_code(scopes) or (None if scopes <= entry.link.scopes else LinkCode.WIDER):
        return NotPossible((code,))
    narrowed = replace(entry, link=replace(entry.link, scopes=scopes))
    written = Written({"scopes": written_scopes(scopes)}, entry.link.state, Deed.LINK_CHANGED)
    return write(session, narrowed, written, changer_of(session, actor, By.PATIENT, _NARROWED), now)


@dataclass(frozen=True, slots=True)
class Written:
    """One change as it is written: columns of the link, its state from then on, and the deed; `is_new` when there was no link before."""

    columns: Mapping[str, Any]
    state: LinkState
    deed: Deed
    is_new: bool = False


def write(session: Session, entry: LinkEntry, change: Written, changer: Changer, now: datetime) -> Changed:
    """Write a change of a link that this transaction has locked, and all that goes with it. Flushes, never commits."""
    guardians.change(session, entry.link.id, change.columns)
    _keep(session, entry, change, changer, now)
    return Changed(entry.link.id, entry.link.patient_id, change.state)


def create(session: Session, new: NewLink, changer: Changer, now: datetime) -> Changed | NotPossible:
    """Write a new link whose rules were asked, and all that goes with it. Flushes, never commits."""
    link = new.link
    row = {
        "id": link.id,
        "user_id": link.user_id,
        "patient_id": link.patient_id,
        "relationship": storable(new.relationship),
        "basis": link.basis.value,
        "state": link.state.value,
        "scopes": written_scopes(link.scopes),
        "starts_at": link.starts_at,
        "ends_at": link.ends_at,
        "told_age": told_at_start(link.subject, link.basis, now),
    }
    try:
        with savepoint(session):
            guardians.add(session, {**row, **new.columns})
    except IntegrityError:
        # another transaction has made a link between the two since this one looked
        return NotPossible((LinkCode.LIVING,))
    entry = guardians.locked(session, link.id)
    if entry is None:
        raise LookupError(f"the link {link.id} was written but cannot be read")
    _keep(session, entry, Written({}, link.state, _DEEDS[link.state], is_new=True), changer, now)
    return Changed(link.id, link.patient_id, link.state)


def _keep(session: Session, entry: LinkEntry, change: Written, changer: Changer, now: datetime) -> None:
    said = storable(changer.reason.strip())
    row = {
        "at": now,
        "state_before": None if change.is_new else entry.link.state.value,
        "state": change.state.value,
        "scopes": written_scopes(entry.link.scopes),
        "changed_by": changer.user_id,
        "name": changer.name,
        "reason": said,
    }
    guardians.add_change(session, entry.link.id, row)
    patient_id, link_id = entry.link.patient_id, entry.link.id
    audit.record(session, changer.who, Done(patient_id, change.deed, object_id=link_id, link_id=link_id, detail=said), now)
    tell(session, entry, Kind.LINK_CHANGED, {"state": change.state.value}, now)


def tell(session: Session, entry: LinkEntry, kind: Kind, facts: Mapping[str, str], now: datetime) -> None:
    """Put a notice about a link into the outbox for the guardian, the patient if they sign in, and the other guardians who act now."""
    readers = {entry.user.id: entry.user}
    if (patient := guardians.reader_of(session, entry.link.patient_id)) is not None:
        readers[patient.id] = patient
    for other in guardians.of_patient(session, entry.link.patient_id):
        if other.link.state is LinkState.ACTIVE and other.link.holds(now):
            readers[other.user.id] = other.user
    told = {"guardian": entry.user.name, "patient": entry.patient.given_name, **facts}
    for reader in readers.values():
        letter = Letter(kind, reader.account_id, reader.email, reader.language, told, reader.id, entry.link.patient_id)
        outbox.put(session, letter, now)


def end_lapsed(session: Session, entry: LinkEntry, now: datetime) -> bool:
    """Write that a link which this transaction has locked has ended by itself, if it has; tell whether it had."""
    lapse = lapsed(entry.link, now)
    if lapse is not None:
        written = Written({"state": LinkState.ENDED.value}, LinkState.ENDED, Deed.LINK_ENDED)
        write(session, entry, written, Changer(By.PRACTICE, NOWHERE, "", _LAPSED[lapse]), now)
    return lapse is not None


def living_between(session: Session, user_id: UUID, patient_id: UUID, now: datetime) -> bool:
    """Tell whether there is a living link between two people, once it is written of the one there what has happened."""
    entry = guardians.locked_between(session, user_id, patient_id)
    return entry is not None and not end_lapsed(session, entry, now)


def sweep(session: Session, now: datetime) -> tuple[int, int]:
    """Write which links have ended by themselves, and tell people of birthdays; return how many of each. A second time changes nothing.

    The session must have begun as a writer. Flushes, never commits.
    """
    ended = told = 0
    for known in guardians.living(session):
        due = lapsed(known.link, now) is not None or to_tell(known.link, known.told_age, now) is not None
        entry = guardians.locked(session, known.link.id) if due else None
        if entry is None:
            continue
        if end_lapsed(session, entry, now):
            ended += 1
        elif (narrowing := to_tell(entry.link, entry.told_age, now)) is not None:
            _tell_of_birthday(session, entry, narrowing, now)
            told += 1
    return ended, told


def _tell_of_birthday(session: Session, entry: LinkEntry, narrowing: Narrowing, now: datetime) -> None:
    subject = entry.link.subject
    facts = {"age": str(narrowing.age), "on": local_day(narrowing.at, subject.time_zone).isoformat()}
    tell(session, entry, Kind.LINK_NARROWS, facts, now)
    guardians.change(session, entry.link.id, {"told_age": age_at(subject.born_on, subject.time_zone, now)})


def changer_of(session: Session, actor: Actor, by: By, reason: str) -> Changer:
    """Return a user as whoever changes a link for a reason."""
    found = guardians.guardian(session, actor.user_id)
    return Changer(by, actor, found[1].name if found else "", reason)


def written_scopes(scopes: frozenset[Act]) -> str:
    """Return scopes as the database keeps them."""
    return " ".join(act for act in Act if act in scopes)


def own(session: Session, actor: Actor, by: By, link_id: UUID) -> LinkEntry | None:
    """Return the actor's own link, as its guardian or as its patient, locked; or None."""
    entry = guardians.locked(session, link_id)
    if entry is None or entry.link.subject.account_id != actor.account_id:
        return None
    owner, mine = (entry.link.user_id, actor.user_id) if by is By.GUARDIAN else (entry.link.patient_id, actor.own_patient_id)
    return entry if owner == mine else None
