"""What only a browser shows: hostile words stay words, and after signing out nothing is left to look at."""

from playwright.sync_api import Dialog, expect

from tests.browser.browsing import Browsing, Open
from tests.browser.walking import Hand, walk_to_time

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "</textarea><script>alert(1)</script>",
    "' onmouseover=alert(1) x='",
    "{{ 7 * 7 }}",
    "javascript:alert(1)",
)


def test_1_2_2_hostile_words_open_no_dialog_and_add_no_script(open_page: Open) -> None:
    page = open_page("daniel")
    dialogs: list[str] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    hand = Hand(page)
    walk_to_time(hand, "Ava Kim")
    address = page.url.replace("/time", "/reasons")
    page.goto(address)
    scripts = page.locator("script").count()
    for text in HOSTILE:
        page.get_by_role("textbox").first.fill(text)
        hand.press_button("Continue")
        page.wait_for_url("**/time*")
        page.goto(address)
        assert page.get_by_role("textbox").first.input_value() == text
        assert page.locator("script").count() == scripts
    assert dialogs == []


def test_14_3_3_nothing_is_left_in_the_browser_after_signing_out(browsing: Browsing) -> None:
    page = browsing.page()
    browsing.sign_in(page, "daniel")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
    page.get_by_role("button", name="Sign out").first.click()
    page.wait_for_url("**/sign-in*")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0
