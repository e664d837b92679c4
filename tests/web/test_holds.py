import pytest
from flask import Flask

from tests.clinic import Clinic
from tests.web.client import Clock, signed_in
from tests.web.journeys import base
from tests.web.visitor import TUESDAY, Visitor, wish

LATER = "2027-03-03T15:00:00Z"
KEPT = "We keep this time for you until 3:10 am, Eastern Time."


def test_the_check_page_says_up_to_when_the_time_is_held(ada: Visitor, clinic: Clinic) -> None:
    assert KEPT in ada.walk(wish(clinic)).page.text


def test_others_are_not_offered_it_until_it_is_given_up(app: Flask, ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic)).page
    omar = signed_in(app, clinic, "omar")
    times = base(omar.walk(wish(clinic, "omar", first_choice=LATER)).page) + "time?day=2027-03-02"
    assert TUESDAY not in omar.page(times).form_with("first_choice").offered("first_choice")
    release = next(form for form in page.forms if form.action.endswith("/release"))
    answer = ada.ask("POST", release.action, release.values)
    assert (answer.status, answer.location) == (303, base(page) + "time")
    assert TUESDAY in omar.page(times).form_with("first_choice").offered("first_choice")


def test_who_holds_a_time_is_offered_it_all_along(ada: Visitor, clinic: Clinic) -> None:
    page = ada.walk(wish(clinic)).page
    assert TUESDAY in ada.page(base(page) + "time").form_with("first_choice").offered("first_choice")


def test_who_holds_a_time_is_offered_it_in_a_new_booking_too(ada: Visitor, clinic: Clinic) -> None:
    ada.walk(wish(clinic))
    times = ada.walk(wish(clinic), "time").page.form_with("first_choice").action
    assert TUESDAY in ada.page(f"{times}?day=2027-03-02").form_with("first_choice").offered("first_choice")
    assert KEPT in ada.walk(wish(clinic)).page.text


def test_a_held_time_is_refused_to_others_with_the_nearest(app: Flask, ada: Visitor, clinic: Clinic) -> None:
    omar = signed_in(app, clinic, "omar")
    choosing = omar.walk(wish(clinic, "omar"), "time").page
    ada.walk(wish(clinic))
    answer = omar.send(choosing, "first_choice", first_choice=TUESDAY)
    assert (answer.status, answer.page.problems) == (422, ["This time has just been taken"])


@pytest.mark.parametrize("minutes", [10, 14])
def test_after_its_end_nothing_is_said_and_it_can_still_be_booked(minutes: int, ada: Visitor, clinic: Clinic, clock: Clock) -> None:
    page = ada.walk(wish(clinic)).page
    clock.passes(minutes=minutes)
    again = ada.page(base(page) + "check")
    assert "We keep this time" not in again.text
    assert ada.confirm(again).status == 303
