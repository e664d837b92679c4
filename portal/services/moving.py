"""Moving: another time is chosen and held; then an appointment keeps its id and gets that time, or keeps the one it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import Code, Field, Problem, told_to
from portal.domain.catalogue import Provider
from portal.domain.guardianship import Act, Actor
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest, is_repeated
from portal.domain.openings import Asked
from portal.domain.schedule import Change, Happened, ScheduleFacts, Status, change_problem
from portal.domain.slots import Slot, cells_held, offered, other_choice
from portal.services import audit, changing, history, holds, letters, openings
from portal.services.booking import ALTERNATIVES, Forbidden, Refused
from portal.services.changing import Found
from portal.services.history import Noted
from portal.services.offering import offer_given_up, offer_let_go
from portal.services.openings import Whose
from portal.services.taking import first_free, in_the_way
from portal.storage import drafts, occupancy, schedules
from portal.storage.catalogue import current_catalogue
from portal.storage.drafts import Holder


@dataclass(frozen=True, slots=True)
class Moved:
    """The appointment stands at one of the times asked for; `replayed` when an earlier identical request had moved it."""

    schedule_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """The time that a schedule may be moved to is held until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class _Case:
    """One move on its way through: of which schedule, to what, with whom, by whom."""

    found: Found
    request: MoveRequest
    provider: Provider
    asked: Asked
    actor: Actor
    hold_minutes: int

    @property
    def schedule(self) -> ScheduleFacts:
        """The schedule as it stands before."""
        return self.found.schedule

    @property
    def whose(self) -> Whose:
        """Whose time counts as held: the patient's, but for what the schedule itself holds."""
        return Whose(self.schedule.patient_id, self.schedule.id)

    @property
    def is_patient(self) -> bool:
        """Tell whether the patient themselves asks."""
        return self.schedule.patient_id == self.actor.own_patient_id


def move(session: Session, actor: Actor, request: MoveRequest, now: datetime) -> Moved | Refused | Forbidden:
    """Give a schedule the first choice, or else the second, with the same clinician for the same visit.

    Its own cells never stand in its way, and a refusal leaves it where it is. The session must have begun as a writer.
    Flushes, never commits.
    """
    found = changing.find(session, actor, Act.BOOK, request.schedule_id, now)
    if found is None:
        return Forbidden()
    if is_repeated(found.schedule, request):
        return Moved(found.schedule.id, replayed=True)
    case = _case(session, found, request, actor, now)
    return case if isinstance(case, Refused) else _first_else_second(session, case)


def move_chosen(session: Session, actor: Actor, request: MoveRequest, now: datetime) -> Moved | Refused | Forbidden:
    """Do the same, and let go in the same transaction of what `choose` holds for it; after a refusal, which nobody commits, it is held still."""
    schedule = schedules.locked(session, request.schedule_id)
    if schedule is None:
        return Forbidden()
    held, freed = drafts.held(session, actor.user_id), list[Holder]()
    if held is not None and held.draft_id == choice_of(request.schedule_id, actor.user_id):
        freed = holds.give_up_all(session, actor.user_id)
    outcome = move(session, actor, request, now)
    if isinstance(outcome, Moved):
        # The move itself has taken it, unless it ended at its second choice.
        offer_given_up(session, schedule.account_id, freed, now)
    return outcome


def choice_of(schedule_id: UUID, user_id: UUID) -> UUID:
    """Return the id of the draft by which a user holds the time to which they would move a schedule."""
    return uuid5(schedule_id, str(user_id))


def choose(session: Session, actor: Actor, request: MoveRequest, now: datetime) -> Chosen | Refused | Forbidden:
    """Hold the first choice for a schedule, in place of all else that the user holds, and see that the second can be had; nothing moves.

    The session must have begun as a writer. Flushes, never commits.
    """
    found = changing.find(session, actor, Act.BOOK, request.schedule_id, now)
    if found is None:
        return Forbidden()
    case = _case(session, found, request, actor, now)
    if isinstance(case, Refused):
        return case
    choices, problems = offered((case.provider,), case.asked, request.first_choice, request.second_choice)
    if problems:
        return Refused(tuple(problems))
    before = holds.give_up_all(session, actor.user_id)
    blocked = [(field, in_the_way(session, wanted, case.asked, case.whose)) for field, wanted in choices]
    outcome = None if any(code for _, code in blocked) else _hold(session, case, choices[0][1][0])
    if isinstance(outcome, datetime):
        offer_given_up(session, case.schedule.account_id, before, now)
        return Chosen(outcome)
    # Who came between the look and the insert has the first choice.
    codes = [(Field.FIRST_CHOICE, outcome)] if outcome else [(field, code) for field, code in blocked if code]
    problems = [Problem(field, told_to(code, is_patient=case.is_patient)) for field, code in codes]
    return Refused(tuple(problems), tuple(_alternatives(session, case, choices[0][1][0].start)))


def _hold(session: Session, case: _Case, slot: Slot) -> datetime | Code:
    """Hold what the schedule lacks of a slot; return up to when, or who is in the way."""
    schedule, user_id, now = case.schedule, case.actor.user_id, case.asked.now
    mine, spans = changing.held(session, schedule), cells_held(slot, case.asked.option, schedule.patient_id)
    lacking = {resource: [cell for cell in span if cell not in mine[resource]] for resource, span in spans.items()}
    until, draft_id = now + timedelta(minutes=case.hold_minutes), choice_of(schedule.id, user_id)
    row = {"id": draft_id, "user_id": user_id, "patient_id": schedule.patient_id, "created_at": now, "first_choice_at": slot.start}

    def take(slot: Slot) -> datetime:
        drafts.keep(session, {**row, "held_until": until, "held_provider_id": slot.provider.id})
        if any(lacking.values()):
            occupancy.hold(session, draft_id, until, lacking)
        return until

    return first_free(session, [slot], case.asked, case.whose, take)


def _case(session: Session, found: Found, request: MoveRequest, actor: Actor, now: datetime) -> _Case | Refused:
    """Return the case, or why nothing can be moved: the rules of the practice, or it has stopped to offer the visit."""
    schedule = found.schedule
    catalogue = current_catalogue(session, schedule.account_id)
    if code := change_problem(schedule, Change.MOVE, now, catalogue.account.rules):
        return Refused((Problem(Field.SCHEDULE, code),))
    provider, option = catalogue.providers.get(schedule.provider_id), catalogue.visit_options.get(schedule.visit_option_id)
    if provider is None or option is None or provider.id not in option.provider_ids:
        return Refused((Problem(Field.SCHEDULE, Code.WITHDRAWN),))
    return _Case(found, request, provider, Asked(option, now), actor, catalogue.account.rules.hold_minutes)


def _first_else_second(session: Session, case: _Case) -> Moved | Refused:
    choices, problems = offered((case.provider,), case.asked, case.request.first_choice, case.request.second_choice)
    if problems:
        return Refused(tuple(problems))
    for field, [slot] in choices:
        code = _take(session, case, slot)
        if code is None:
            # A requested one holds what it may become, so a choice that it does not hold is not kept.
            _write(session, case, field, slot, None if case.schedule.status == Status.REQUESTED else other_choice(choices, field))
            offer_let_go(session, case.schedule, case.asked.now)
            audit.record(session, case.actor, case.found.done(Deed.MOVED, slot.start.isoformat()), case.asked.now)
            return Moved(case.schedule.id)
        problems.append(Problem(field, told_to(code, is_patient=case.is_patient)))
    return Refused(tuple(problems), tuple(_alternatives(session, case, choices[0][1][0].start)))


def _take(session: Session, case: _Case, slot: Slot) -> Code | None:
    """Let the schedule hold the slot instead of what it holds, or return who is in the way."""
    schedule = case.schedule
    spans = cells_held(slot, case.asked.option, schedule.patient_id)
    mine = changing.held(session, schedule)
    return first_free(session, [slot], case.asked, case.whose, lambda _slot: occupancy.move(session, schedule.id, mine, spans))


def _alternatives(session: Session, case: _Case, wanted: datetime) -> list[datetime]:
    search = openings.Search((case.provider,), case.asked, case.schedule.patient_id, besides=case.schedule.id)
    return openings.alternatives(session, search, wanted, ALTERNATIVES, besides=case.schedule.starts_at)


def _write(session: Session, case: _Case, given: Field, slot: Slot, other: datetime | None) -> None:
    schedule, request = case.schedule, case.request
    columns = {
        "starts_at": slot.start,
        "ends_at": slot.start + timedelta(minutes=case.asked.option.minutes),
        "other_choice_at": other,
        "first_choice_given": given is Field.FIRST_CHOICE,
        "first_choice_form": request.first_choice_form,
        "second_choice_form": request.second_choice_form,
        "old_starts_at": schedule.starts_at,
        "old_other_choice_at": schedule.other_choice_at,
        "old_form": schedule.given_form,
        "modified_at": case.asked.now,
        "modified_by": case.actor.user_id,
    }
    schedules.change(session, schedule.id, columns)
    schedules.raise_sequence(session, schedule.id)
    noted = Noted(schedule.id, Happened.MOVED, Status(schedule.status), slot.start, case.found.link_id)
    history.note(session, case.actor, noted, case.asked.now)
    # What is asked for anew is no appointment yet.
    letters.tell(session, Kind.REQUESTED if schedule.status == Status.REQUESTED else Kind.MOVED, [schedule.id], case.asked.now)
