"""Named queries about patients and about who may act for them."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.ages import AgeBands
from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState, Subject
from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.people import GuardianLink, Patient, User
from portal.storage.prepared import Prepared


@dataclass(frozen=True, slots=True)
class PatientFacts:
    """A patient as a booking needs to know them; `revision` is that of the account's catalogue."""

    id: UUID
    account_id: UUID
    given_name: str
    family_name: str
    born_on: date
    time_zone: str | None
    revision: int
    account_zone: str
    agreement_from: int
    ends_from: int

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.given_name} {self.family_name}"

    @property
    def subject(self) -> Subject:
        """The patient as the rules see them."""
        return Subject(self.id, self.account_id, self.born_on, self.account_zone, AgeBands(self.agreement_from, self.ends_from))


COLUMNS = (
    Patient.id,
    Patient.account_id,
    Patient.given_name,
    Patient.family_name,
    Patient.born_on,
    Patient.time_zone,
    Account.revision,
    Account.time_zone.label("account_zone"),
    Account.agreement_from,
    Account.ends_from,
)
_PATIENT = Prepared(select(*COLUMNS).join(Account, Account.id == Patient.account_id).where(Patient.id == bindparam("patient_id")))
# The columns of `guardianship.Link` for `link_of`.
LINK_COLUMNS = (
    GuardianLink.id,
    GuardianLink.user_id,
    Patient.id,
    Patient.account_id,
    Patient.born_on,
    Account.time_zone,
    Account.agreement_from,
    Account.ends_from,
    GuardianLink.basis,
    GuardianLink.state,
    GuardianLink.scopes,
    GuardianLink.starts_at,
    GuardianLink.ends_at,
    GuardianLink.agreed_at,
)
_LINKS = Prepared(
    select(*LINK_COLUMNS)
    .join(Patient, Patient.id == GuardianLink.patient_id)
    .join(Account, Account.id == Patient.account_id)
    .where(GuardianLink.user_id == bindparam("user_id"))
)
_CARED_FOR = (
    select(*COLUMNS)
    .join(Account, Account.id == Patient.account_id)
    .where(
        or_(
            Patient.id == bindparam("own_patient_id"),
            Patient.id.in_(select(GuardianLink.patient_id).where(GuardianLink.user_id == bindparam("user_id"))),
        )
    )
    .order_by(Patient.born_on, Patient.id)
)
_ACTOR = Prepared(select(User.id, User.account_id, User.patient_id).where(User.id == bindparam("user_id"), User.active))


def patient(session: Session, patient_id: UUID) -> PatientFacts | None:
    """Return a patient, or None for an unknown id."""
    row = _PATIENT.one(session, {"patient_id": patient_id})
    return None if row is None else PatientFacts(*row)


def links(session: Session, user_id: UUID) -> list[Link]:
    """Return every guardian link of a user to a known patient, whatever its state."""
    return [link_of(*row) for row in _LINKS.rows(session, {"user_id": user_id})]


def link_of(link_id: UUID, user_id: UUID, *rest: Any) -> Link:  # noqa: ANN401 - the columns of the query
    """Return a link from what a query has found in LINK_COLUMNS."""
    patient_id, account_id, born_on, zone, agreement_from, ends_from, basis, state, scopes, starts_at, ends_at, agreed_at = rest
    subject = Subject(patient_id, account_id, born_on, zone, AgeBands(agreement_from, ends_from))
    return Link(link_id, user_id, subject, Basis(basis), LinkState(state), frozenset(map(Act, scopes.split())), starts_at, ends_at, agreed_at)


def cared_for(session: Session, actor: Actor) -> list[PatientFacts]:
    """Return the actor's own patient and all they ever had a link to, eldest first; the caller asks who may be seen."""
    rows = run(session, _CARED_FOR, {"own_patient_id": actor.own_patient_id, "user_id": actor.user_id})
    return [PatientFacts(*row) for row in rows]


def actor(session: Session, user_id: UUID) -> Actor | None:
    """Return an active user as an actor, or None."""
    row = _ACTOR.one(session, {"user_id": user_id})
    return None if row is None else Actor(*row)


def time_zone(session: Session, patient_id: UUID) -> str | None:
    """Return the time zone of a patient's own, or None when it is that of wherever they are seen."""
    zone: str | None = run(session, select(Patient.time_zone).where(Patient.id == patient_id)).scalar_one()
    return zone


def change_time_zone(session: Session, patient_id: UUID, zone: str | None) -> bool:
    """Write the time zone of a patient; False when it was that before."""
    other = update(Patient).where(Patient.id == patient_id, Patient.time_zone.is_distinct_from(zone))
    return run(session, other.values(time_zone=zone)).rowcount > 0
