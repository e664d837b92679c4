"""However a person moves through their browser, an appointment is booked once, for whom it was meant."""

import re
from collections.abc import Callable, Iterator

from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing, Open
from tests.browser.walking import (
    Hand,
    appointments_of,
    choose_other_day,
    choose_person,
    choose_provider,
    choose_time,
    choose_visit,
    confirm,
    say_why,
    walk_to_time,
)


def walk_to_check(hand: Hand, name: str) -> str:
    walk_to_time(hand, name)
    return choose_time(hand)


def expect_confirmed(page: Page) -> None:
    expect(page).to_have_url(re.compile("/booked$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Appointment booked")


def test_reload_back_and_bookmark_do_not_book_again(open_page: Open) -> None:
    hand = Hand(open_page("daniel"))
    page = hand.page
    walk_to_check(hand, "Ava Kim")
    confirm(hand, "Ava Kim")
    bookmark = page.url
    booked = appointments_of(page.context.new_page(), "Ava Kim")
    page.reload()
    expect_confirmed(page)
    page.go_back()
    expect_confirmed(page)
    page.goto("/appointments")
    page.goto(bookmark)
    expect_confirmed(page)
    assert appointments_of(page, "Ava Kim") == booked


def test_back_from_the_check_returns_to_the_chosen_day(open_page: Open) -> None:
    hand = Hand(open_page("daniel"))
    walk_to_time(hand, "Ava Kim")
    day = choose_other_day(hand)
    time = choose_time(hand)
    hand.page.go_back()
    expect(hand.page.locator("[aria-current]")).to_have_attribute("id", day)
    hand.page.reload()
    expect(hand.page.locator("[aria-current]")).to_have_attribute("id", day)
    expect(hand.page.get_by_role("radio", name=time)).to_be_visible()


def test_a_double_click_books_once(open_page: Open) -> None:
    hand = Hand(open_page("daniel"))
    before = appointments_of(hand.page, "Ava Kim")
    walk_to_check(hand, "Ava Kim")
    hand.page.get_by_role("button", name="Book for Ava Kim").dblclick(no_wait_after=True)
    hand.page.wait_for_url("**/booked")
    expect_confirmed(hand.page)
    assert len(appointments_of(hand.page, "Ava Kim")) == len(before) + 1


def take_steps(hand: Hand, name: str, place: int) -> Iterator[None]:
    """Walk the journey in turns with somebody else, who has another tab in front meanwhile."""
    steps: list[Callable[[], object]] = [
        lambda: choose_person(hand, name),
        lambda: choose_provider(hand),
        lambda: choose_visit(hand),
        lambda: say_why(hand),
        lambda: choose_other_day(hand),
        lambda: choose_time(hand, place),
        lambda: confirm(hand, name),
    ]
    for step in steps:
        hand.page.bring_to_front()
        step()
        yield


def test_two_tabs_never_mix_two_children(browsing: Browsing) -> None:
    first = Hand(browsing.page("daniel"))
    second = Hand(first.page.context.new_page())
    turns = zip(take_steps(first, "Ava Kim", 0), take_steps(second, "Leo Kim", 1), strict=True)
    assert len(list(turns)) == 7
    assert [hand.page.locator(".rows dd").first.inner_text() for hand in (first, second)] == ["Ava Kim", "Leo Kim"]


def test_back_after_signing_out_asks_to_sign_in(browsing: Browsing) -> None:
    page = browsing.page()
    browsing.sign_in(page, "maya")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.go_back()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
