from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.schedule import Status
from portal.services import booking
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.clinic import NOW, Clinic
from tests.web.client import Clock, signed_in
from tests.web.page import elements, text_of
from tests.web.visitor import TUESDAY, Visitor

Book = Callable[..., UUID]


@pytest.fixture
def book(clinic: Clinic, engine: Engine) -> Book:
    """Books a check-up so many days after the first one, and returns its id."""

    def booked(user: str, patient: str, days: int = 0, **changes: Any) -> UUID:  # noqa: ANN401 - any member of the request
        request = clinic.request(user, patient, datetime.fromisoformat(TUESDAY) + timedelta(days=days), **changes)
        with sessions(engine).begin() as session:
            begin_write(session)
            outcome = booking.book(session, clinic.actor(user), request, NOW)
        assert isinstance(outcome, booking.Booked)
        return outcome.schedule_id

    return booked


@pytest.fixture
def becomes(engine: Engine) -> Callable[[UUID, Status], None]:
    """Gives a schedule another status."""

    def change(schedule_id: UUID, status: Status) -> None:
        with sessions(engine).begin() as session:
            begin_write(session)
            session.execute(update(Schedule).where(Schedule.id == schedule_id).values(status=status))

    return change


def headings(person: Visitor, url: str = "/appointments") -> list[str]:
    return [text_of(heading) for heading in elements(next(elements(person.page(url).root, "main")), "h2")]


def test_the_front_door_leads_to_the_appointments(stranger: Visitor) -> None:
    assert stranger.get("/").location == "/appointments"


def test_without_appointments_the_page_says_so_and_offers_to_book(ada: Visitor) -> None:
    page = ada.page("/appointments")
    assert "No appointments are coming up." in page.text
    assert "/booking" in [form.get("action") for form in elements(page.root, "form")]


def test_the_next_appointment_is_told_in_full(ada: Visitor, book: Book) -> None:
    book("ada", "ada")
    page = ada.page("/appointments")
    for fact in ("Tuesday, March 2", "10:00 am", "Eastern Time", "Ada Berg", "Dr Chen", "Examination", "30 minutes", "Harbour, 1 Harbour Road"):
        assert fact in page.text


def test_later_ones_follow_by_month(ada: Visitor, book: Book) -> None:
    for days in (0, 1, 30):
        book("ada", "ada", days)
    assert headings(ada) == ["Next appointment", "March 2027", "April 2027"]


@pytest.mark.parametrize(("minutes", "shown"), [(0, True), (29, True), (30, False)])
def test_an_appointment_is_coming_until_it_ends(minutes: int, shown: bool, app: Flask, clinic: Clinic, clock: Clock, book: Book) -> None:  # noqa: FBT001 - a column of the table above
    book("ada", "ada")
    clock.now = datetime.fromisoformat(TUESDAY) + timedelta(minutes=minutes)
    assert ("Dr Chen" in signed_in(app, clinic, "ada").page("/appointments").text) is shown


@pytest.mark.parametrize(
    ("status", "shown"),
    [(Status.REQUESTED, True), (Status.ARRIVED, True), (Status.CANCELLED, False), (Status.NO_SHOW, False), (Status.DECLINED, False)],
)
def test_only_live_appointments_are_coming(
    status: Status,
    shown: bool,  # noqa: FBT001 - a column of the table above
    ada: Visitor,
    book: Book,
    becomes: Callable[[UUID, Status], None],
) -> None:
    becomes(book("ada", "ada"), status)
    assert ("Dr Chen" in ada.page("/appointments").text) is shown


def test_a_cancelled_appointment_can_still_be_opened(ada: Visitor, book: Book, becomes: Callable[[UUID, Status], None]) -> None:
    schedule_id = book("ada", "ada")
    becomes(schedule_id, Status.CANCELLED)
    assert "Cancelled" in ada.page(f"/appointments/{schedule_id}").text


def test_a_guardian_sees_everybody_or_one_of_them(maya: Visitor, clinic: Clinic, book: Book) -> None:
    book("maya", "leo")
    book("maya", "nia", 1)
    book("maya", "maya", 2)
    everyone = maya.page("/appointments").text
    one = maya.page(f"/appointments?person={clinic.patient('nia')}").text
    assert [name in everyone for name in ("Leo Berg", "Nia Berg", "Maya Berg")] == [True, True, True]
    assert "Wednesday, March 3" in one
    assert [day in one for day in ("Tuesday, March 2", "Thursday, March 4")] == [False, False]


def test_a_guardian_sees_what_the_other_guardian_booked(app: Flask, clinic: Clinic, book: Book) -> None:
    book("grace", "leo")
    assert "Leo Berg" in signed_in(app, clinic, "maya").page("/appointments").text


def test_a_patient_sees_nothing_of_others(ada: Visitor, book: Book) -> None:
    book("maya", "leo")
    book("omar", "omar", 1)
    assert "No appointments are coming up." in ada.page("/appointments").text


def test_one_appointment_is_told_with_its_reason_and_note(ada: Visitor, book: Book) -> None:
    page = ada.page(f"/appointments/{book('ada', 'ada', reason='My knee', note='Since Monday')}")
    assert page.heading == "Appointment on Tuesday, March 2"
    for fact in ("Ada Berg", "Tuesday, March 2, 2027", "10:00 am", "Boston, Eastern Time", "Dr Chen, Family medicine", "My knee", "Since Monday"):
        assert fact in page.text


def test_a_time_elsewhere_is_told_in_the_clinics_zone(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    start = datetime.fromisoformat("2027-03-02T04:10:00Z")
    request = clinic.request("ada", "ada", start, provider_id=clinic.provider("rao"), visit_option_id=clinic.option("video"))
    with sessions(engine).begin() as session:
        begin_write(session)
        outcome = booking.book(session, clinic.actor("ada"), request, NOW)
    assert isinstance(outcome, booking.Booked)
    text = ada.page(f"/appointments/{outcome.schedule_id}").text
    assert "Tuesday, March 2, 2027" in text
    assert "9:40 am, Pune, India" in text
    assert "No need to travel" in text


@pytest.mark.parametrize("person", ["x", "00000000-0000-0000-0000-000000000000", "' OR 1=1", "\u0661" * 8])
def test_a_person_who_is_nobody_is_not_found(person: str, ada: Visitor) -> None:
    assert ada.get(f"/appointments?person={person}").status == 404


@pytest.mark.parametrize("name", ["x", "1", "00000000-0000-0000-0000-00000000000g", "urn:uuid:00000000-0000-0000-0000-000000000000"])
def test_an_appointment_without_an_id_is_not_found(name: str, ada: Visitor) -> None:
    assert ada.get(f"/appointments/{name}").status == 404
