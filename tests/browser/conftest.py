"""Fixtures of the browser tests: one portal and one Chromium for all of them, and a watch over every page they open."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.browsing import Browsing, Open, Watch
from tests.browser.running import Portal, chromium_program, demonstration, launch
from tests.browser.states import Places, State, prepare
from tests.conftest import ON_CI


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, for the whole run."""
    program = chromium_program()
    if program is None:
        reason = "Chromium is not installed; on Debian: apt-get install chromium fonts-liberation (or name it in $CHROMIUM)"
        if ON_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = launch(playwright, program)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def portal(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:  # noqa: ARG001 - no browser, no need to start a portal
    """A demonstration that is really served, shared by all tests: each books its own times."""
    with demonstration(tmp_path_factory.mktemp("portal")) as running:
        yield running


@pytest.fixture(scope="session")
def sign_ins() -> dict[str, Any]:
    """Cookies of those who have signed in, by first name: signing in is slow on purpose, so it is done once each."""
    return {}


@pytest.fixture(scope="session")
def places(browser: Browser, portal: Portal, sign_ins: dict[str, Any]) -> Places:
    """Journeys walked once, for the tests that only look at pages."""
    watch = Watch(portal.base_url)
    with closing(Browsing(browser, portal, watch, sign_ins)) as browsing:
        prepared = prepare(browsing.page("daniel"))
    assert watch.complaints == []
    return prepared


@pytest.fixture
def watch(portal: Portal) -> Iterator[Watch]:
    """What pages complained about; at the end of a test there must be nothing that the test did not expect."""
    watch = Watch(portal.base_url)
    yield watch
    assert watch.complaints == []


@pytest.fixture
def browsing(browser: Browser, portal: Portal, watch: Watch, sign_ins: dict[str, Any]) -> Iterator[Browsing]:
    """Opens pages that are watched and closed after the test."""
    with closing(Browsing(browser, portal, watch, sign_ins)) as browsing:
        yield browsing


@pytest.fixture
def open_page(browsing: Browsing) -> Open:
    """Return a new page: open_page("daniel", size=PHONE, java_script_enabled=False)."""
    return browsing.page


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of one page in one state together: whichever process runs them enters the state once."""
    for item in items:
        state = vars(item).get("callspec") and vars(item)["callspec"].params.get("page")
        if isinstance(state, State):
            item.add_marker(pytest.mark.xdist_group(state.name))
