"""Both doors as one kind of function: a case goes in, what came of it comes out in the domain's own words."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import product

from flask import Flask
from sqlalchemy import update

from portal.api.errors import MEMBERS, WORDS
from portal.domain.booking import Code, Field, Problem
from portal.domain.schedule import Status
from portal.services import booking
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from portal.web.booking.words import words_for
from tests.api.caller import Caller, key_of, members, told
from tests.clinic import NOW, Clinic, build, schedule
from tests.databases import Databases
from tests.doors.cases import Case, Rival
from tests.stored import Row, assert_sound, bookings
from tests.web.client import Clock, engine_of, running, signed_in
from tests.web.journeys import AFTER_A_HOLD
from tests.web.visitor import Wish

LONG_SINCE = datetime(2026, 6, 1, 15, tzinfo=UTC)
Problems = frozenset[tuple[Field, Code]]
NOT_A_CHOICE = "Choose one of the answers shown"
PER_BOOKING = {"id", "schedule_id", "reference", "fingerprint", "first_choice_form"}


@dataclass(frozen=True)
class Outcome:
    """What came of a case: booked, forbidden, or refused; the page's words may stand for one of several problems each."""

    status: int
    booked: bool
    forbidden: bool
    problems: list[Problems]

    def agrees(self, case: Case) -> bool:
        """Tell whether this is what the case expects."""
        found = len(self.problems) == len(case.problems) and all(any(one in meant for meant in self.problems) for one in case.problems)
        return (self.booked, self.forbidden) == (case.booked, case.forbidden) and found


@dataclass(frozen=True)
class Practice:
    """One portal on a database of its own."""

    app: Flask
    clinic: Clinic
    clock: Clock

    def stored(self) -> list[list[Row]]:
        """Return what is booked, without what differs between two bookings of the same thing, and without what a person on a page still holds."""
        assert_sound(engine_of(self.app))
        booked = [[row for row in table if row.get("draft_id") is None] for table in bookings(engine_of(self.app))]
        tables = [[{name: value for name, value in row.items() if name not in PER_BOOKING} for row in table] for table in booked]
        return [sorted(table, key=str) for table in tables]


def set_rules(place: Practice, case: Case) -> None:
    """Let the practice have the case's rules, and the patient have been there."""
    clinic = place.clinic
    with sessions(engine_of(place.app)).begin() as session:
        begin_write(session)
        session.execute(update(VisitOption).where(VisitOption.id == clinic.option(case.option)).values(**asdict(case.rules)))
        session.execute(update(Account).where(Account.id == clinic.account_id).values(coming_visits_max=case.most))
        if case.seen_before:
            session.add(schedule(clinic, LONG_SINCE, status=Status.FULFILLED))


@contextmanager
def practice(databases: Databases, now: datetime = NOW) -> Iterator[Practice]:
    """Open a portal on the small practice, in a database that nobody else uses."""
    url, clock = databases.migrated(), Clock(now)
    with running(url, clock) as app:
        with sessions(engine_of(app)).begin() as session:
            begin_write(session)
            clinic = build(session)
        yield Practice(app, clinic, clock)
    databases.drop(url)


def precede(place: Practice, rivals: tuple[Rival, ...]) -> None:
    """Let the earlier appointments be made: by people so late that nobody holds a time any more."""
    for rival in rivals:
        start, clinic = datetime.fromisoformat(rival.start), place.clinic
        request = clinic.request(rival.patient, rival.patient, start, provider_id=clinic.provider(rival.provider))
        with sessions(engine_of(place.app)).begin() as session:
            begin_write(session)
            outcome = booking.book(session, clinic.actor(rival.patient), request, place.clock() + AFTER_A_HOLD)
        assert isinstance(outcome, booking.Booked)


def through_the_pages(place: Practice, case: Case) -> Outcome:
    """Walk the journey in a browser; the earlier appointments are made while the person reads the last page."""
    person = signed_in(place.app, place.clinic, case.user)
    answer = person.walk(_wish(place.clinic, case))
    if answer.status == 200:
        precede(place, case.rivals)
        answer = person.confirm(answer.page)
    booked = answer.status == 303 and answer.location.endswith("/booked")
    if booked or answer.status == 404:
        return Outcome(answer.status, booked, not booked, [])
    assert answer.status == 422
    not_offered = answer.page.heading == "Who is it for?"
    return Outcome(422, booked=False, forbidden=not_offered, problems=[] if not_offered else [_meant(text) for text in answer.page.problems])


def _wish(clinic: Clinic, case: Case) -> Wish:
    return Wish(
        patient=str(clinic.patient(case.patient)),
        speciality=str(clinic.speciality(case.speciality)),
        provider=str(clinic.provider(case.provider)) if case.provider else f"any-{clinic.facility('harbour')}",
        visit_option=str(clinic.option(case.option)),
        first_choice=case.first,
        second_choice=case.second or "",
        reasons=tuple(str(clinic.reason(reason)) for reason in case.reasons),
        reason=case.reason,
        note=case.note or "",
    )


def _meant(text: str) -> Problems:
    """Return the problems that a sentence of the pages may stand for."""
    if text == NOT_A_CHOICE:
        return frozenset(product(Field, (Code.UNKNOWN, Code.NOT_OFFERED)))
    return frozenset((field, code) for field, code in product(Field, Code) if words_for(Problem(field, code)) == text)


def through_the_call(place: Practice, case: Case) -> Outcome:
    """Send one JSON call."""
    precede(place, case.rivals)
    clinic = place.clinic
    body = members(
        clinic,
        case.user,
        PatientId=clinic.patient(case.patient),
        ProviderId=clinic.provider(case.provider) if case.provider else None,
        SpecialityId=clinic.speciality(case.speciality),
        EncounterTypeModeDurationId=clinic.option(case.option),
        AppointmentOn=case.first,
        SecondaryAppointmentOn=case.second,
        Reason=case.reason,
        Note=case.note,
        Reasons=[{"ReasonId": clinic.reason(reason)} for reason in case.reasons],
    )
    answer = Caller(place.app, key_of(engine_of(place.app), clinic, case.user, place.clock())).post(body)
    state = told(answer).get("ModelState", {})
    problems = [frozenset({_problem(key, text)}) for key, texts in state.items() for text in texts]
    assert answer.status in (200, 400, 403, 409)
    assert (answer.status == 409) == (bool(problems) and {code for each in problems for _, code in each} <= {Code.TIME_TAKEN, Code.PATIENT_BUSY})
    return Outcome(answer.status, answer.status == 200, answer.status == 403, problems)


def _problem(key: str, text: str) -> tuple[Field, Code]:
    field = next(field for field, member in MEMBERS.items() if key == f"model.{member}")
    known = {words: code for code, words in WORDS.items()}
    if text in known:
        return field, known[text]
    return field, Code.REQUIRED if re.fullmatch(r"The \w+ field is required\.", text) else _too_long(text)


def _too_long(text: str) -> Code:
    assert re.fullmatch(r"The field \w+ must be a string with a maximum length of \d+\.", text), text
    return Code.TOO_LONG


DOORS: dict[str, Callable[[Practice, Case], Outcome]] = {"pages": through_the_pages, "call": through_the_call}
