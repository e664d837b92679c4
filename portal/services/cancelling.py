"""Cancelling: an appointment is called off and its time is free for others."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import Code, Field, Problem, storable, utf16_length
from portal.domain.guardianship import Act, Actor
from portal.domain.mail import Kind
from portal.domain.practice import PracticeRules
from portal.domain.schedule import CANCEL_REASON_MAX, Change, Happened, ScheduleFacts, Status, change_problem
from portal.services import audit, changing, history, letters
from portal.services.booking import Forbidden, Refused
from portal.services.history import Noted
from portal.services.offering import offer_let_go
from portal.storage import occupancy, schedules
from portal.storage.catalogue import current_catalogue


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The appointment is off; `replayed` when it had been cancelled before, whose reason and instant then stay."""

    schedule_id: UUID
    replayed: bool = False


def cancel(session: Session, actor: Actor, schedule_id: UUID, reason: str | None, now: datetime) -> Cancelled | Refused | Forbidden:
    """Cancel a schedule, for a reason of at most CANCEL_REASON_MAX UTF-16 units if one is given.

    The session must have begun as a writer. Flushes, never commits.
    """
    found = changing.find(session, actor, Act.CANCEL, schedule_id, now)
    if found is None:
        return Forbidden()
    schedule = found.schedule
    if schedule.status == Status.CANCELLED:
        return Cancelled(schedule_id, replayed=True)
    rules = current_catalogue(session, schedule.account_id).account.rules
    if problems := _problems(schedule, reason, now, rules):
        return Refused(tuple(problems))
    occupancy.release(session, schedule_id, changing.held(session, schedule))
    said = None if reason is None else storable(reason)
    stamps = {"cancelled_at": now, "modified_at": now, "modified_by": actor.user_id}
    schedules.change(session, schedule_id, {"status": Status.CANCELLED, "cancel_reason": said, **stamps})
    schedules.raise_sequence(session, schedule_id)
    noted = Noted(schedule_id, Happened.CANCELLED, Status.CANCELLED, schedule.starts_at, found.link_id, said)
    history.note(session, actor, noted, now)
    letters.tell(session, Kind.CANCELLED, [schedule_id], now)
    offer_let_go(session, schedule, now)
    audit.record(session, actor, found.done(Deed.CANCELLED), now)
    return Cancelled(schedule_id)


def _problems(schedule: ScheduleFacts, reason: str | None, now: datetime, rules: PracticeRules) -> list[Problem]:
    problems = [Problem(Field.SCHEDULE, code)] if (code := change_problem(schedule, Change.CANCEL, now, rules)) else []
    if reason is not None and utf16_length(reason) > CANCEL_REASON_MAX:
        problems.append(Problem(Field.CANCEL_REASON, Code.TOO_LONG))
    return problems
