"""The warning before a session ends: two minutes before, in a dialog that a keyboard reaches, and in every tab but those that know better."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browsing import Open


def opened(page: Page, address: str = "/account", last: int = 43_200) -> Page:
    """Open a page with a clock that the test moves, as if its session had just been used and lasted so many seconds at most."""

    def answer(route: Route) -> None:
        got = route.fetch()
        html = re.sub('data-seconds="[0-9]+" data-last="[0-9]+"', f'data-seconds="900" data-last="{last}"', got.text())
        route.fulfill(response=got, body=html)

    page.route(f"**{address}", answer)
    page.clock.install()
    page.goto(address)
    return page


def test_7_3_1_the_dialog_comes_two_minutes_before_the_end_and_speaks_at_two_and_at_one(open_page: Open) -> None:
    page = opened(open_page("daniel"))
    dialog = page.get_by_role("dialog", name="Are you still there?")
    page.clock.run_for("12:55")
    expect(dialog).to_be_hidden()
    page.clock.run_for("00:10")
    expect(dialog).to_be_visible()
    said = dialog.locator("[aria-live]")
    expect(said).to_have_text("For your safety you will be signed out in 2 minutes.")
    page.clock.run_for("01:00")
    expect(said).to_have_text("For your safety you will be signed out in 1 minute.")


def test_7_3_1_enter_keeps_the_session_and_the_focus_returns(open_page: Open) -> None:
    page = opened(open_page("daniel"))
    link = page.get_by_role("link", name="Your details")
    link.focus()
    page.clock.run_for("13:05")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_focused()
    with page.expect_response("**/session/stay") as answer:
        page.keyboard.press("Enter")
    assert (answer.value.status, answer.value.headers["session-seconds"]) == (204, "900")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(link).to_be_focused()
    page.clock.run_for("12:50")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_7_3_1_at_the_end_the_page_goes_to_sign_in_and_back_here_later(open_page: Open) -> None:
    page = opened(open_page("daniel"), "/account/details")
    page.context.clear_cookies()
    page.clock.run_for("15:05")
    page.wait_for_url(re.compile(r"/sign-in\?next=/account/details$"))


def test_7_3_1_a_tab_that_learns_of_a_later_end_does_not_warn(open_page: Open) -> None:
    first = opened(open_page("daniel"))
    first.clock.run_for("13:05")
    expect(first.get_by_role("dialog")).to_be_visible()
    second = first.context.new_page()
    second.clock.install()
    second.clock.run_for("13:05")
    second.goto("/account")
    expect(first.get_by_role("dialog")).to_be_hidden()


def test_7_3_2_what_cannot_be_put_off_is_not_offered(open_page: Open) -> None:
    page = opened(open_page("daniel"), last=900)
    page.clock.run_for("13:05")
    expect(page.get_by_role("button", name="Stay signed in")).to_be_hidden()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


@pytest.mark.parametrize("enabled", [False], ids=["no script"])
def test_without_a_script_a_sentence_says_when(enabled: object, open_page: Open) -> None:
    page = open_page("daniel", java_script_enabled=enabled)
    page.goto("/account")
    expect(page.get_by_text("For your safety you will be signed out at")).to_be_visible()
    expect(page.locator("#ending")).to_be_hidden()
