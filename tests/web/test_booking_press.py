"""The last press: what was shown is what is booked, once, and a time that has gone is said."""

from datetime import datetime
from threading import Barrier, Thread

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from portal.domain.booking import storable
from portal.storage.schedule import Schedule
from tests.clinic import Clinic
from tests.conftest import ENGINES
from tests.stored import assert_sound, rows
from tests.web.client import signed_in
from tests.web.journeys import base, rival
from tests.web.page import WITHOUT_CONTROLS, elements
from tests.web.visitor import TUESDAY, Visitor, wish

STEPS = ("provider", "visit", "reasons", "time", "check")
LATER = "2027-03-03T15:00:00Z"
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "</title><svg onload=alert(1)>",
    "{{ 7*7 }} {% raw %} ${7*7} #{7*7}",
    "' OR 1=1; DROP TABLE schedule; --",
    "&lt;b&gt; &amp;amp; &#60;",
    "javascript:alert(1)",
    "a\u2028b\u2029c\u0085d",
    "\u202eright to left\u202c \u05e9\u05dc\u05d5\u05dd",
    "zero\u200bwidth\ufeff",
    "e\u0301 \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "=cmd|' /C calc'!A0",
    "%s %n %00 %0d%0a",
    "x\x01\x1b[31m\x7f",
    "nul\0nul",
]


def test_a_page_that_another_tab_has_overtaken_books_nothing(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    stale = ada.walk(wish(clinic)).page
    draft = base(stale)
    ada.send(ada.page(f"{draft}reasons"), "reason", reason="Something else")
    answer = ada.confirm(stale)
    assert (answer.status, answer.location) == (303, f"{draft}check")
    assert "Something else" in ada.page(answer.location).text
    assert rows(engine, Schedule) == []


def test_a_page_about_another_person_books_nothing(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = maya.walk(wish(clinic, "leo")).page
    answer = maya.send(page, "shown", patient=str(clinic.patient("nia")))
    assert answer.status == 303
    assert rows(engine, Schedule) == []


def test_two_tabs_for_two_children_book_each_their_own(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    leo, nia = maya.walk(wish(clinic, "leo")).page, maya.walk(wish(clinic, "nia", first_choice=LATER)).page
    assert [maya.confirm(page).status for page in (leo, nia)] == [303, 303]
    assert {row["patient_id"]: row["starts_at"] for row in rows(engine, Schedule)} == {
        clinic.patient("leo"): datetime.fromisoformat(TUESDAY),
        clinic.patient("nia"): datetime.fromisoformat(LATER),
    }


def test_pressing_the_button_again_leads_to_the_same_appointment(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    first, again = ada.confirm(page), ada.confirm(page)
    assert first.location == again.location
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("step", STEPS)
def test_going_back_after_booking_leads_to_the_appointment(step: str, ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic)).page
    booked = ada.confirm(page).location
    assert ada.get(base(page) + step).location == booked


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_double_click_books_once(app: Flask, clinic: Clinic, engine: Engine) -> None:
    app.test_client_class = FlaskClient
    pages = [signed_in(app, clinic, "ada")]
    page = pages[0].walk(wish(clinic)).page
    together, answers = Barrier(2), []

    def press() -> None:
        together.wait(10)
        answers.append(pages[0].confirm(page))

    threads = [Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [answer.status for answer in answers] == [303, 303]
    assert {answer.location for answer in answers} == {f"{base(page)}booked"}
    assert len(rows(engine, Schedule)) == 1
    assert_sound(engine)


def test_a_time_that_has_gone_is_said_with_the_nearest_free_ones(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    answer = ada.confirm(page)
    assert (answer.status, answer.page.heading, answer.page.problems) == (422, "Check your answers", ["This time has just been taken"])
    near = [button.get("value") for button in elements(answer.page.root, "button") if button.get("name") == "first_choice"]
    assert near == ["2027-03-02T14:00:00Z", "2027-03-02T14:15:00Z", "2027-03-02T15:45:00Z"]
    assert len(rows(engine, Schedule)) == 1


def test_a_time_that_has_gone_with_nothing_near_leads_to_the_times(
    ada: Visitor, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    monkeypatch.setattr("portal.services.openings.alternatives", lambda *_: [])
    refused = ada.confirm(page)
    assert refused.status == 422
    assert f"{base(page)}time?day=" in [link.get("href") for link in elements(refused.page.root, "a")]
    assert not any("shown" in dict(form.values) for form in refused.page.forms)


def test_a_free_time_offered_instead_is_one_press_away(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic)).page
    rival(engine, clinic, TUESDAY)
    refused = ada.confirm(page).page
    offer = next(form for form in refused.forms if any(button.get("name") == "first_choice" for button in elements(form.element, "button")))
    taken = ada.ask("POST", offer.action, [*offer.values, ("first_choice", "2027-03-02T15:45:00Z")])
    assert taken.location == f"{base(page)}check"
    assert ada.confirm(ada.page(taken.location)).location == f"{base(page)}booked"
    assert_sound(engine)


def test_a_time_that_has_gone_before_it_is_chosen_is_said_on_its_own_step(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "time").page
    rival(engine, clinic, TUESDAY)
    answer = ada.send(page, "first_choice", first_choice=TUESDAY)
    assert (answer.status, answer.page.problems) == (422, ["This time has just been taken"])
    assert "2027-03-02T15:45:00Z" in answer.page.form_with("first_choice").offered("first_choice")
    assert TUESDAY not in answer.page.form_with("first_choice").offered("first_choice")


def test_the_second_choice_is_given_when_the_first_has_gone(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.walk(wish(clinic, second_choice=LATER)).page
    rival(engine, clinic, TUESDAY)
    answer = ada.confirm(page)
    assert "you have your second choice" in ada.page(answer.location).text
    mine = next(row for row in rows(engine, Schedule) if row["patient_id"] == clinic.patient("ada"))
    assert (mine["starts_at"], mine["other_choice_at"], mine["first_choice_given"]) == (
        datetime.fromisoformat(LATER),
        datetime.fromisoformat(TUESDAY),
        False,
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_stored_as_typed_and_shown_as_text(text: str, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    booked = ada.page(ada.book(wish(clinic, reason=text, note=text)).location)
    [row] = rows(engine, Schedule)
    assert row["reason"] == row["note"] == storable(text)
    shown = " ".join(storable(text).translate(WITHOUT_CONTROLS).split())
    appointment = ada.page(f"/appointments/{row['id']}")
    assert booked.text.count(shown) == appointment.text.count(shown) == 2
