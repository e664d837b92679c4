"""Moving: an appointment keeps its id and gets another time, or keeps the time it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import Code, Field, Problem, told_to
from portal.domain.catalogue import Catalogue, Provider
from portal.domain.guardianship import Act, Actor
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest, is_repeated
from portal.domain.openings import Asked
from portal.domain.schedule import Change, Happened, ScheduleFacts, Status, change_problem
from portal.domain.slots import Slot, cells_held, offered, other_choice
from portal.services import audit, changing, history, letters, openings
from portal.services.booking import ALTERNATIVES, Forbidden, Refused
from portal.services.changing import Found
from portal.services.history import Noted
from portal.services.offering import Freed, offer_freed
from portal.services.openings import Whose
from portal.services.taking import first_free
from portal.storage import occupancy, schedules
from portal.storage.catalogue import current_catalogue


@dataclass(frozen=True, slots=True)
class Moved:
    """The appointment stands at one of the times asked for; `replayed` when an earlier identical request had moved it."""

    schedule_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class _Case:
    """One move on its way through: of which schedule, to what, with whom, by whom."""

    found: Found
    request: MoveRequest
    provider: Provider
    asked: Asked
    actor: Actor

    @property
    def schedule(self) -> ScheduleFacts:
        """The schedule as it stands before."""
        return self.found.schedule

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
    schedule = found.schedule
    if is_repeated(schedule, request):
        return Moved(schedule.id, replayed=True)
    catalogue = current_catalogue(session, schedule.account_id)
    if code := change_problem(schedule, Change.MOVE, now, catalogue.account.rules):
        return Refused((Problem(Field.SCHEDULE, code),))
    case = _case(found, request, catalogue, actor, now)
    if case is None:
        return Refused((Problem(Field.SCHEDULE, Code.WITHDRAWN),))
    return _first_else_second(session, case)


def _case(found: Found, request: MoveRequest, catalogue: Catalogue, actor: Actor, now: datetime) -> _Case | None:
    """Return the case, or None when the practice has stopped to offer the visit."""
    schedule = found.schedule
    provider, option = catalogue.providers.get(schedule.provider_id), catalogue.visit_options.get(schedule.visit_option_id)
    if provider is None or option is None or provider.id not in option.provider_ids:
        return None
    return _Case(found, request, provider, Asked(option, now), actor)


def _first_else_second(session: Session, case: _Case) -> Moved | Refused:
    choices, problems = offered((case.provider,), case.asked, case.request.first_choice, case.request.second_choice)
    if problems:
        return Refused(tuple(problems))
    for field, [slot] in choices:
        code = _take(session, case, slot)
        if code is None:
            # A requested one holds what it may become, so a choice that it does not hold is not kept.
            _write(session, case, field, slot, None if case.schedule.status == Status.REQUESTED else other_choice(choices, field))
            offer_freed(session, Freed(case.schedule.account_id, case.schedule.provider_id, case.schedule.starts_at), case.asked.now)
            audit.record(session, case.actor, case.found.done(Deed.MOVED, slot.start.isoformat()), case.asked.now)
            return Moved(case.schedule.id)
        problems.append(Problem(field, told_to(code, is_patient=case.is_patient)))
    return Refused(tuple(problems), tuple(_alternatives(session, case, choices[0][1][0].start)))


def _take(session: Session, case: _Case, slot: Slot) -> Code | None:
    """Let the schedule hold the slot instead of what it holds, or return who is in the way."""
    schedule = case.schedule
    spans = cells_held(slot, case.asked.option, schedule.patient_id)
    mine = changing.held(session, schedule)
    whose = Whose(schedule.patient_id, schedule.id)
    return first_free(session, [slot], case.asked, whose, lambda _slot: occupancy.move(session, schedule.id, mine, spans))


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
