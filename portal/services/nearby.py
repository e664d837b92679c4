"""Booking near another visit of the same type: the person says whether both stay or the new one stands in for the other."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.catalogue import Catalogue
from portal.domain.guardianship import Act, Actor, may
from portal.domain.rules import NearVisit
from portal.services import cancelling, rules
from portal.services import drafts as service
from portal.services.authority import authority
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.cancelling import Cancelled
from portal.storage import drafts, schedules
from portal.storage.drafts import DraftFacts


@dataclass(frozen=True, slots=True)
class Ready:
    """A complete draft that the transaction has read and locked, and what it was made from."""

    draft: DraftFacts
    catalogue: Catalogue


@dataclass(frozen=True, slots=True)
class Near:
    """Live visits of the patient of the same type near the one that a draft asks for; `replaceable` when all can be cancelled instead."""

    visits: tuple[NearVisit, ...]
    replaceable: bool

    @property
    def ids(self) -> frozenset[UUID]:
        """Which they are."""
        return frozenset(visit.id for visit in self.visits)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is to become of the visits near: `replace` cancels them, else they stay beside the new one."""

    near: frozenset[UUID]
    replace: bool


def near(session: Session, actor: Actor, ready: Ready, now: datetime) -> Near | None:
    """Return the visits about which the person is to be asked before this draft is booked, or None; nothing is read without a rule."""
    draft, catalogue = ready.draft, ready.catalogue
    option = catalogue.visit_options.get(draft.visit_option_id) if draft.visit_option_id else None
    if option is None or not option.rules.repeat_days or draft.first_choice_at is None:
        return None
    known = authority(session, actor, draft.patient_id)
    if known is None:
        return None
    starts = tuple(time for time in (draft.first_choice_at, draft.second_choice_at) if time)
    found = rules.near(session, rules.person_for(actor, known, now), rules.Wanted(catalogue, option, starts))
    replaceable = may(actor, Act.CANCEL, known.patient.subject, known.links, now) and all(visit.starts_at > now for visit in found)
    return Near(tuple(found), replaceable) if found else None


def book(session: Session, actor: Actor, ready: Ready, decided: Decided | None, now: datetime) -> Booked | Refused | Forbidden:
    """Book a draft as `drafts.book` does, and cancel the visits near it in the same transaction where it stands in for them.

    A refusal, of the booking or of the cancelling, is committed by nobody. Flushes, never commits.
    """
    draft = ready.draft
    if decided is None or draft.schedule_id is not None:
        return service.book(session, actor, draft, ready.catalogue, now)
    # All that others may hold is locked before the booking's row of the audit is written, and after it nothing is waited for.
    replaced = sorted(decided.near, key=lambda schedule_id: schedule_id.bytes) if decided.replace else []
    for schedule_id in replaced:
        schedules.locked(session, schedule_id)
    drafts.change(session, draft.id, {"repeated": "replace" if decided.replace else "keep"})
    kept = frozenset() if decided.replace else decided.near
    outcome = service.book(session, actor, replace(draft, kept=kept, replaced=frozenset(replaced)), ready.catalogue, now)
    if isinstance(outcome, Booked) and not outcome.replayed:
        for schedule_id in replaced:
            cancelled = cancelling.cancel(session, actor, schedule_id, None, now)
            if not isinstance(cancelled, Cancelled):
                return cancelled
    return outcome
