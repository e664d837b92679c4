"""The page of an appointment in each of its states, with its history, and what the booking's own page says of them."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from portal.domain.audit import Door, Origin
from portal.domain.guardianship import Act
from portal.domain.moving import MoveRequest
from portal.domain.schedule import Status
from portal.services import deciding
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, allow, booked, cancel, move, write
from tests.web.client import Clock, signed_in
from tests.web.page import elements, text_of
from tests.web.visitor import Visitor, wish

DESK = Origin(Door.COMMAND, name="Rosa")
MADE = "Booked by Ada Berg on Monday, March 1, 2027, 3:00 am"


def by_request(engine: Engine) -> None:
    """Let the practice decide about every visit."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(VisitOption).values(by_request=True))
        session.execute(update(Account).values(revision=Account.revision + 1))


def decide(engine: Engine, decision: Callable[[Session], object]) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        decision(session)


def told(person: Visitor, schedule_id: UUID) -> str:
    return person.page(f"/appointments/{schedule_id}").text


def history_of(person: Visitor, schedule_id: UUID) -> list[str]:
    lists = [one for one in elements(person.page(f"/appointments/{schedule_id}").root, "ul") if one.get("class") == "plain-list"]
    return [text_of(item) for item in elements(lists[-1], "li")]


def test_a_booked_one_says_what_to_do(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    assert "This appointment is booked. Come to Harbour a few minutes before." in told(ada, booked(engine, clinic))


def test_a_request_says_both_times_and_that_the_clinic_decides(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    by_request(engine)
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    text = told(ada, schedule_id)
    assert "You asked for Tuesday, March 2, 10:00 am or Wednesday, March 3, 10:00 am. Both times are held for you" in text
    assert "Nothing is needed from you now." in text
    assert "Second choice: Wednesday, March 3, 10:00 am" in ada.page("/appointments").text


def test_a_request_made_on_the_pages_is_not_called_booked(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    by_request(engine)
    page = ada.page(ada.book(wish(clinic)).location)
    assert page.heading == "Appointment requested"
    assert "The clinic confirms the time you asked for, or declines." in page.text


def test_a_declined_one_says_why_and_leads_to_another_booking(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    by_request(engine)
    schedule_id = booked(engine, clinic)
    decide(engine, lambda session: deciding.decline(session, schedule_id, DESK, "Nobody is there", NOW))
    text = told(ada, schedule_id)
    assert "The clinic declined this appointment on Monday, March 1, 2027, 3:00 am. Reason given: Nobody is there" in text
    assert "Book another appointment" in text
    assert history_of(ada, schedule_id)[-1] == "Declined by the clinic on Monday, March 1, 2027, 3:00 am. Reason given: Nobody is there"


def test_a_cancelled_one_says_who_acted_for_whom_and_why(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    cancel(engine, clinic, schedule_id, "maya", "Well again")
    who = "Maya Berg, acting for Leo,"
    assert f"This appointment was cancelled by {who} on Monday, March 1, 2027, 3:00 am. Reason given: Well again" in told(maya, schedule_id)
    assert history_of(maya, schedule_id)[-1] == f"Cancelled by {who} on Monday, March 1, 2027, 3:00 am. Reason given: Well again"


def test_why_is_told_only_to_who_may_read_reasons(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    cancel(engine, clinic, schedule_id, "maya", "Well again")
    allow(engine, clinic, Act.SEE)
    text = told(maya, schedule_id)
    assert ("Maya Berg, acting for Leo," in text, "Well again" in text) == (True, False)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (Status.ARRIVED, "The clinic knows that you are there."),
        (Status.FULFILLED, "This appointment is over."),
        (Status.NO_SHOW, "This appointment was missed."),
        (Status.CANCELLED, "This appointment has been cancelled."),
        (Status.DECLINED, "The clinic has declined this appointment."),
    ],
)
def test_each_other_state_is_told_in_words(status: Status, words: str, ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    write(engine, status=status)
    text = told(ada, schedule_id)
    assert words in text
    assert [word in text for word in ("Move to another time", "Cancel this appointment")] == [False, False]


@pytest.mark.parametrize(
    ("status", "words"), [(Status.BOOKED, "is over."), (Status.REQUESTED, "The clinic did not confirm this appointment before its time.")]
)
def test_what_has_passed_says_so(status: Status, words: str, app: Flask, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(engine, clinic)
    write(engine, status=status)
    clock.now = TEN + timedelta(days=400)
    text = told(signed_in(app, clinic, "ada"), schedule_id)
    assert words in text
    assert "Book another appointment" in text


def test_the_history_tells_each_change_in_the_zone_of_the_visit(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN), now=NOW + timedelta(hours=1))
    moved = "Moved to Tuesday, March 2, 2027, 11:00 am by Ada Berg on Monday, March 1, 2027, 4:00 am"
    assert history_of(ada, schedule_id) == [MADE, moved]
    assert "Clinic time: Boston, Eastern Time." in told(ada, schedule_id)


def test_the_page_of_a_booking_that_is_off_leads_to_what_became_of_it(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    confirmation = ada.book(wish(clinic)).location
    assert ada.page(confirmation).heading == "Appointment booked"
    write(engine, status=Status.CANCELLED)
    answer = ada.get(confirmation)
    assert answer.status == 303
    assert "This appointment has been cancelled." in ada.page(answer.location).text
