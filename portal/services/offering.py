"""A time that becomes free is offered to whoever's turn it is on the wait list, in the transaction that frees it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.catalogue import Catalogue, VisitOption
from portal.domain.guardianship import Act, may
from portal.domain.mail import Kind, Letter
from portal.domain.openings import Asked
from portal.domain.schedule import ScheduleFacts, Status
from portal.domain.slots import Slot, cells_held
from portal.domain.waiting import OfferState, WaitState, held_until, in_turn, suits, told_at
from portal.services import outbox, rules
from portal.services.authority import authority
from portal.services.openings import Whose
from portal.services.rules import Wanted
from portal.services.taking import first_free
from portal.storage import members, occupancy, patients, waits
from portal.storage.catalogue import current_catalogue
from portal.storage.drafts import Holder
from portal.storage.members import Member
from portal.storage.patients import PatientFacts
from portal.storage.waits import WaitFacts

OFFER_PATH = "/waiting/offers/"


class Freed(NamedTuple):
    """A time of a provider that somebody has just let go of, cells and all."""

    account_id: UUID
    provider_id: UUID
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class _Turn:
    """One entry whose turn it may be: what it waits for, whom it is for, and who is written to."""

    waiting: WaitFacts
    option: VisitOption
    patient: PatientFacts
    member: Member


@dataclass(frozen=True, slots=True)
class _Terms:
    """When the mail of an offer may leave, and up to when the time is held."""

    told: datetime
    until: datetime


def offer_freed(session: Session, freed: Freed, now: datetime) -> UUID | None:
    """Offer a freed time to the next who waits for it, and return the offer's id; None when nobody does.

    Never waits for another transaction that writes the wait list: an entry that one has is passed over. Nobody is offered a time twice.
    To be called before the audit is written, which is the last thing in a transaction. Flushes, never commits.
    """
    waiting = {one.id: one for one in waits.waiting_for(session, freed.provider_id, freed.starts_at, now)}
    if not waiting:
        return None
    catalogue = current_catalogue(session, freed.account_id)
    if freed.provider_id not in catalogue.providers:
        return None
    slot = Slot(catalogue.providers[freed.provider_id], freed.starts_at)
    offers = (_offered_to(session, waiting[wish.id], slot, catalogue, now) for wish in in_turn(one.wish for one in waiting.values()))
    return next((offer_id for offer_id in offers if offer_id), None)


def offer_let_go(session: Session, schedule: ScheduleFacts, now: datetime) -> None:
    """Offer what a schedule has just let go of, given as it was before: its time, and of a request the other that it held.

    What it has kept, or another has taken, is offered to nobody. Flushes, never commits.
    """
    other = schedule.other_choice_at if schedule.status == Status.REQUESTED else None
    for start in (schedule.starts_at, *([other] if other else [])):
        offer_freed(session, Freed(schedule.account_id, schedule.provider_id, start), now)


def offer_given_up(session: Session, account_id: UUID, held: Iterable[Holder], now: datetime) -> None:
    """Offer the times that drafts have just let go of. Flushes, never commits."""
    for one in held:
        offer_freed(session, Freed(account_id, one.provider_id, one.starts_at), now)


def _offered_to(session: Session, waiting: WaitFacts, slot: Slot, catalogue: Catalogue, now: datetime) -> UUID | None:
    option = catalogue.visit_options.get(waiting.visit_option_id)
    if option is None or not suits(waiting.wish, slot, Asked(option, now)):
        return None
    told = told_at(now, catalogue.account.time_zone, catalogue.account.rules)
    until = held_until(told, slot, option, catalogue.account.rules)
    turn = _turn(session, waiting, Wanted(catalogue, option, (slot.start,)), now)
    if until is None or turn is None or not waits.claim(session, waiting.id):
        return None
    return _offer(session, turn, slot, _Terms(told, until), now)


def _turn(session: Session, waiting: WaitFacts, wanted: Wanted, now: datetime) -> _Turn | None:
    """Return the turn of an entry, or None when whoever waits may not book for the patient any more, or the practice's rules are against it.

    Near another visit of the same type is not: who waits for this one wants both.
    """
    actor = patients.actor(session, waiting.user_id)
    known = authority(session, actor, waiting.patient_id) if actor else None
    member = members.member(session, waiting.user_id)
    if actor is None or known is None or member is None or (waiting.is_private and actor.own_patient_id != waiting.patient_id):
        return None
    if not may(actor, Act.BOOK, known.patient.subject, known.links, now):
        return None
    broken = [] if waiting.schedule_id else rules.problems(session, rules.person_for(actor, known, now), wanted, now)
    if any(problem.code is not Code.REPEATED for problem in broken):
        return None
    return _Turn(waiting, wanted.option, known.patient, member)


def _offer(session: Session, turn: _Turn, slot: Slot, terms: _Terms, now: datetime) -> UUID | None:
    """Hold the time for an entry and write to them, or return None when they are busy then or it is no longer free."""
    draft_id, patient_id = uuid4(), turn.patient.id

    def hold(slot: Slot) -> UUID:
        waits.add_draft(session, _draft(turn, slot, terms, now) | {"id": draft_id})
        occupancy.hold(session, draft_id, terms.until, cells_held(slot, turn.option, patient_id))
        return uuid4()

    offer_id = first_free(session, [slot], Asked(turn.option, now), Whose(patient_id), hold)
    if isinstance(offer_id, Code):
        return None
    made = {"draft_id": draft_id, "provider_id": slot.provider.id, "starts_at": slot.start, "offered_at": now, "expires_at": terms.until}
    waits.add_offer(session, {"id": offer_id, "waiting_id": turn.waiting.id, "state": OfferState.OPEN.value, **made})
    waits.change(session, turn.waiting.id, {"state": WaitState.OFFERED.value})
    outbox.put(session, _letter(turn, offer_id, terms), now)
    return offer_id


def _draft(turn: _Turn, slot: Slot, terms: _Terms, now: datetime) -> dict[str, object]:
    """Return the columns of the draft by which a time is held and booked: the answers of the entry, with this provider at this time."""
    waiting = turn.waiting
    copied = ("user_id", "patient_id", "speciality_id", "facility_id", "visit_option_id", "reason_ids", "reason", "note", "private")
    held = {"provider_id": slot.provider.id, "first_choice_at": slot.start, "held_provider_id": slot.provider.id, "held_until": terms.until}
    return {**{name: getattr(waiting, name) for name in copied}, **held, "is_offer": True, "created_at": now}


def _letter(turn: _Turn, offer_id: UUID, terms: _Terms) -> Letter:
    member, patient = turn.member, turn.patient
    facts = {"patient": patient.given_name, "path": f"{OFFER_PATH}{offer_id}", "held_until": terms.until.isoformat()}
    return Letter(Kind.WAIT_OFFER, member.account_id, member.email, member.language, facts, member.id, patient.id, terms.told)
