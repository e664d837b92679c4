"""Changing the language: on every kind of page, at once, and without losing anything."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Browsing, Open
from tests.browser.states import Places

ADDRESSES = ("/appointments?person=", "/booking", "started:provider", "answered:visit", "answered:time", "answered:check", "booked:booked")


@pytest.fixture
def page(open_page: Open) -> Iterator[Page]:
    """A page of Daniel's, who reads English before and after."""
    page = open_page("daniel")
    yield page
    if page.locator("html").get_attribute("lang") == "es":
        page.goto("/appointments")
        press_language(page, "English", "en")


def press_language(page: Page, name: str, code: str) -> None:
    button = page.get_by_role("button", name=name)
    expect(button).to_have_attribute("lang", code)
    button.click()
    expect(page.locator("html")).to_have_attribute("lang", code)


@pytest.mark.parametrize(
    "address", ["/appointments?person=", "/booking", "started:provider", "answered:visit", "answered:time", "answered:check", "booked:booked"]
)
def test_it_stays_on_the_page(page: Page, places: Places, address: str) -> None:
    journey, _, step = address.rpartition(":")
    page.goto(f"{getattr(places, journey)}/{step}" if journey else step)
    before = page.url
    press_language(page, "Español", "es")
    assert page.url.rstrip("?") == before


def test_it_keeps_what_was_typed(page: Page, places: Places) -> None:
    page.goto(f"{places.answered}/reasons")
    page.locator("#note").fill("Le duele mucho")
    page.get_by_role("checkbox", name="Fever").press("Space")
    press_language(page, "Español", "es")
    expect(page.locator("#note")).to_have_value("Le duele mucho")
    expect(page.locator("[name=reasons]:checked")).to_have_count(2)
    press_language(page, "English", "en")
    expect(page.locator("#note")).to_have_value("Le duele mucho")


def test_enter_in_a_form_goes_on_and_does_not_change_it(page: Page, places: Places) -> None:
    page.goto(f"{places.answered}/reasons")
    page.get_by_role("checkbox", name="Fever").press("Enter")
    page.wait_for_url(re.compile("/(time|check)$"))
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_stranger_keeps_it_and_takes_it_along(browsing: Browsing) -> None:
    page = browsing.page()
    page.goto("/sign-in")
    press_language(page, "Español", "es")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Iniciar sesión")
    press_language(page, "English", "en")
