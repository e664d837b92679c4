"""The pages of the wait list."""

from datetime import datetime

from flask import Flask
from sqlalchemy import Engine

from portal.domain.guardianship import Act
from tests.clinic import NOW, Clinic
from tests.services.scene import allow, booked, cancel
from tests.services.waits import MINUTE, NOON, OFFERED, offers, wait
from tests.web.client import Clock, signed_in
from tests.web.journeys import base
from tests.web.page import Page
from tests.web.visitor import Visitor, wish


def action(page: Page, end: str) -> str:
    return next(form.action for form in page.forms if form.action.endswith(end))


def test_from_a_journey_one_joins_the_list_and_leaves_it(ada: Visitor, clinic: Clinic) -> None:
    journey = base(ada.walk(wish(clinic)).page)
    assert "Ask to be told if a time opens" in ada.page(journey + "time?from=2099-01-05").text
    answer = ada.send(ada.page(journey + "wait"), "start", start="2027-03-02", until="2027-03-05")
    assert (answer.status, answer.location) == (303, "/waiting")
    page = ada.page("/waiting")
    assert "From Tuesday, March 2 to Friday, March 5" in page.text
    assert ada.send(page, "entry").status == 303
    assert "You do not wait for anything." in ada.page("/waiting").text


def test_days_that_cannot_be_are_refused_beside_their_field(ada: Visitor, clinic: Clinic) -> None:
    page = ada.page(base(ada.walk(wish(clinic)).page) + "wait")
    answer = ada.send(page, "start", start="2027-03-05", until="2027-03-02")
    assert (answer.status, answer.page.problems) == (422, ["The last day is before the first"])


def test_looking_at_an_offer_does_nothing_and_accepting_books(app: Flask, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(engine, clinic)
    wait(engine, clinic, "omar")
    cancel(engine, clinic, schedule_id, now=NOON)
    clock.now = NOON
    omar, url = signed_in(app, clinic, "omar"), f"/waiting/offers/{offers(engine)[0]['id']}"
    page = omar.page(url)
    assert "We keep this time for you until Monday, March 1, 2:00 pm, Eastern Time." in page.text
    assert offers(engine)[0]["state"] == "open"
    answer = omar.ask("POST", action(page, url.rpartition("/")[2]), [("csrf_token", omar.token())])
    assert "Tuesday, March 2" in omar.page(answer.location).text
    assert "You have accepted this time." in omar.page(url).text


def test_a_booked_visit_can_be_made_earlier(app: Flask, engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "omar", datetime.fromisoformat("2027-03-03T15:00:00Z"))
    omar = signed_in(app, clinic, "omar")
    assert "Tell me of something earlier" in omar.page(f"/appointments/{schedule_id}").text
    answer = omar.send(omar.page(f"/appointments/{schedule_id}/earlier"), "start")
    assert answer.status == 303
    assert "Earlier than Wednesday, March 3, 10:00 am" in omar.page("/waiting").text


def test_whoever_looks_is_offered_what_another_has_let_pass(app: Flask, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(engine, clinic)
    wait(engine, clinic, "omar")
    wait(engine, clinic, "maya", now=NOW + MINUTE)
    cancel(engine, clinic, schedule_id, now=NOON)
    clock.now = NOON + OFFERED
    assert "A time is free" in signed_in(app, clinic, "maya").page("/waiting").text
    over = signed_in(app, clinic, "omar").page(f"/waiting/offers/{offers(engine)[0]['id']}").text
    assert "We do not keep this time for you any more." in over


def test_who_may_book_for_a_child_no_more_sees_nothing_of_what_they_waited_for(app: Flask, engine: Engine, clinic: Clinic) -> None:
    wait(engine, clinic, "maya", "leo")
    maya = signed_in(app, clinic, "maya")
    assert "Leo" in maya.page("/waiting").text
    allow(engine, clinic, Act.SEE)
    assert "You do not wait for anything." in maya.page("/waiting").text
