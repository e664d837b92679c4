"""Booking: the one function behind the web page and the JSON call."""

import secrets
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import BookingRequest, Choice, Code, Echo, Problem, fingerprint, settle, storable, told_to
from portal.domain.guardianship import Act, Actor, link_for, may
from portal.domain.mail import Kind
from portal.domain.openings import Asked
from portal.domain.schedule import Status, reference_of
from portal.domain.slots import Slot, cells_held, offered, other_choice, resolve
from portal.services import audit, letters, openings
from portal.services.audit import Done
from portal.services.authority import authority
from portal.services.letters import Told
from portal.services.openings import Whose
from portal.services.taking import first_free
from portal.storage import occupancy, schedules
from portal.storage.catalogue import catalogue as catalogue_at

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
class _Case:
    """One request on its way through: what is asked, of whom, when, by whose authority."""

    request: BookingRequest
    choice: Choice
    asked: Asked
    guardian_link_id: UUID | None
    fingerprint: str
    is_patient: bool


def book(session: Session, actor: Actor, request: BookingRequest, now: datetime) -> Booked | Refused | Forbidden:
    """Book the first choice, or else the second, for a patient; the session must have begun as a writer.

    The same request by the same user while its schedule is live answers that schedule again. Flushes, never commits.
    """
    known = authority(session, actor, request.patient_id)
    if known is None or request.user_id != actor.user_id or not may(actor, Act.BOOK, known.patient.subject, known.links, now):
        return Forbidden()
    mark = fingerprint(request)
    if (earlier := schedules.repeated(session, mark)) is not None:
        return Booked(earlier, replayed=True)
    catalogue = catalogue_at(session, known.patient.account_id, known.patient.revision)
    choice = settle(request, catalogue)
    if isinstance(choice, list):
        return Refused(tuple(choice))
    link = link_for(actor, Act.BOOK, known.patient.subject, known.links, now)
    is_patient = request.patient_id == actor.own_patient_id
    case = _Case(request, choice, Asked(choice.option, now), link.id if link else None, mark, is_patient)
    outcome = _first_else_second(session, case)
    if isinstance(outcome, Booked) and not outcome.replayed:
        done = Done(request.patient_id, Deed.BOOKED, outcome.schedule_id, case.guardian_link_id, request.private)
        audit.record(session, actor, done, now)
    return outcome


def _first_else_second(session: Session, case: _Case) -> Booked | Refused:
    choices, problems = offered(case.choice.providers, case.asked, case.request.first_choice, case.request.second_choice)
    if problems:
        return Refused(tuple(problems))
    for field, found in choices:
        outcome = _take(session, case, found, other_choice(choices, field))
        if not isinstance(outcome, Code):
            return outcome
        problems.append(Problem(field, told_to(outcome, is_patient=case.is_patient)))
    return Refused(tuple(problems), tuple(_alternatives(session, case, choices[0][1])))


def _take(session: Session, case: _Case, candidates: list[Slot], other: datetime | None) -> Booked | Code:
    patient_id = case.request.patient_id
    outcome = first_free(session, candidates, case.asked, Whose(patient_id), lambda slot: Booked(_write(session, case, slot, other)))
    # The holder may be this very request, committed by another session since it was looked up.
    if isinstance(outcome, Code) and (earlier := schedules.repeated(session, case.fingerprint)) is not None:
        return Booked(earlier, replayed=True)
    return outcome


def _alternatives(session: Session, case: _Case, candidates: list[Slot]) -> list[datetime]:
    search = openings.Search(tuple(slot.provider for slot in candidates), case.asked, case.request.patient_id)
    return openings.alternatives(session, search, candidates[0].start, ALTERNATIVES)


def _write(session: Session, case: _Case, slot: Slot, other: datetime | None) -> UUID:
    schedule_id = uuid4()
    schedule = _schedule(case, slot, other, schedule_id)
    schedules.add(session, schedule, case.request.reason_ids)
    occupancy.take(session, schedule_id, cells_held(slot, case.choice.option, case.request.patient_id))
    request = case.request
    told = Told(schedule_id, request.account_id, request.patient_id, slot.start, schedule["private"], request.user_id)
    letters.tell(session, Kind.BOOKED, told, case.asked.now)
    return schedule_id


def _schedule(case: _Case, slot: Slot, other: datetime | None, schedule_id: UUID) -> dict[str, Any]:
    request, now = case.request, case.asked.now
    return dict(
        id=schedule_id,
        account_id=request.account_id,
        reference=reference_of(secrets.randbits(128)),
        status=Status.BOOKED,
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
    )


def _echoed(echo: Echo) -> dict[str, Any]:
    members = {field.name: getattr(echo, field.name) for field in fields(echo)}
    return {name: storable(value) if isinstance(value, str) else value for name, value in members.items()}
