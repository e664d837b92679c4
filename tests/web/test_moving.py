"""Moving on the pages: other times, old and new side by side, one button; and what is refused."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import Engine, delete

from portal.domain.guardianship import Act
from portal.domain.schedule import Status
from portal.services import booking
from portal.storage.clinic import Account, TimeOff, VisitOptionProvider
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import Clinic
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, allow, booked, stored, write
from tests.stored import assert_sound, bookings, rows
from tests.web.client import Clock, signed_in
from tests.web.page import Answer, elements, parse_fragment, text_of
from tests.web.test_cancelling import needs_notice
from tests.web.visitor import Visitor, wish

NEW = "2027-03-02T16:00:00Z"


def url_of(schedule_id: UUID) -> str:
    return f"/appointments/{schedule_id}/move"


def choose(person: Visitor, schedule_id: UUID, time: str = NEW) -> Answer:
    return person.send(person.page(url_of(schedule_id)), "first_choice", first_choice=time)


def move(person: Visitor, schedule_id: UUID, time: str = NEW) -> Answer:
    """Go through both pages, as a person does."""
    return person.send(person.page(choose(person, schedule_id, time).location), "to")


def test_the_times_of_the_day_are_shown_with_the_present_one_above(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    page = ada.page(url_of(booked(engine, clinic)))
    assert "The time now: Tuesday, March 2, 2027, 10:00 am, Boston, Eastern Time." in page.text
    assert "Times on Tuesday, March 2" in page.text
    offered = page.form_with("first_choice").offered("first_choice")
    assert (NEW in offered, "2027-03-02T15:00:00Z" in offered) == (True, False)


def test_a_day_that_has_only_the_present_time_is_not_the_first_shown(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        for span in ("2027-03-02T00:00/2027-03-02T10:00", "2027-03-02T10:30/2027-03-02T23:00"):
            starts, ends = map(datetime.fromisoformat, span.split("/"))
            session.add(TimeOff(provider_id=clinic.provider("chen"), starts_wall=starts, ends_wall=ends))
        session.get_one(Account, clinic.account_id).revision += 1
    assert "Times on Wednesday, March 3" in ada.page(url_of(schedule_id)).text


def test_a_press_on_a_day_answers_a_part_of_the_page(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    url = f"{url_of(booked(engine, clinic))}?day=2027-03-03"
    answer = ada.get(url, HX_Request="true")
    assert (answer.status, answer.headers["HX-Replace-Url"]) == (200, url)
    assert "Times on Wednesday, March 3" in text_of(parse_fragment(answer.body))
    assert "Times on Wednesday, March 3" in ada.page(url).text


def test_old_and_new_stand_side_by_side_before_the_button(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    answer = choose(ada, schedule_id)
    assert (answer.status, answer.location) == (303, f"{url_of(schedule_id)}/check?to={NEW}")
    text = ada.page(answer.location).text
    assert "Tuesday, March 2, 2027, 10:00 am, Boston, Eastern Time" in text
    assert "Tuesday, March 2, 2027, 11:00 am, Boston, Eastern Time" in text
    assert stored(engine, schedule_id)["starts_at"] == TEN


def test_a_moved_appointment_has_the_new_time_and_remembers_the_old(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    answer = move(ada, schedule_id)
    assert (answer.status, answer.location) == (303, f"/appointments/{schedule_id}?moved=")
    assert "The appointment has been moved to this time." in ada.page(answer.location).text
    row = stored(engine, schedule_id)
    assert (row["starts_at"], row["old_starts_at"], row["status"]) == (ELEVEN, TEN, Status.BOOKED)
    assert_sound(engine)


def test_the_button_pressed_twice_moves_once(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(choose(ada, schedule_id).location)
    assert ada.send(page, "to").status == 303
    before = bookings(engine)
    assert ada.send(page, "to").location == f"/appointments/{schedule_id}?moved="
    assert bookings(engine) == before


def test_a_time_taken_meanwhile_keeps_the_old_and_offers_the_nearest(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(f"{url_of(schedule_id)}/check?to={NEW}")
    booked(engine, clinic, "omar", ELEVEN)
    before = bookings(engine)
    answer = ada.send(page, "to")
    assert answer.status == 422
    assert "This time has just been taken" in answer.page.text
    assert "You still have the time you had." in answer.page.text
    assert bookings(engine) == before
    nearest = [button.get("value") for button in elements(answer.page.root, "button") if button.get("name") == "first_choice"]
    assert nearest[-1] == "2027-03-02T15:15:00Z"
    assert ada.ask("POST", url_of(schedule_id), [("csrf_token", ada.token()), ("first_choice", nearest[-1])]).status == 303


def test_a_taken_time_is_refused_with_the_nearest_and_the_second_choice_is_kept(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(url_of(schedule_id))
    booked(engine, clinic, "omar", ELEVEN)
    later = "2027-03-02T18:00:00Z"
    answer = ada.send(page, "first_choice", first_choice=NEW, second_choice=later)
    assert (answer.status, answer.page.problems) == (422, ["This time has just been taken"])
    form = answer.page.form_with("first_choice")
    assert "2027-03-02T15:15:00Z" in form.offered("first_choice")[:3]
    assert dict(form.values)["second_choice"] == later
    assert stored(engine, schedule_id)["starts_at"] == TEN


def test_a_chosen_time_is_held_until_a_stated_time(app: Flask, ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    text = ada.page(choose(ada, schedule_id).location).text
    assert "We keep the new time for you until 3:10 am, Eastern Time." in text
    omar = signed_in(app, clinic, "omar")
    refused = omar.walk(wish(clinic, "omar", first_choice=NEW))
    assert (refused.status, refused.page.problems) == (422, ["This time has just been taken"])
    assert NEW in ada.page(f"{url_of(schedule_id)}?day=2027-03-02").form_with("first_choice").offered("first_choice")


def test_a_time_that_overlaps_the_present_one_is_held_and_taken(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert move(ada, schedule_id, "2027-03-02T15:15:00Z").status == 303
    assert stored(engine, schedule_id)["starts_at"] == TEN + timedelta(minutes=15)
    assert {row["draft_id"] for row in rows(engine, Occupancy)} == {None}
    assert_sound(engine)


def test_after_its_minutes_the_time_can_still_be_taken(ada: Visitor, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(choose(ada, schedule_id).location)
    clock.passes(minutes=12)
    assert ada.send(page, "to").status == 303
    assert stored(engine, schedule_id)["starts_at"] == ELEVEN


def test_the_second_choice_is_given_when_the_first_is_gone(ada: Visitor, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    schedule_id, later = booked(engine, clinic), "2027-03-03T15:00:00Z"
    answer = ada.send(ada.page(url_of(schedule_id)), "first_choice", first_choice=NEW, second_choice=later)
    page = ada.page(answer.location)
    assert "Second choiceWednesday, March 3, 2027, 10:00 am" in page.text
    clock.passes(minutes=12)
    with sessions(engine).begin() as session:
        begin_write(session)
        booking.book(session, clinic.actor("omar"), clinic.request("omar", "omar", ELEVEN), clock.now)
    moved = ada.send(page, "to")
    assert (moved.status, stored(engine, schedule_id)["starts_at"]) == (303, WEDNESDAY)
    assert "Your first choice had just been taken, so you have your second choice." in ada.page(moved.location).text
    assert ada.send(page, "to").location == moved.location


@pytest.mark.parametrize("other", [NEW, "2027-03-06T15:00:00Z", "2027-03-02T15:00:00Z"])
def test_a_second_choice_that_cannot_be_had_is_refused_beside_its_field(ada: Visitor, engine: Engine, clinic: Clinic, other: str) -> None:
    answer = ada.send(ada.page(url_of(booked(engine, clinic))), "first_choice", first_choice=NEW, second_choice=other)
    assert answer.status == 422
    assert "second_choice-error" in answer.body
    assert NEW in answer.page.form_with("first_choice").offered("first_choice")


def test_a_request_is_moved_to_one_time(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    write(engine, status=Status.REQUESTED)
    page = ada.page(url_of(schedule_id))
    assert "You asked for Wednesday, March 3, 10:00 am as well." in page.text
    assert "second_choice" not in page.html
    assert move(ada, schedule_id).status == 303
    assert (stored(engine, schedule_id)["starts_at"], stored(engine, schedule_id)["other_choice_at"]) == (ELEVEN, None)


@pytest.mark.parametrize(("time", "words"), [("", "Choose a time"), ("soon", "Choose a time"), ("2027-03-02T15:00:00Z", "at this time already")])
def test_no_other_time_is_refused_with_the_times(ada: Visitor, engine: Engine, clinic: Clinic, time: str, words: str) -> None:
    answer = choose(ada, booked(engine, clinic), time)
    assert answer.status == 422
    assert words in answer.page.text
    assert NEW in answer.page.form_with("first_choice").offered("first_choice")


@pytest.mark.parametrize("page", ["", "/check?to=2027-03-06T15:00:00Z"])
def test_a_time_outside_the_hours_is_refused_on_both_pages(ada: Visitor, engine: Engine, clinic: Clinic, page: str) -> None:
    schedule_id = booked(engine, clinic)
    shown = ada.page(url_of(schedule_id) + page)
    answer = ada.send(shown, "to") if page else ada.send(shown, "first_choice", first_choice="2027-03-06T15:00:00Z")
    assert answer.status == 422
    assert "The clinic does not see patients at this time" in answer.page.text
    assert stored(engine, schedule_id)["starts_at"] == TEN


def test_a_page_that_showed_another_old_time_moves_nothing(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(choose(ada, schedule_id).location)
    move(ada, schedule_id, "2027-03-03T15:00:00Z")
    answer = ada.send(page, "to")
    assert answer.status == 303
    assert "Wednesday, March 3, 2027" in ada.page(answer.location).text
    assert stored(engine, schedule_id)["starts_at"] == WEDNESDAY


def test_a_visit_not_offered_any_more_says_so(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(choose(ada, schedule_id).location)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(delete(VisitOptionProvider).where(VisitOptionProvider.provider_id == clinic.provider("chen")))
        session.get_one(Account, clinic.account_id).revision += 1
    words = "This visit is not offered any more. Call us to find another time."
    assert words in ada.page(url_of(schedule_id)).text
    answer = ada.send(page, "to")
    assert (answer.status, words in answer.page.text) == (422, True)


def test_the_notice_is_told_and_kept(app: Flask, ada: Visitor, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    needs_notice(engine, move_notice_minutes=90)
    schedule_id = booked(engine, clinic)
    assert "until 90 minutes before they begin." in ada.page(url_of(schedule_id)).text
    clock.now = TEN - timedelta(hours=1)
    late = signed_in(app, clinic, "ada")
    assert "It is too late to change this appointment online" in late.page(url_of(schedule_id)).text
    text = late.page(f"/appointments/{schedule_id}").text
    assert "It is too late to move this appointment online." in text
    assert "Cancel this appointment" in text


def test_a_cancelled_one_cannot_be_moved(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    page = ada.page(choose(ada, schedule_id).location)
    write(engine, status=Status.CANCELLED)
    assert "This appointment has been cancelled." in ada.page(url_of(schedule_id)).text
    answer = ada.send(page, "to")
    assert (answer.status, "This appointment has been cancelled" in answer.page.text) == (422, True)


@pytest.mark.parametrize("acts", [(Act.SEE, Act.CANCEL), (Act.BOOK,), ()], ids=str)
def test_a_guardian_without_the_right_finds_no_page(maya: Visitor, engine: Engine, clinic: Clinic, acts: tuple[Act, ...]) -> None:
    schedule_id = booked(engine, clinic, "leo")
    page = maya.page(choose(maya, schedule_id).location)
    allow(engine, clinic, *acts)
    assert maya.get(url_of(schedule_id)).status == maya.send(page, "to").status == 404
    assert stored(engine, schedule_id)["starts_at"] == TEN


def test_a_private_visit_is_moved_by_the_patient_alone(maya: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    write(engine, private=True)
    assert maya.get(url_of(schedule_id)).status == maya.get(f"{url_of(schedule_id)}/check?to={NEW}").status == 404


def test_in_spanish(ada: Visitor, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    ada.ask("POST", "/language", [("csrf_token", ada.token()), ("language", "es")])
    assert ada.page(url_of(schedule_id)).heading == "Cambiar la cita"
    assert ada.page(choose(ada, schedule_id).location).heading == "¿Cambiar la cita?"
