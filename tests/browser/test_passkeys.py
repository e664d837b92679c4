"""Passkeys in a real browser, whose device is Chromium's virtual one: made, used alone, used as a second step, removed."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.browsing import Open, Watch
from tests.browser.running import Portal

# Somebody whom no other browser test signs in: a second factor changes how.
WHO = "robert"
DEVICE = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "automaticPresenceSimulation": True,
    "isUserVerified": True,
}


@contextmanager
def device(page: Page) -> Iterator[tuple[Any, str]]:
    """Give a page a device that keeps passkeys; return what speaks to the browser, and the device's id."""
    spoken = page.context.new_cdp_session(page)
    spoken.send("WebAuthn.enable")
    yield spoken, spoken.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    spoken.send("WebAuthn.disable")


def named(portal: Portal) -> str:
    """Return the address at which browsers have passkeys."""
    return portal.base_url.replace("127.0.0.1", "localhost")


def give_password(page: Page, portal: Portal) -> None:
    page.get_by_label("Email address").fill(portal.people[WHO].email)
    page.get_by_label("Password", exact=True).fill(portal.people[WHO].password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")


@pytest.fixture
def page(open_page: Open, portal: Portal, watch: Watch) -> Page:
    """A page of nobody's, at the portal's address by name."""
    watch.base_url = named(portal)
    return open_page(base_url=watch.base_url)


def test_6_3_3_a_passkey_from_the_first_to_the_last(page: Page, portal: Portal) -> None:
    page.goto("/sign-in?next=/account/two-step")
    give_password(page, portal)
    with device(page) as (spoken, which):
        page.get_by_role("link", name="Add a passkey").click()
        page.get_by_label("Name of this passkey").fill("My phone")
        page.get_by_role("button", name="Add a passkey").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
        sign_out(page)

        page.get_by_role("button", name="Sign in with a passkey").click()
        page.wait_for_url("**/appointments")
        sign_out(page)

        give_password(page, portal)
        page.wait_for_url("**/sign-in/second*")
        spoken.send("WebAuthn.setUserVerified", {"authenticatorId": which, "isUserVerified": False})
        page.get_by_role("button", name="Use a passkey").click()
        expect(page.locator("form[data-passkey] .hint")).to_have_text("The passkey was not used. Try again.")
        spoken.send("WebAuthn.setUserVerified", {"authenticatorId": which, "isUserVerified": True})
        page.get_by_role("button", name="Use a passkey").click()
        page.wait_for_url("**/appointments")

        page.goto("/account/two-step")
        page.get_by_role("link", name="Remove the passkey My phone").click()
        page.get_by_role("button", name="Remove this passkey").click()
        expect(page.get_by_text("My phone")).to_have_count(0)


def test_at_an_address_in_numbers_no_passkey_is_offered(open_page: Open) -> None:
    page = open_page()
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
