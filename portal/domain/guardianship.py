"""Who may do what for which patient, at which instant: the one rule behind every door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


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


@dataclass(frozen=True, slots=True)
class Link:
    """A guardian's authority over a patient for [starts_at, ends_at); ends_at None means without an end."""

    id: UUID
    user_id: UUID
    patient_id: UUID
    state: LinkState
    scopes: frozenset[Act]
    starts_at: datetime
    ends_at: datetime | None

    def allows(self, act: Act, now: datetime) -> bool:
        """Tell whether this link gives a right at an instant."""
        begun = self.starts_at <= now and (self.ends_at is None or now < self.ends_at)
        return self.state is LinkState.ACTIVE and begun and act in self.scopes


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in user, or the user that a bearer key speaks for, with their own patient record if any."""

    user_id: UUID
    account_id: UUID
    own_patient_id: UUID | None


@dataclass(frozen=True, slots=True)
class Subject:
    """The patient that an act concerns."""

    patient_id: UUID
    account_id: UUID


def link_for(actor: Actor, act: Act, subject: Subject, links: Iterable[Link], now: datetime) -> Link | None:
    """Return the link by which the actor may do this for another person, or None."""
    return next((link for link in links if link.user_id == actor.user_id and link.patient_id == subject.patient_id and link.allows(act, now)), None)


def may(actor: Actor, act: Act, subject: Subject, links: Iterable[Link], now: datetime) -> bool:
    """Tell whether the actor may do this for the patient: for themselves, or by an active link of the same account."""
    if actor.account_id != subject.account_id:
        return False
    return subject.patient_id == actor.own_patient_id or link_for(actor, act, subject, links, now) is not None
