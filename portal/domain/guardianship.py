"""Who may do what for which patient, at which instant: the one rule behind every door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portal.domain.ages import AgeBands, age_at, reaches
from portal.domain.audit import NOWHERE, Origin


class Act(StrEnum):
    """What somebody may be allowed to do for a patient, and so a scope of a guardian link."""

    SEE = "see"
    BOOK = "book"
    CANCEL = "cancel"
    SEE_REASON = "see_reason"
    DOCUMENTS = "documents"


class LinkState(StrEnum):
    """The life of a guardian link; only an active one gives any right."""

    REQUESTED = "requested"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    REFUSED = "refused"


class Basis(StrEnum):
    """By what law somebody acts for another."""

    PARENT = "parent"
    LEGAL_GUARDIAN = "legal_guardian"
    COURT = "court"
    CONSENT = "consent"


# Rights over a child, which change with the child's age. A court's order and an adult's consent say themselves how long they hold.
OVER_CHILDREN = frozenset({Basis.PARENT, Basis.LEGAL_GUARDIAN})


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient that an act concerns; their age is counted by the calendar of the account's zone.

    `private` when the act is about something that the patient keeps from guardians.
    """

    patient_id: UUID
    account_id: UUID
    born_on: date
    time_zone: str
    bands: AgeBands
    private: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A guardian's authority over a patient for [starts_at, ends_at); ends_at None means without an end.

    `agreed_at` is when the young person agreed, None when they have not, or have taken it back.
    """

    id: UUID
    user_id: UUID
    subject: Subject
    basis: Basis
    state: LinkState
    scopes: frozenset[Act]
    starts_at: datetime
    ends_at: datetime | None
    agreed_at: datetime | None = None

    @property
    def patient_id(self) -> UUID:
        """Whom the link is about."""
        return self.subject.patient_id

    def allows(self, act: Act, now: datetime) -> bool:
        """Tell whether this link gives a right at an instant."""
        return self.state is LinkState.ACTIVE and act in self.scopes and self.holds(now)

    def holds(self, now: datetime) -> bool:
        """Tell whether an instant lies within the link's span and within what the patient's age admits."""
        return self.starts_at <= now and (self.ends_at is None or now < self.ends_at) and self._age_admits(now)

    def _age_admits(self, now: datetime) -> bool:
        if self.basis not in OVER_CHILDREN:
            return True
        subject = self.subject
        age = age_at(subject.born_on, subject.time_zone, now)
        if age < subject.bands.agreement_from:
            return True
        # What was agreed to before the young person was asked is no agreement of theirs: at the birthday access narrows by itself.
        asked_from = reaches(subject.born_on, subject.time_zone, subject.bands.agreement_from)
        return age < subject.bands.ends_from and self.agreed_at is not None and asked_from <= self.agreed_at <= now


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: a signed-in user, or the user that a bearer key speaks for, with their own patient record if any."""

    user_id: UUID
    account_id: UUID
    own_patient_id: UUID | None
    origin: Origin = NOWHERE


def link_for(actor: Actor, act: Act, subject: Subject, links: Iterable[Link], now: datetime) -> Link | None:
    """Return the link by which the actor may do this for another person, or None."""
    return next((link for link in links if link.user_id == actor.user_id and link.patient_id == subject.patient_id and link.allows(act, now)), None)


def rights(actor: Actor, patient_id: UUID, links: Iterable[Link], now: datetime) -> frozenset[Act]:
    """Return all that the actor may do for a patient: everything for themselves, else what active links of their account give together."""
    if patient_id == actor.own_patient_id:
        return frozenset(Act)
    over = [link for link in links if link.user_id == actor.user_id and link.patient_id == patient_id and link.subject.account_id == actor.account_id]
    return frozenset(act for act in Act if any(link.allows(act, now) for link in over))


def may(actor: Actor, act: Act, subject: Subject, links: Iterable[Link], now: datetime) -> bool:
    """Tell whether the actor may do this for the patient: for themselves, or by an active link of the same account.

    What the patient keeps private, no link reaches.
    """
    if actor.account_id != subject.account_id:
        return False
    if subject.patient_id == actor.own_patient_id:
        return True
    return not subject.private and link_for(actor, act, subject, links, now) is not None
