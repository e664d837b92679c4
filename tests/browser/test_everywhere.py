"""What holds on every page in each of its states: accessibility, reflow, sizes, focus, other colours and paper."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import everywhere
from tests.browser.browsing import DESKTOP, PHONE, TABLET, Browsing, Watch
from tests.browser.keyboard import Keys
from tests.browser.running import Portal
from tests.browser.states import STATES, Places, State

STOPS_MAX = 120


@pytest.fixture(scope="module", params=STATES, ids=lambda state: state.name)
def page(request: pytest.FixtureRequest, browser: Browser, portal: Portal, sign_ins: dict[str, Any], places: Places) -> Iterator[Page]:
    """A page in one of its states, entered once for all tests of this module."""
    state: State = request.param
    watch = Watch(portal.base_url)
    with closing(Browsing(browser, portal, watch, sign_ins)) as browsing:
        shown = browsing.page(state.who)
        state.enter(shown, places)
        yield shown
    assert watch.complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [PHONE, TABLET, DESKTOP])
def test_axe_finds_nothing(page: Page, size: tuple[int, int], scheme: str) -> None:
    everywhere.show(page, *size, scheme)
    assert everywhere.axe_findings(page, scheme) == []


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_screen(page: Page, width: int) -> None:
    everywhere.show(page, width, 740)
    assert everywhere.overflow(page) == []


def test_readers_may_space_their_text(page: Page) -> None:
    everywhere.show(page, 320, 740)
    everywhere.wear(page, everywhere.TEXT_SPACING)
    wide = everywhere.overflow(page)
    everywhere.wear(page, "")
    assert wide == []


@pytest.mark.parametrize("width", [360, 1280])
def test_readers_may_double_their_text(page: Page, width: int) -> None:
    everywhere.show(page, width, 740)
    with everywhere.text_size(page, 32):
        assert everywhere.overflow(page) == []


def test_targets_are_large_enough(page: Page) -> None:
    everywhere.show(page, *PHONE)
    assert everywhere.small_targets(page) == []


def test_the_focus_is_seen_at_every_stop(page: Page) -> None:
    everywhere.show(page, *PHONE)
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    keys = Keys(page)
    keys.press("Tab")
    stops = 0
    while page.evaluate("() => document.activeElement !== document.body") and stops < STOPS_MAX:
        keys.expect_focus_seen()
        keys.press("Tab")
        stops += 1
    assert 0 < stops < STOPS_MAX


def test_forced_colours_and_paper_can_be_shown(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    assert page.screenshot()
    page.emulate_media(forced_colors="none", media="print")
    assert page.screenshot()
    page.emulate_media(media="screen")


def test_help_is_at_the_end_in_the_same_words(page: Page) -> None:
    help_text = page.locator("footer p").first.inner_text()
    assert help_text == "Need help? Call 512-555-0142, Monday to Friday, 7 am to 6 pm Central Time. In an emergency call 911."
