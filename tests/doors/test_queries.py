"""How often the hot pages and the call ask the database: a fixed number, whatever the number of clinicians and of past schedules."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import event

from portal.services import booking
from portal.storage import clinic as tables
from portal.storage.engine import begin_write, sessions
from tests.api.caller import Caller, key_of, members
from tests.clinic import HOURS, NOW, Clinic, key
from tests.databases import Databases
from tests.doors.doors import Practice, practice
from tests.web.client import engine_of, signed_in
from tests.web.visitor import TUESDAY, Visitor, wish

MORE_CLINICIANS = 12
PAST_SCHEDULES = 40


def hire(place: Practice) -> None:
    """Add clinicians to the practice's family medicine in Boston."""
    clinic = place.clinic
    with sessions(engine_of(place.app)).begin() as session:
        begin_write(session)
        for number in range(MORE_CLINICIANS):
            row = {"id": key("provider", f"more-{number}"), "name": f"Dr More {number}", "facility_id": clinic.facility("harbour")}
            session.add(tables.Provider(account_id=clinic.account_id, default_visit_option_id=clinic.option("check-up"), position=10 + number, **row))
            session.flush()
            session.add(tables.ProviderSpeciality(provider_id=row["id"], speciality_id=clinic.speciality("family medicine"), position=0))
            session.add(tables.VisitOptionProvider(visit_option_id=clinic.option("check-up"), provider_id=row["id"]))
            shifts = [(weekday, *span) for weekday in range(5) for span in HOURS]
            session.add_all(tables.WorkingHours(provider_id=row["id"], weekday=day, opens_minute=a, closes_minute=z) for day, a, z in shifts)
        session.get_one(tables.Account, clinic.account_id).revision += 1


def live(place: Practice) -> None:
    """Let Ada have talked to Dr Chen by phone many times."""
    with sessions(engine_of(place.app)).begin() as session:
        begin_write(session)
        for number in range(PAST_SCHEDULES):
            start = datetime.fromisoformat(TUESDAY) - timedelta(weeks=1 + number)
            request = place.clinic.request("ada", "ada", start, visit_option_id=place.clinic.option("phone"))
            outcome = booking.book(session, place.clinic.actor("ada"), request, start - timedelta(days=1))
            assert isinstance(outcome, booking.Booked)


@contextmanager
def counted(place: Practice) -> Iterator[list[str]]:
    """Collect the statements that the portal sends."""
    sent: list[str] = []

    def note(*call: object) -> None:
        if not str(call[2]).startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            sent.append(str(call[2]))

    event.listen(engine_of(place.app), "before_cursor_execute", note)
    yield sent
    event.remove(engine_of(place.app), "before_cursor_execute", note)


Ask = Callable[[Practice], Callable[[], object]]


def of_step(step: str, **headers: str) -> Ask:
    """Return a way to ask for a step of a booking with anyone, after the page was shown once."""

    def prepared(place: Practice) -> Callable[[], object]:
        person = signed_in(place.app, place.clinic, "ada")
        url = _address(person, place.clinic, step)
        assert person.get(url, **headers).status == 200
        return lambda: person.get(url, **headers)

    return prepared


def _address(person: Visitor, clinic: Clinic, step: str) -> str:
    draft = person.walk(wish(clinic, provider=f"any-{clinic.facility('harbour')}")).page.form_with("shown").action.removesuffix("check")
    return f"{draft}{step}"


def appointments(place: Practice) -> Callable[[], object]:
    person = signed_in(place.app, place.clinic, "ada")
    person.page("/appointments")
    return lambda: person.page("/appointments")


def call(place: Practice) -> Callable[[], object]:
    program = Caller(place.app, key_of(engine_of(place.app), place.clinic, "ada", NOW))
    program.post(members(place.clinic, ProviderId=None, AppointmentOn="2027-03-03T15:00:00Z"))
    return lambda: program.post(members(place.clinic, ProviderId=None))


def listing(place: Practice) -> Callable[[], object]:
    program = Caller(place.app, key_of(engine_of(place.app), place.clinic, "ada", NOW))
    program.get("/api/Calendar/PatientAppointments")
    return lambda: program.get("/api/Calendar/PatientAppointments")


def open_times(place: Practice) -> Callable[[], object]:
    program = Caller(place.app, key_of(engine_of(place.app), place.clinic, "ada", NOW))
    options = {"SpecialityId": place.clinic.speciality("family medicine"), "EncounterTypeModeDurationId": place.clinic.option("check-up")}
    question = {**options, "From": "2027-03-01", "To": "2027-03-31", "PatientId": place.clinic.patient("ada")}
    assert program.get("/api/Calendar/AvailableTimes", question).status == 200
    return lambda: program.get("/api/Calendar/AvailableTimes", question)


def press(place: Practice) -> Callable[[], object]:
    person = signed_in(place.app, place.clinic, "ada")
    page = person.walk(wish(place.clinic, provider=f"any-{place.clinic.facility('harbour')}")).page
    return lambda: person.confirm(page)


# A statement more is a fact that was not there before, or one that is asked for twice: look before raising a number.
HOT: dict[str, tuple[Ask, int]] = {
    "times part": (of_step("time?day=2027-03-03", HX_Request="true"), 3),
    "time page": (of_step("time?day=2027-03-03"), 4),
    "clinicians part": (of_step("provider", HX_Request="true"), 3),
    "check page": (of_step("check"), 3),
    "my appointments": (appointments, 8),
    "booking on the page": (press, 17),
    "booking by the call": (call, 17),
    "appointments by the call": (listing, 9),
    "open times by the call": (open_times, 5),
}


def statements(databases: Databases, ask: Ask, *changes: Callable[[Practice], None]) -> int:
    with practice(databases) as place:
        for change in changes:
            change(place)
        act = ask(place)
        with counted(place) as sent:
            act()
    return len(sent)


@pytest.mark.parametrize("what", HOT)
def test_the_number_of_statements_is_fixed(what: str, sqlite: Databases) -> None:
    ask, most = HOT[what]
    few = statements(sqlite, ask)
    assert few <= most
    assert statements(sqlite, ask, hire) == statements(sqlite, ask, live) == few
