"""Walking the booking journey as a person does: by what is seen on the page, with every press counted."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

ANYONE = "Any clinician, earliest time"
FAMILY_ANSWERS = {"visit": "input[name=visit_option]", "reasons": "input[name=reasons]", "time": "input[name=first_choice]"}
FREE = "days => days.map(day => day.ariaCurrent ? 0 : parseInt(day.querySelector('i:last-child').textContent) || 0)"


@dataclass
class Hand:
    """A hand on a page: counts presses, and the pages that were loaded for them."""

    page: Page
    presses: int = 0
    loads: int = 0

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def click(self, target: Locator) -> None:
        """Press what is in the middle of a control, as a finger or a mouse does: the label may lie over the control itself."""
        target.scroll_into_view_if_needed()
        box = target.bounding_box()
        assert box is not None
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.presses += 1

    def tick(self, box: Locator) -> None:
        """Press a radio or a checkbox, and see that it is on."""
        self.click(box)
        expect(box).to_be_checked()

    def follow(self, name: str) -> None:
        """Press a link."""
        self.click(self.page.get_by_role("link", name=name, exact=True))

    def press_button(self, name: str) -> None:
        """Press a button."""
        self.click(self.page.get_by_role("button", name=name, exact=True))

    def go_on(self, step: str) -> None:
        """Press the step's button, and wait until the next step's page is there."""
        self.press_button("Continue")
        self.page.wait_for_url(f"**/{step}")


def choose_person(hand: Hand, name: str) -> None:
    hand.page.goto("/appointments")
    hand.follow("Book an appointment")
    hand.page.wait_for_url("**/booking")
    hand.tick(hand.page.get_by_role("radio", name=name))
    hand.go_on("provider")


def choose_provider(hand: Hand, provider: str = ANYONE, speciality: str = "Pediatrics") -> None:
    """Choose from the list that appears by itself, or, where no script runs, after pressing its button."""
    hand.page.get_by_label("Speciality").select_option(label=speciality)
    hand.presses += 2
    if not scripts_run(hand.page):
        hand.press_button("Show clinicians")
    hand.tick(hand.page.get_by_role("radio", name=provider))
    hand.go_on("visit")


def scripts_run(page: Page) -> bool:
    """Tell whether htmx is at work on this page."""
    return bool(page.evaluate("typeof htmx !== 'undefined'"))


def choose_visit(hand: Hand, kind: str = "Follow-up visit", mode: str = "In person") -> None:
    hand.tick(hand.page.get_by_role("group", name=kind, exact=True).get_by_role("radio", name=mode))
    hand.go_on("reasons")


def say_why(hand: Hand) -> None:
    hand.tick(hand.page.get_by_role("checkbox", name="Earache"))
    hand.go_on("time")


def walk_to_time(hand: Hand, name: str, provider: str = ANYONE) -> None:
    """Answer everything that comes before the time."""
    choose_person(hand, name)
    choose_provider(hand, provider)
    choose_visit(hand)
    say_why(hand)


def walk_as_family(page: Page, step: str, button: Callable[[Page], Locator]) -> None:
    """Begin a booking for Daniel's two children with anybody, and go on to a step; in any language."""
    page.goto("/booking")
    page.locator("input[name=patient]").nth(1).check(force=True)
    page.locator("input[name=others]").nth(2).check(force=True)
    button(page).click()
    page.wait_for_url("**/provider")
    page.locator("#speciality").select_option(index=2)
    page.locator("#providers input[type=radio]").first.check(force=True)
    button(page).click()
    page.wait_for_url("**/visit")
    for following in ("reasons", "time", "check"):
        here = page.url.rsplit("/", 1)[1]
        if here == step:
            return
        page.locator(f"main form {FAMILY_ANSWERS[here]}").first.check(force=True)
        button(page).click()
        page.wait_for_url(f"**/{following}")


def choose_time(hand: Hand, place: int = 0) -> str:
    """Choose one of the chosen day's times, and return how it is called."""
    time = hand.page.get_by_role("radio").nth(place)
    hand.tick(time)
    called = time.evaluate("box => box.closest('label').textContent")
    hand.go_on("check")
    return " ".join(called.split())


def confirm(hand: Hand, name: str) -> None:
    hand.press_button(f"Book for {name}")
    hand.page.wait_for_url("**/booked")
    expect(hand.page.get_by_role("heading", level=1)).to_be_visible()


def other_day(page: Page) -> Locator:
    """The link to the day with the most open times, the chosen one left out: with so many, no test runs out of them on any date."""
    free: list[int] = page.locator("a.day").evaluate_all(FREE)
    return page.locator("a.day").nth(free.index(max(free)))


def choose_other_day(hand: Hand) -> str:
    """Press another day, wait until it is the chosen one, and return its id."""
    day = other_day(hand.page).get_attribute("id") or ""
    hand.click(hand.page.locator(f"#{day}"))
    expect(hand.page.locator(f"#{day}")).to_have_attribute("aria-current", "true")
    hand.page.wait_for_url("**day=**")
    return day


def appointments_of(page: Page, name: str) -> list[str]:
    """The addresses of the coming appointments of a person, as their list shows them."""
    page.goto("/appointments")
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_url("**person=**")
    addresses: list[str] = page.locator("main a[href*='/appointments/']").evaluate_all("links => links.map(link => link.pathname)")
    return addresses


def main_button(page: Page) -> Locator:
    """The button that ends the page's own form, whatever it says."""
    return page.locator("main form[method=post]:not([data-passkey]) > button.button").last


def journey_of(page: Page) -> str:
    """The address of the journey that a page is a step of."""
    return page.url.rsplit("/", 1)[0]
