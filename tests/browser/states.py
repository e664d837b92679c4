"""Every page of the portal in each of its states, so that what must hold everywhere is tested everywhere.

The ways into a state use addresses and markup, never words, so that they work in every language.
"""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page, expect

from portal.demo.people import PEOPLE
from tests.browser.walking import (
    Hand,
    choose_other_day,
    choose_person,
    choose_provider,
    journey_of,
    main_button,
    walk_as_family,
    walk_to_time,
)

UNKNOWN = "/appointments/00000000-0000-4000-8000-000000000000"
BEYOND = "2099-01-05"


@dataclass(frozen=True)
class Places:
    """Addresses prepared once: drafts of Daniel's for Ava, as far as their names say, and an appointment. No test changes them."""

    started: str
    met: str
    answered: str
    taken: str
    taken_at: str
    booked: str
    appointment: str


@dataclass(frozen=True)
class State:
    """A page in one of its states: who sees it, and how to get there."""

    name: str
    who: str | None
    enter: Callable[[Page, Places], None]


def prepare(page: Page) -> Places:
    """Walk the journey as Daniel: once to the end, twice to the check, where one of the two times is taken by Leo's booking."""
    hand = Hand(page)
    choose_person(hand, "Ava Kim")
    started = journey_of(page)
    choose_person(hand, "Ava Kim")
    choose_provider(hand)
    met = journey_of(page)
    answered, _ = _answered(hand, "Ava Kim", "Dr. Hannah Lindqvist", 0)
    taken, taken_at = _answered(hand, "Ava Kim", "Dr. Sofia Reyes", 1)
    booked, _ = _answered(hand, "Leo Kim", "Dr. Sofia Reyes", 1)
    main_button(page).click()
    page.wait_for_url("**/booked")
    page.goto("/appointments")
    appointment = page.locator("main a[href*='/appointments/']").first.get_attribute("href") or ""
    return Places(started, met, answered, taken, taken_at, booked, appointment)


def _answered(hand: Hand, patient: str, provider: str, place: int) -> tuple[str, str]:
    """Answer everything up to the check; return the journey's address and the time chosen: the one at this place of a day with many."""
    walk_to_time(hand, patient, provider)
    choose_other_day(hand)
    time = hand.page.locator("input[name=first_choice]").nth(place)
    hand.click(time)
    chosen = time.get_attribute("value") or ""
    hand.go_on("check")
    return journey_of(hand.page), chosen


def refused(page: Page) -> None:
    """Send the page's form and see it come back with a problem."""
    main_button(page).click()
    expect(page.locator(".problem")).to_be_visible()


def _at(address: str) -> Callable[[Page, Places], None]:
    """Go to an address: a plain one, or a step of a prepared journey such as "answered:visit"."""

    def enter(page: Page, places: Places) -> None:
        journey, _, step = address.rpartition(":")
        page.goto(f"{getattr(places, journey)}/{step}" if journey else step)

    return enter


def _refused_at(address: str) -> Callable[[Page, Places], None]:
    def enter(page: Page, places: Places) -> None:
        _at(address)(page, places)
        refused(page)

    return enter


def _appointment(page: Page, places: Places) -> None:
    page.goto(places.appointment)


def _changing(word: str) -> Callable[[Page, Places], None]:
    def enter(page: Page, places: Places) -> None:
        page.goto(f"{places.appointment}/{word}")

    return enter


def _move_refused(page: Page, places: Places) -> None:
    page.goto(f"{places.appointment}/move")
    refused(page)


def _move_checked(page: Page, places: Places) -> None:
    page.goto(f"{places.appointment}/move")
    time = page.locator("input[name=first_choice]").last.get_attribute("value")
    page.goto(f"{places.appointment}/move/check?to={time}")


def _seen(page: Page, places: Places) -> None:
    _appointment(page, places)
    page.locator("main a[href*='/seen']").click()
    page.wait_for_url("**/seen?schedule=**")


def _of_one_person(page: Page, _places: Places) -> None:
    page.goto("/appointments")
    page.locator(".filter a").nth(2).click()
    expect(page.locator(".filter a").nth(2)).to_have_attribute("aria-current", "true")


def _speciality_chosen(page: Page, places: Places) -> None:
    page.goto(f"{places.started}/provider")
    page.locator("#speciality").select_option(index=2)
    expect(page.locator("#providers input[type=radio]").first).to_be_visible()


def _speciality_refused(page: Page, places: Places) -> None:
    _speciality_chosen(page, places)
    page.wait_for_url("**speciality=**")
    refused(page)


def _family_visit(page: Page, _places: Places) -> None:
    walk_as_family(page, "visit", main_button)
    refused(page)


def _family_check(page: Page, _places: Places) -> None:
    walk_as_family(page, "check", main_button)


def _reasons_refused(page: Page, places: Places) -> None:
    page.goto(f"{places.answered}/reasons")
    page.locator("#reason").fill("x" * 251)
    page.locator("#note").fill("x" * 1001)
    refused(page)


def _another_day(page: Page, places: Places) -> None:
    page.goto(f"{places.answered}/time")
    choose_other_day(Hand(page))
    expect(page.locator("#status")).not_to_be_empty()


def _full_day(page: Page, places: Places) -> None:
    page.goto(f"{places.taken}/time?from=2000-01-01")
    page.locator("a.day.none").first.click()
    expect(page.locator(".nothing")).to_be_visible()


def _time_refused(page: Page, places: Places) -> None:
    page.goto(f"{places.answered}/time")
    page.locator("input[name=first_choice]").evaluate_all("boxes => boxes.forEach(box => { box.checked = false; })")
    refused(page)


def _time_taken(page: Page, places: Places) -> None:
    """A page gone stale: it still offers the time that is taken."""
    page.goto(f"{places.taken}/time")
    page.locator("input[name=first_choice]").first.evaluate("(box, taken) => { box.value = taken; box.checked = true; }", places.taken_at)
    refused(page)


def _ended_link(page: Page, _places: Places) -> None:
    page.goto("/reset/link?t=old")
    page.wait_for_url("**/reset/new")


def _form_expired(page: Page, _places: Places) -> None:
    page.goto("/sign-in")
    page.locator("main input[name=csrf_token]").first.evaluate("token => { token.value = 'old'; }")
    main_button(page).click()
    expect(page.locator(".lead")).to_be_visible()


def _proved(address: str) -> Callable[[Page, Places], None]:
    """Go to a page that asks for a fresh proof, and give it when it does."""

    def enter(page: Page, _places: Places) -> None:
        page.goto(address)
        if "/sign-in/again" in page.url:
            page.locator("input[type=password]").fill(next(person.password for person in PEOPLE if person.name == "Daniel Kim"))
            main_button(page).click()
            page.wait_for_url(f"**{address}")

    return enter


def _calendar(page: Page, places: Places) -> None:
    _proved("/account/calendar/new")(page, places)
    main_button(page).click()
    expect(page.locator("#address")).to_be_visible()


def _app(page: Page, places: Places) -> None:
    _proved("/account/two-step/passkeys")(page, places)
    page.goto("/account/two-step")
    page.locator("main form[action='/account/two-step'] button").click()
    page.wait_for_url("**/account/two-step/app")


def _person(page: Page, _places: Places) -> None:
    page.goto("/people")
    page.locator("main .list a:not(.link)").first.click()
    page.wait_for_url("**/people/*-*")


STATES = (
    State("sign-in", None, _at("/sign-in")),
    State("sign-in-refused", None, _refused_at("/sign-in")),
    State("sign-up-refused", None, _refused_at("/sign-up")),
    State("reset", None, _at("/reset")),
    State("link-ended", None, _ended_link),
    State("form-expired", None, _form_expired),
    State("demo-mail", None, _at("/demo/mail")),
    State("not-found", None, _at(UNKNOWN + "/nothing")),
    State("appointments", "daniel", _at("/appointments")),
    State("appointments-of-one", "daniel", _of_one_person),
    State("appointments-none", "robert", _at("/appointments")),
    State("appointment", "daniel", _appointment),
    State("cancel", "daniel", _changing("cancel")),
    State("move", "daniel", _changing("move")),
    State("move-check", "daniel", _move_checked),
    State("move-refused", "daniel", _move_refused),
    State("find-refused", "daniel", _at("/appointments/find?reference=K7M2")),
    State("past", "daniel", _at("/appointments/past")),
    State("password-refused", "daniel", _refused_at("/account/password")),
    State("email", "daniel", _at("/account/email")),
    State("code-refused", "daniel", _refused_at("/people/code")),
    State("seen", "daniel", _seen),
    State("seen-own", "daniel", _at("/account/seen")),
    State("who", "daniel", _at("/booking")),
    State("who-refused", "daniel", _refused_at("/booking")),
    State("provider", "daniel", _at("started:provider")),
    State("provider-shown", "daniel", _speciality_chosen),
    State("provider-refused", "daniel", _speciality_refused),
    State("visit", "daniel", _at("answered:visit")),
    State("visit-refused", "daniel", _refused_at("met:visit")),
    State("reasons", "daniel", _at("answered:reasons")),
    State("reasons-refused", "daniel", _reasons_refused),
    State("time", "daniel", _at("answered:time")),
    State("time-swapped", "daniel", _another_day),
    State("time-full", "daniel", _full_day),
    State("time-nothing", "daniel", _at(f"answered:time?from={BEYOND}")),
    State("time-refused", "daniel", _time_refused),
    State("time-taken", "daniel", _time_taken),
    State("family-visit-refused", "daniel", _family_visit),
    State("family-check", "daniel", _family_check),
    State("check", "daniel", _at("answered:check")),
    State("check-refused", "daniel", _refused_at("taken:check")),
    State("booked", "daniel", _at("booked:booked")),
    State("wait", "daniel", _at("answered:wait")),
    State("waiting", "daniel", _at("/waiting")),
    State("sessions", "daniel", _at("/account/sessions")),
    State("calendar", "daniel", _at("/account/calendar")),
    State("calendar-made", "daniel", _calendar),
    State("details", "daniel", _at("/account/details")),
    State("reminders", "daniel", _at("/account/reminders")),
    State("prove-again", "daniel", _at("/sign-in/again")),
    State("two-step", "daniel", _at("/account/two-step")),
    State("people", "daniel", _at("/people")),
    State("person", "daniel", _person),
    State("people-ask-refused", "daniel", _refused_at("/people/ask")),
    State("people-invite", "daniel", _proved("/people/invite")),
    State("passkey", "daniel", _proved("/account/two-step/passkeys")),
    State("two-step-app", "daniel", _app),
)
