"""Booking: the one function behind the web page and the JSON call."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import BookingRequest, Choice, Code, Echo, Field, Problem, fingerprint, settle, storable, told_to
from portal.domain.catalogue import Catalogue
from portal.domain.guardianship import Act, Actor, link_for, may
from portal.domain.mail import Kind
from portal.domain.openings import Asked
from portal.domain.schedule import Happened, Status, reference_of
from portal.domain.slots import Slot, cells_held, offered, other_choice, resolve
from portal.services import audit, history, letters, openings, rules
from portal.services.audit import Done
from portal.services.authority import Authority, authority
from portal.services.history import Noted
from portal.services.openings import Whose
from portal.services.rules import Person, Wanted
from portal.services.taking import first_free, in_the_way
from portal.storage import occupancy, schedules
from portal.storage.catalogue import catalogue as catalogue_at
from portal.storage.core import savepoint

ALTERNATIVES = 3
_BLOCKED = (Code.TIME_TAKEN, Code.PATIENT_BUSY)


@dataclass(frozen=True, slots=True)
class Booked:
    """The booking stands; `replayed` when an earlier identical request had already made it."""

    schedule_id: UUID
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was stored: every problem, and for a taken time the nearest open ones (UTC, ascending)."""

    problems: tuple[Problem, ...]
    alternatives: tuple[datetime, ...] = ()

    @property
    def taken(self) -> bool:
        """Tell whether somebody else's booking, rather than the request, is what stands in the way."""
        return all(problem.code in _BLOCKED for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Forbidden:
    """The actor may not book for this patient, or there is no such patient: the two look the same."""


@dataclass(frozen=True, slots=True)
class Case:
    """One request on its way through: what is asked, of whom, when, by whose authority, and the group that it is booked with."""

    actor: Actor
    request: BookingRequest
    choice: Choice
    asked: Asked
    guardian_link_id: UUID | None
    fingerprint: str
    is_patient: bool
    catalogue: Catalogue
    person: Person
    group_id: UUID | None = None

    def wanted(self, *starts: datetime) -> Wanted:
        """Return the visit as the practice's rules look at it."""
        kept, replaced = self.request.kept, self.request.replaced
        return Wanted(self.catalogue, self.choice.option, starts, kept | replaced, replaced)

    def done(self, schedule_id: UUID) -> Done:
        """Return what is written into the patient's chain."""
        return Done(self.request.patient_id, Deed.BOOKED, schedule_id, self.guardian_link_id, self.request.private)


def book(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Booked | Refused | Forbidden:
    """Book the first choice, or else the second, for a patient; the session must have begun as a writer.

    The same request by the same user while its schedule is live answers that schedule again. Flushes, never commits.
    """
    known = authority(session, actor, request.patient_id)
    if known is None or not _admits(actor, request, known, now):
        return Forbidden()
    if (earlier := schedules.repeated(session, fingerprint(request))) is not None:
        return Booked(earlier, replayed=True)
    case = _case_of(session, actor, request, known, now)
    if isinstance(case, list):
        return Refused(tuple(case))
    outcome = _within_rules(session, case)
    if isinstance(outcome, Booked) and not outcome.replayed:
        letters.tell(session, Kind.REQUESTED if case.choice.option.rules.by_request else Kind.BOOKED, [outcome.schedule_id], now)
        audit.record(session, actor, case.done(outcome.schedule_id), now)
    return outcome


def case_for(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Case | list[Problem] | None:
    """Return a request ready to be tried, every problem with it, or None when the actor may not book for this patient."""
    known = authority(session, actor, request.patient_id)
    if known is None or not _admits(actor, request, known, now):
        return None
    return _case_of(session, actor, request, known, now)


def _admits(actor: Actor, request: BookingRequest, known: Authority, now: datetime) -> bool:
    return request.user_id == actor.user_id and may(actor, Act.BOOK, known.patient.subject, known.links, now)


def _case_of(session: Session, actor: Actor, request: BookingRequest, known: Authority, now: datetime) -> Case | list[Problem]:
    """Return a request ready to be tried, or every problem with it; the actor may book for the patient."""
    catalogue = catalogue_at(session, known.patient.account_id, known.patient.revision)
    choice = settle(request, catalogue)
    if isinstance(choice, list):
        return choice
    link = link_for(actor, Act.BOOK, known.patient.subject, known.links, now)
    is_patient = request.patient_id == actor.own_patient_id
    person, mark = rules.person_for(actor, known, now), fingerprint(request)
    return Case(actor, request, choice, Asked(choice.option, now), link.id if link else None, mark, is_patient, catalogue, person)


class _BrokenError(Exception):
    """Another booking that came at the same moment leaves no room for this one by a rule."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


def _within_rules(session: Session, case: Case) -> Booked | Refused:
    """Book, and where a rule counts the patient's visits look again at those that others booked meanwhile."""
    if not case.wanted().counts:
        return _first_else_second(session, case)
    try:
        with savepoint(session):
            return _first_else_second(session, case)
    except _BrokenError as error:
        return Refused(tuple(error.problems))


def _first_else_second(session: Session, case: Case) -> Booked | Refused:
    choices, problems = offered(case.choice.providers, case.asked, case.request.first_choice, case.request.second_choice)
    wanted = case.wanted(*(found[0].start for _, found in choices))
    problems += rules.problems(session, case.person, wanted, case.asked.now)
    if problems:
        return Refused(tuple(problems))
    by_request = case.asked.option.rules.by_request
    if by_request and len(choices) == 2:
        asked_for = _both(session, case, choices)
        if isinstance(asked_for, Booked) and not asked_for.replayed:
            _look_again(session, case, wanted, asked_for.schedule_id)
        return asked_for
    for field, found in choices:
        outcome = _take(session, case, found, other_choice(choices, field))
        if isinstance(outcome, Booked) and not outcome.replayed:
            _look_again(session, case, wanted, outcome.schedule_id)
        if not isinstance(outcome, Code):
            return outcome
        problems.append(Problem(field, told_to(outcome, is_patient=case.is_patient)))
    return Refused(tuple(problems), tuple(_alternatives(session, case, choices[0][1])))


def _look_again(session: Session, case: Case, wanted: Wanted, schedule_id: UUID) -> None:
    if broken := rules.problems_since(session, case.person, wanted, schedule_id, case.asked.now):
        raise _BrokenError(broken)


def _both(session: Session, case: Case, choices: list[tuple[Field, list[Slot]]]) -> Booked | Refused:
    """Hold both times of a request with one provider until the practice decides; if one of them is taken, nothing is asked for."""
    (_, first), (_, second) = choices
    seconds = {slot.provider.id: slot for slot in second}
    candidates = [slot for slot in first if slot.provider.id in seconds]
    if not candidates:
        return Refused((Problem(Field.SECOND_CHOICE, Code.OUTSIDE_HOURS),))
    option, patient_id = case.asked.option, case.request.patient_id
    for slot in candidates:
        occupancy.clear_expired(session, cells_held(seconds[slot.provider.id], option, patient_id), case.asked.now)
    whose = Whose(patient_id)
    outcome = first_free(session, candidates, case.asked, whose, lambda slot: Booked(_write(session, case, slot, seconds[slot.provider.id])))
    if not isinstance(outcome, Code):
        return outcome
    if (earlier := schedules.repeated(session, case.fingerprint)) is not None:
        return Booked(earlier, replayed=True)
    blocked = [(field, code) for field, found in choices if (code := in_the_way(session, found, case.asked, whose)) is not None]
    told = blocked or [(Field.SECOND_CHOICE, outcome)]
    problems = tuple(Problem(field, told_to(code, is_patient=case.is_patient)) for field, code in told)
    return Refused(problems, tuple(_alternatives(session, case, first)))


def _take(session: Session, case: Case, candidates: list[Slot], other: datetime | None) -> Booked | Code:
    patient_id = case.request.patient_id
    outcome = first_free(session, candidates, case.asked, Whose(patient_id), lambda slot: Booked(_write(session, case, slot, None, other)))
    # The holder may be this very request, committed by another session since it was looked up.
    if isinstance(outcome, Code) and (earlier := schedules.repeated(session, case.fingerprint)) is not None:
        return Booked(earlier, replayed=True)
    return outcome


def _alternatives(session: Session, case: Case, candidates: list[Slot]) -> list[datetime]:
    search = openings.Search(tuple(slot.provider for slot in candidates), case.asked, case.request.patient_id)
    return openings.alternatives(session, search, candidates[0].start, ALTERNATIVES)


def _write(session: Session, case: Case, slot: Slot, also: Slot | None, other: datetime | None = None) -> UUID:
    """Write the schedule of a slot, which holds that of the slot `also` too; `other` is a choice that it does not hold."""
    spans: dict[UUID, Sequence[int]] = {**cells_held(slot, case.choice.option, case.request.patient_id)}
    if also is not None:
        more = cells_held(also, case.choice.option, case.request.patient_id)
        spans = {resource: sorted({*cells, *more[resource]}) for resource, cells in spans.items()}
    return write(session, case, slot, lambda schedule_id: occupancy.take(session, schedule_id, spans), also.start if also else other)


def write(session: Session, case: Case, slot: Slot, take: Callable[[UUID], None], other: datetime | None = None) -> UUID:
    """Write the schedule of a slot, for which `take` takes the cells, and the first row of its history; return its id."""
    schedule_id = uuid4()
    schedule = _schedule(case, slot, other, schedule_id)
    schedules.add(session, schedule, case.request.reason_ids)
    take(schedule_id)
    state = Status(schedule["status"])
    happened = Happened.BOOKED if state is Status.BOOKED else Happened.REQUESTED
    history.note(session, case.actor, Noted(schedule_id, happened, state, slot.start, case.guardian_link_id), case.asked.now)
    return schedule_id


def _schedule(case: Case, slot: Slot, other: datetime | None, schedule_id: UUID) -> dict[str, Any]:
    request, now = case.request, case.asked.now
    return dict(
        id=schedule_id,
        account_id=request.account_id,
        reference=reference_of(secrets.randbits(128)),
        status=Status.REQUESTED if case.choice.option.rules.by_request else Status.BOOKED,
        patient_id=request.patient_id,
        user_id=request.user_id,
        guardian_link_id=case.guardian_link_id,
        provider_id=slot.provider.id,
        facility_id=slot.provider.facility_id,
        speciality_id=case.choice.speciality_id,
        visit_option_id=case.choice.option.id,
        starts_at=slot.start,
        ends_at=slot.start + timedelta(minutes=case.choice.option.minutes),
        other_choice_at=other,
        first_choice_given=slot.start == resolve(request.first_choice, slot.provider.time_zone),
        reason=storable(request.reason),
        note=None if request.note is None else storable(request.note),
        paid_amount=request.paid_amount,
        paid_at=now if request.paid_amount > 0 else None,
        **_echoed(request.echo),
        fingerprint=case.fingerprint,
        created_at=now,
        modified_at=now,
        modified_by=request.user_id,
        private=request.private and case.is_patient,
        group_id=case.group_id,
    )


def _echoed(echo: Echo) -> dict[str, Any]:
    members = {field.name: getattr(echo, field.name) for field in fields(echo)}
    return {name: storable(value) if isinstance(value, str) else value for name, value in members.items()}
