"""A booking being made in the browser: kept on the server, answer by answer, until it is booked."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.booking import REASON_MAX, BookingRequest, Code, Field, Problem, storable, told_to
from portal.domain.catalogue import Catalogue, Provider, VisitOption
from portal.domain.guardianship import Act, Actor, may
from portal.domain.links import is_asked
from portal.domain.openings import Asked
from portal.domain.slots import blocked, slots
from portal.services import booking, holds, openings
from portal.services.authority import authority
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.offering import offer_given_up
from portal.services.openings import Holding, Whose
from portal.storage import drafts, guardians
from portal.storage.drafts import DraftFacts, Holder
from portal.storage.patients import PatientFacts
from portal.storage.schedule import Draft

UNBOOKED = {"first_choice_at": None, "second_choice_at": None}


@dataclass(frozen=True, slots=True)
class Choices:
    """First and second choice of a time, as aware instants; `by_patient` when patients choose for themselves."""

    first: datetime
    second: datetime | None
    by_patient: bool = False


def start(session: Session, actor: Actor, patient_id: UUID, now: datetime) -> UUID | None:
    """Write a new draft for a patient and return its id, or None when the actor may not book for them."""
    if not may_book(session, actor, patient_id, now):
        return None
    draft = Draft(id=uuid4(), user_id=actor.user_id, patient_id=patient_id, created_at=now, reason_ids="")
    session.add(draft)
    session.flush()
    return draft.id


@dataclass(frozen=True, slots=True)
class Whom:
    """Whom the visit is to be with: one provider, or with None any of a speciality at a facility (None: wherever)."""

    speciality_id: UUID
    provider_id: UUID | None
    facility_id: UUID | None


def choose_provider(session: Session, draft: DraftFacts, whom: Whom, catalogue: Catalogue, now: datetime) -> bool:
    """Write whom the visit is to be with; False when the practice has nobody like that.

    A visit option that the new provider does not offer, and the times, are forgotten.
    """
    chosen = catalogue.providers_of(whom.speciality_id, None, whom.facility_id, whom.provider_id)
    if not chosen:
        return False
    answers: dict[str, Any] = asdict(whom)
    option = catalogue.visit_options.get(draft.visit_option_id) if draft.visit_option_id else None
    if option is None or not option.provider_ids & {provider.id for provider in chosen}:
        answers["visit_option_id"] = None
    if whom != Whom(draft.speciality_id or whom.speciality_id, draft.provider_id, draft.facility_id):
        give_up(session, draft, catalogue, now)
        answers |= UNBOOKED
    drafts.change(session, draft.id, answers)
    return True


def choose_visit(session: Session, draft: DraftFacts, visit_option_id: UUID, catalogue: Catalogue, now: datetime) -> bool:
    """Write the visit option; False when none of the draft's providers offers it. Another length forgets the times."""
    if visit_option_id not in {option.id for option in visit_options(draft, catalogue)}:
        return False
    changed = visit_option_id != draft.visit_option_id
    if changed:
        give_up(session, draft, catalogue, now)
    drafts.change(session, draft.id, {"visit_option_id": visit_option_id} | (UNBOOKED if changed else {}))
    return True


@dataclass(frozen=True, slots=True)
class Why:
    """Why the patient comes: coded reasons, their own words, a note; `private` keeps the visit from people who act for them."""

    reason_ids: tuple[UUID, ...]
    reason: str
    note: str | None
    private: bool = False


def say_why(session: Session, draft: DraftFacts, why: Why) -> None:
    """Write why; the form has checked it."""
    said = {"reason_ids": " ".join(map(str, why.reason_ids)), "reason": storable(why.reason), "note": storable(why.note) if why.note else None}
    drafts.change(session, draft.id, {**said, "private": why.private})


def offers_privacy(session: Session, patient: PatientFacts, now: datetime) -> bool:
    """Tell whether patients are asked if a visit is to be private: young people always, others when somebody acts for them."""
    return is_asked(patient.subject, now) or guardians.any_living(session, patient.id)


def choose_times(session: Session, draft: DraftFacts, choices: Choices, catalogue: Catalogue, now: datetime) -> list[Problem]:
    """Write first and second choice, or return why one of them cannot be had now."""
    search = search_for(draft, catalogue, now)
    wanted = [(Field.FIRST_CHOICE, choices.first), (Field.SECOND_CHOICE, choices.second)]
    found = [(field, _unavailable(session, search, draft, time)) for field, time in wanted if time]
    problems = [Problem(field, told_to(code, is_patient=choices.by_patient)) for field, code in found if code]
    if choices.second is not None and choices.second == choices.first:
        problems.append(Problem(Field.SECOND_CHOICE, Code.SAME_TIME))
    if not problems:
        held = holds.hold(session, draft, search, choices.first, catalogue.account.rules.hold_minutes)
        if isinstance(held, Code):
            return [Problem(Field.FIRST_CHOICE, held)]
        chosen = {"first_choice_at": choices.first, "second_choice_at": choices.second}
        drafts.change(session, draft.id, {**chosen, "held_until": held.until, "held_provider_id": held.provider_id})
        offer_given_up(
            session, catalogue.account.id, (one for one in held.before if (one.provider_id, one.starts_at) != (held.provider_id, choices.first)), now
        )
    return problems


def give_up(session: Session, draft: DraftFacts, catalogue: Catalogue, now: datetime) -> None:
    """Let go of the time that a draft holds, which is then offered to whoever waits for it. Flushes, never commits."""
    if (holder := holder_of(draft)) is not None:
        holds.give_up(session, holder)
        with_whom = dict.fromkeys([holder.provider_id, *(one.held_provider_id for one in draft.companions if one.held_provider_id)])
        offer_given_up(session, catalogue.account.id, [holder._replace(provider_id=provider_id) for provider_id in with_whom], now)


def holder_of(draft: DraftFacts) -> Holder | None:
    """Return what a draft holds, or None."""
    if draft.held_provider_id is None or draft.first_choice_at is None:
        return None
    return Holder(draft.id, draft.patient_id, draft.held_provider_id, draft.first_choice_at, draft.held_until if draft.arrangement else None)


def book(session: Session, actor: Actor, draft: DraftFacts, catalogue: Catalogue, now: datetime) -> Booked | Refused | Forbidden:
    """Book a complete draft that this transaction has read and locked; a booked one answers its schedule again.

    The time that it holds becomes the booking's in the same transaction; after a refusal, which nobody commits, it holds it still.
    What its user holds by another draft stands in its way no more than its own.
    """
    if draft.schedule_id is not None:
        return Booked(draft.schedule_id, replayed=True)
    freed: list[Holder] = []
    if (holder := holder_of(draft)) is not None:
        holds.let_go(session, holder)
    elif draft.holding is not None:
        freed = holds.give_up_all(session, draft.user_id)
    outcome = booking.book(session, actor, _request(draft, actor, catalogue), now)
    if isinstance(outcome, Booked):
        drafts.close(session, draft.id, outcome.schedule_id)
        # With a clinician of their choice people get what they hold; with any, perhaps another has more room by now.
        if holder is not None and (outcome.replayed or draft.provider_id is None):
            freed = [holder]
        offer_given_up(session, catalogue.account.id, freed, now)
    return outcome


def providers_of(draft: DraftFacts, catalogue: Catalogue, option: VisitOption | None = None) -> tuple[Provider, ...]:
    """Return the providers the draft may be booked with."""
    return catalogue.providers_of(draft.speciality_id, option, draft.facility_id, draft.provider_id)


def visit_options(draft: DraftFacts, catalogue: Catalogue) -> list[VisitOption]:
    """Return the visit options that the draft's providers offer."""
    return catalogue.visit_options_of(frozenset(provider.id for provider in providers_of(draft, catalogue)))


def search_for(draft: DraftFacts, catalogue: Catalogue, now: datetime) -> openings.Search:
    """Return the search for the draft's open times; raises KeyError when its visit option is not offered any more."""
    option = catalogue.visit_options[draft.visit_option_id] if draft.visit_option_id else None
    if option is None or not (providers := providers_of(draft, catalogue, option)):
        raise KeyError(draft.visit_option_id)
    return openings.Search(providers, Asked(option, now), draft.patient_id, draft.holding)


def _unavailable(session: Session, search: openings.Search, draft: DraftFacts, wanted: datetime) -> Code | None:
    found = slots(search.providers, search.asked, wanted)
    if isinstance(found, Code):
        return found
    providers = tuple(slot.provider.id for slot in found)
    held = openings.occupied(session, Holding(providers, openings.around(wanted), search.asked.now, Whose(draft.patient_id, draft.holding)))
    codes = [blocked(slot, search.asked.option, held) for slot in found]
    return codes[0] if all(codes) else None


def _request(draft: DraftFacts, actor: Actor, catalogue: Catalogue) -> BookingRequest:
    if draft.first_choice_at is None:
        raise LookupError("a draft without a time cannot be booked")
    return BookingRequest(
        user_id=actor.user_id,
        account_id=actor.account_id,
        patient_id=draft.patient_id,
        first_choice=draft.first_choice_at,
        second_choice=draft.second_choice_at,
        reason=draft.reason or named_reasons(draft.reason_ids, catalogue),
        provider_id=draft.provider_id,
        speciality_id=draft.speciality_id,
        facility_id=draft.facility_id,
        visit_option_id=draft.visit_option_id,
        note=draft.note,
        reason_ids=draft.reason_ids,
        private=draft.private,
        kept=draft.kept,
        replaced=draft.replaced,
    )


def named_reasons(reason_ids: Iterable[UUID], catalogue: Catalogue) -> str:
    """Return the names of coded reasons as one text: it stands for the patient's own words where there are none."""
    return ", ".join(catalogue.reasons[reason_id].name for reason_id in reason_ids if reason_id in catalogue.reasons)[:REASON_MAX]


def may_book(session: Session, actor: Actor, patient_id: UUID, now: datetime) -> bool:
    """Tell whether somebody may book for a patient now."""
    known = authority(session, actor, patient_id)
    return known is not None and may(actor, Act.BOOK, known.patient.subject, known.links, now)
