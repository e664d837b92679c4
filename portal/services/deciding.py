"""Deciding: the practice confirms one of the times of a request, or declines it; what it does not need is free in the same transaction."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed, Origin
from portal.domain.booking import Code, Field, Problem, storable, utf16_length
from portal.domain.catalogue import VisitOption
from portal.domain.mail import Kind
from portal.domain.schedule import CANCEL_REASON_MAX, Change, Happened, ScheduleFacts, Status, change_problem
from portal.domain.slots import patient_cells, provider_cells
from portal.services import audit, changing, history, letters
from portal.services.audit import Done
from portal.services.booking import Refused
from portal.services.history import Noted
from portal.services.offering import offer_let_go
from portal.storage import occupancy, schedules
from portal.storage.catalogue import current_catalogue


@dataclass(frozen=True, slots=True)
class Decided:
    """The request is decided; its id."""

    schedule_id: UUID


@dataclass(frozen=True, slots=True)
class Unknown:
    """There is no such schedule."""


def confirm(session: Session, schedule_id: UUID, origin: Origin, now: datetime, *, second: bool = False) -> Decided | Refused | Unknown:
    """Give a request its first choice, or with `second` the other, and let go of what only the one not given needs.

    The session must have begun as a writer. Flushes, never commits.
    """
    schedule = schedules.locked(session, schedule_id)
    if schedule is None:
        return Unknown()
    catalogue = current_catalogue(session, schedule.account_id)
    option, start = catalogue.visit_options.get(schedule.visit_option_id), schedule.other_choice_at if second else schedule.starts_at
    code = change_problem(schedule, Change.CONFIRM, now, catalogue.account.rules)
    if code is None and start is None:
        return Refused((Problem(Field.SECOND_CHOICE, Code.REQUIRED),))
    if code is None and start is not None:
        code = Code.BEGUN if start <= now else Code.WITHDRAWN if option is None else None
    if code is not None or option is None or start is None:
        return Refused((Problem(Field.SCHEDULE, code or Code.WITHDRAWN),))
    _keep(session, schedule, option, start)
    other = schedule.starts_at if second else schedule.other_choice_at
    length = schedule.ends_at - schedule.starts_at
    given = {"starts_at": start, "ends_at": start + length, "other_choice_at": other, "first_choice_given": schedule.first_choice_given is not second}
    schedules.change(session, schedule_id, {"status": Status.BOOKED, "modified_at": now, **given})
    schedules.raise_sequence(session, schedule_id)
    history.note(session, origin, Noted(schedule_id, Happened.CONFIRMED, Status.BOOKED, start), now)
    letters.tell(session, Kind.CONFIRMED, [schedule_id], now)
    offer_let_go(session, schedule, now)
    audit.record(session, origin, _done(schedule, Deed.CONFIRMED), now)
    return Decided(schedule_id)


def decline(session: Session, schedule_id: UUID, origin: Origin, reason: str, now: datetime) -> Decided | Refused | Unknown:
    """Decline a request, for a reason that the patient reads, and let go of all that it holds.

    The session must have begun as a writer. Flushes, never commits.
    """
    schedule = schedules.locked(session, schedule_id)
    if schedule is None:
        return Unknown()
    rules = current_catalogue(session, schedule.account_id).account.rules
    problems = [Problem(Field.SCHEDULE, code)] if (code := change_problem(schedule, Change.DECLINE, now, rules)) else []
    if not reason.strip():
        problems.append(Problem(Field.CANCEL_REASON, Code.REQUIRED))
    elif utf16_length(reason) > CANCEL_REASON_MAX:
        problems.append(Problem(Field.CANCEL_REASON, Code.TOO_LONG))
    if problems:
        return Refused(tuple(problems))
    occupancy.release(session, schedule_id, changing.held(session, schedule))
    said = storable(reason)
    schedules.change(session, schedule_id, {"status": Status.DECLINED, "cancel_reason": said, "cancelled_at": now, "modified_at": now})
    schedules.raise_sequence(session, schedule_id)
    history.note(session, origin, Noted(schedule_id, Happened.DECLINED, Status.DECLINED, schedule.starts_at, reason=said), now)
    letters.tell(session, Kind.DECLINED, [schedule_id], now)
    offer_let_go(session, schedule, now)
    audit.record(session, origin, _done(schedule, Deed.DECLINED), now)
    return Decided(schedule_id)


def _keep(session: Session, schedule: ScheduleFacts, option: VisitOption, start: datetime) -> None:
    """Let go of all cells that a visit from `start` on does not need."""
    kept = {schedule.provider_id: provider_cells(option, start), schedule.patient_id: patient_cells(option, start)}
    held = changing.held(session, schedule)
    occupancy.release(session, schedule.id, {resource: [cell for cell in cells if cell not in kept[resource]] for resource, cells in held.items()})


def _done(schedule: ScheduleFacts, deed: Deed) -> Done:
    return Done(schedule.patient_id, deed, schedule.id, private=schedule.private)
