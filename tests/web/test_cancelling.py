"""Cancelling on the pages: what a person reads, presses and reads after it, and what is refused."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.guardianship import Act
from portal.domain.schedule import Status
from portal.storage.clinic import Account
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import Clinic
from tests.services.scene import ELEVEN, TEN, allow, booked, cancel, stored, write
from tests.stored import assert_sound, bookings, rows
from tests.web.client import Clock, signed_in
from tests.web.page import Answer, elements
from tests.web.visitor import Visitor


def url_of(schedule_id: UUID) -> str:
    return f"/appointments/{schedule_id}/cancel"


def press(person: Visitor, schedule_id: UUID, reason: str = "") -> Answer:
    """Open the page and press its button."""
    return person.send(person.page(url_of(schedule_id)), "shown", reason=reason)


def needs_notice(engine: Engine, **minutes: int) -> None:
    """Let the practice want changes to be made so long before."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Account).values(revision=Account.revision + 1, **minutes))


def test_the_page_names_what_would_be_cancelled(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    page = maya.page(url_of(booked(engine, clinic, "leo")))
    assert page.heading == "Cancel the appointment on Tuesday, March 2?"
    assert all(fact in page.text for fact in ("Leo Berg", "Dr Chen", "10:00 am", "Boston, Eastern Time", "Move it to another time", "Keep it"))


def test_a_cancelled_appointment_says_so_and_why(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    answer = press(ada, schedule_id, "Well again")
    assert (answer.status, answer.location) == (303, f"/appointments/{schedule_id}")
    text = ada.page(answer.location).text
    assert "This appointment was cancelled by Ada Berg on Monday, March 1, 2027, 3:00 am. Reason given: Well again" in text
    assert "Move to another time" not in text
    assert rows(engine, Occupancy) == []
    assert_sound(engine)


def test_no_reason_is_needed(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert press(ada, schedule_id).status == 303
    assert (stored(engine, schedule_id)["status"], stored(engine, schedule_id)["cancel_reason"]) == (Status.CANCELLED, None)


def test_a_reason_too_long_is_refused_and_kept(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    answer = press(ada, schedule_id, "x" * 251)
    assert answer.status == 422
    assert "Use 250 characters or fewer" in answer.page.text
    assert "x" * 251 in answer.body
    assert stored(engine, schedule_id)["status"] == Status.BOOKED


def test_the_notice_is_told_before_the_button_and_kept(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    needs_notice(engine, cancel_notice_minutes=120)
    schedule_id = booked(engine, clinic)
    page = ada.page(url_of(schedule_id))
    assert "until 2 hours before they begin. After that, call us." in page.text
    needs_notice(engine, cancel_notice_minutes=60 * 24 * 3)
    answer = ada.send(page, "shown")
    assert answer.status == 422
    assert "It is too late to change this appointment online; call us." in answer.page.text
    assert stored(engine, schedule_id)["status"] == Status.BOOKED


def test_too_late_is_told_instead_of_a_button(app: Flask, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    needs_notice(engine, cancel_notice_minutes=120, move_notice_minutes=120)
    schedule_id = booked(engine, clinic)
    clock.now = TEN - timedelta(hours=1)
    ada = signed_in(app, clinic, "ada")
    page, detail = ada.page(url_of(schedule_id)), ada.page(f"/appointments/{schedule_id}")
    assert "It is too late to change this appointment online" in page.text
    assert not [form for form in elements(page.root, "form") if form.get("action") == url_of(schedule_id)]
    assert "It is too late to change this appointment online; call us." in detail.text
    assert "call us on 555 0100 and say the reference" in detail.text


def test_a_page_pressed_twice_cancels_once(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(url_of(schedule_id))
    first, second = (ada.send(page, "shown", reason=reason) for reason in ("Well again", "Another"))
    assert [(answer.status, answer.location) for answer in (first, second)] == [(303, f"/appointments/{schedule_id}")] * 2
    assert stored(engine, schedule_id)["cancel_reason"] == "Well again"


def test_what_the_other_guardian_cancelled_is_cancelled(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    page = maya.page(url_of(schedule_id))
    cancel(engine, clinic, schedule_id, "grace")
    before = bookings(engine)
    assert maya.send(page, "shown", reason="Mine").status == 303
    assert bookings(engine) == before
    assert "This appointment has been cancelled." in maya.page(url_of(schedule_id)).text


def test_a_page_that_named_another_time_cancels_nothing(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(url_of(schedule_id))
    write(engine, starts_at=ELEVEN, ends_at=ELEVEN + timedelta(minutes=30))
    answer = ada.send(page, "shown")
    assert (answer.status, answer.location) == (303, url_of(schedule_id))
    assert stored(engine, schedule_id)["status"] == Status.BOOKED


@pytest.mark.parametrize("acts", [(Act.SEE, Act.BOOK), (Act.CANCEL,), ()], ids=str)
def test_a_guardian_without_the_right_finds_no_page(maya: Visitor, engine: Engine, clinic: Clinic, acts: tuple[Act, ...]) -> None:
    schedule_id = booked(engine, clinic, "leo")
    page = maya.page(url_of(schedule_id))
    allow(engine, clinic, *acts)
    assert maya.get(url_of(schedule_id)).status == 404
    assert maya.send(page, "shown").status == 404
    assert stored(engine, schedule_id)["status"] == Status.BOOKED


def test_the_appointment_offers_only_what_a_guardian_may_do(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    allow(engine, clinic, Act.SEE, Act.CANCEL)
    text = maya.page(f"/appointments/{schedule_id}").text
    assert ("Cancel this appointment" in text, "Move to another time" in text) == (True, False)
    allow(engine, clinic, Act.SEE)
    assert "You may see this appointment, but not change it." in maya.page(f"/appointments/{schedule_id}").text


def test_a_private_visit_is_cancelled_by_the_patient_alone(app: Flask, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    write(engine, private=True)
    assert signed_in(app, clinic, "maya").get(url_of(schedule_id)).status == 404


def test_in_spanish(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    ada.ask("POST", "/language", [("csrf_token", ada.token()), ("language", "es")])
    page = ada.page(url_of(booked(engine, clinic)))
    assert page.heading == "¿Cancelar la cita del martes 2 de marzo?"
    assert "Conservarla" in page.text


def test_the_list_leads_to_the_change_of_the_next_one(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    links = {link.get("href") for link in elements(ada.page("/appointments").root, "a")}
    assert {f"/appointments/{schedule_id}/{word}" for word in ("move", "cancel")} <= links
    write(engine, starts_at=datetime.fromisoformat("2027-03-01T08:00:00Z"))
    assert not {f"/appointments/{schedule_id}/move"} & {link.get("href") for link in elements(ada.page("/appointments").root, "a")}
