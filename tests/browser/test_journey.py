"""A guardian books for a child on a phone: by mouse, by keyboard, and when scripts, htmx or its answers fail."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.browsing import Open, Watch
from tests.browser.keyboard import Keys
from tests.browser.walking import Hand, choose_other_day, choose_person, choose_time, confirm, other_day, scripts_run, walk_to_time

# Seconds a person needs, after the keystroke-level model of Card, Moran and Newell (1983): to decide, to point, to press.
DECIDE, POINT, PRESS = 1.35, 1.1, 0.2
HTMX = re.compile(r"/static/vendor/htmx")


def book(hand: Hand, name: str) -> None:
    """Walk the whole journey, with a look at a second day on the way."""
    walk_to_time(hand, name)
    choose_other_day(hand)
    choose_time(hand)
    confirm(hand, name)


def expect_booked(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Appointment booked")
    expect(page.get_by_role("definition").get_by_text(name, exact=True)).to_be_visible()


def test_by_mouse(open_page: Open) -> None:
    hand = Hand(open_page("daniel"))
    book(hand, "Ava Kim")
    expect_booked(hand.page, "Ava Kim")


def test_in_few_presses_and_under_a_minute(open_page: Open) -> None:
    hand, started = Hand(open_page("daniel")), time.monotonic()
    walk_to_time(hand, "Leo Kim")
    choose_time(hand)
    confirm(hand, "Leo Kim")
    waited = time.monotonic() - started
    assert (hand.presses, hand.loads) <= (14, 8)
    assert hand.presses * (DECIDE + POINT + PRESS) + waited < 60


def test_by_keyboard_alone(open_page: Open) -> None:
    keys = Keys(open_page("daniel"))
    keys.page.goto("/appointments")
    keys.use_link("Book an appointment", "**/booking")
    keys.choose("Ava Kim", from_first="Me, Daniel Kim")
    keys.use_button("Continue", "**/provider")
    keys.select("Speciality", "Pediatrics")
    keys.choose("Any clinician, earliest time")
    keys.use_button("Continue", "**/visit")
    keys.tab_to(keys.page.get_by_role("radio").first)
    keys.press("Space")
    keys.use_button("Continue", "**/reasons")
    keys.tab_to(keys.page.get_by_role("checkbox", name="Earache"))
    keys.press("Space")
    keys.use_button("Continue", "**/time")
    keys.tab_to(other_day(keys.page))
    keys.press("Enter")
    expect(keys.page.get_by_role("status")).not_to_be_empty()
    keys.tab_to(keys.page.get_by_role("radio").first)
    keys.press("ArrowDown")
    expect(keys.page.get_by_role("radio").nth(1)).to_be_checked()
    keys.use_button("Continue", "**/check")
    keys.use_button("Book for Ava Kim", "**/booked")
    expect_booked(keys.page, "Ava Kim")
    assert keys.presses <= 120


def test_without_scripts(open_page: Open) -> None:
    hand = Hand(open_page("daniel", java_script_enabled=False))
    book(hand, "Ava Kim")
    expect_booked(hand.page, "Ava Kim")


def test_without_htmx(open_page: Open, watch: Watch) -> None:
    watch.expect("vendor/htmx")
    page = open_page("daniel")
    page.route(HTMX, lambda route: route.abort())
    hand = Hand(page)
    book(hand, "Ava Kim")
    assert not scripts_run(page)
    expect_booked(page, "Ava Kim")


def _fail(route: Route) -> None:
    route.fulfill(status=500, body="broken")


def _drop(route: Route) -> None:
    route.abort("connectionreset")


@pytest.mark.parametrize("answer", [_fail, _drop])
def test_when_every_fragment_fails(open_page: Open, watch: Watch, answer: Callable[[Route], None]) -> None:
    watch.expect("500", "ERR_CONNECTION_RESET", "Failed to fetch")
    page, failed = open_page("daniel"), []

    def interfere(route: Route, request: Request) -> None:
        if request.headers.get("hx-request"):
            failed.append(request.url)
            answer(route)
        else:
            route.continue_()

    page.route("**/booking/**", interfere)
    hand = Hand(page)
    book(hand, "Ava Kim")
    assert [url.partition("?")[0].rpartition("/")[2] for url in failed] == ["provider", "time"]
    expect_booked(page, "Ava Kim")


def test_a_guardian_can_choose_only_their_own(open_page: Open) -> None:
    hand = Hand(open_page("hannah"))
    choose_person(hand, "Leo Kim")
    hand.follow("Switch person")
    expect(hand.page.get_by_role("radio")).to_have_count(2)


def test_somebody_alone_is_not_asked_for_whom(open_page: Open) -> None:
    page = open_page("robert")
    page.goto("/appointments")
    page.get_by_role("main").get_by_text("Book an appointment", exact=True).click()
    expect(page).to_have_url(re.compile("/provider$"))
    expect(page.get_by_text("Step 1 of 5")).to_be_visible()
