"""The page where a time is chosen: what is spoken, what moves and what stays when another day is pressed."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.browsing import DESKTOP, PHONE, Browsing, Open
from tests.browser.states import Places
from tests.browser.walking import Hand, choose_other_day, other_day

SHIFT_MAX = 0.02
SLOW_SECONDS = 0.7
MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DAY_SPOKEN = rf"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, ({MONTHS}) \d{{1,2}}"
LINK_SPOKEN = re.compile(rf"{DAY_SPOKEN}, (\d+ free|full|too soon|not yet)")
TIME_SPOKEN = re.compile(rf"{DAY_SPOKEN}, \d{{1,2}}:\d\d [ap]m")
SHIFTS = """() => {
  window.shifts = [];
  new PerformanceObserver(list => window.shifts.push(...list.getEntries().map(entry => [entry.value, entry.hadRecentInput])))
    .observe({ type: 'layout-shift', buffered: true });
}"""


@pytest.fixture
def page(open_page: Open, places: Places) -> Page:
    page = open_page("daniel", size=PHONE)
    page.add_init_script(f"({SHIFTS})()")
    page.goto(f"{places.taken}/time?from=2000-01-01")
    return page


def press_other_day(page: Page) -> str:
    """Press another day and wait until its times are there; return its id."""
    day = choose_other_day(Hand(page))
    expect(page.get_by_role("status")).not_to_be_empty()
    return day


def spoken(page: Page, selector: str) -> list[str]:
    """The names of controls as a screen reader says them."""
    lines = [control.aria_snapshot().splitlines()[0] for control in page.locator(selector).all()]
    return [line.split('"')[1] for line in lines]


def test_days_are_spoken_in_full(page: Page) -> None:
    names = spoken(page, "a.day")
    assert len(names) >= 5
    assert [name for name in names if not LINK_SPOKEN.fullmatch(name)] == []


def test_times_are_spoken_with_their_day(page: Page) -> None:
    names = spoken(page, ".chip input")
    day = page.locator("#times-on").inner_text().removeprefix("Times on ")
    assert names
    assert [name for name in names if not (TIME_SPOKEN.fullmatch(name.replace("\u00a0", " ")) and name.startswith(day))] == []


@pytest.mark.parametrize("selector", ["a.day", ".chip input"])
def test_what_is_seen_ends_what_is_spoken(page: Page, selector: str) -> None:
    """Who controls a page by voice says what they see."""
    seen = page.locator(selector).evaluate_all("all => all.map(one => (one.querySelector('[aria-hidden]') || one.nextElementSibling).innerText)")
    for visible, name in zip(seen, spoken(page, selector), strict=True):
        assert name.endswith(visible.splitlines()[-1].strip())


def test_the_focus_stays_on_the_pressed_day(page: Page) -> None:
    day = press_other_day(page)
    expect(page.locator(f"#{day}")).to_be_focused()
    expect(page.locator("[aria-current]")).to_have_count(1)


def test_one_status_line_says_one_sentence(page: Page) -> None:
    status = page.get_by_role("status")
    expect(status).to_have_count(1)
    expect(status).to_be_empty()
    press_other_day(page)
    expect(status).to_have_count(1)
    expect(status).to_have_text(re.compile(rf"^{DAY_SPOKEN}: \d+ free times?\.$"))
    assert (
        page.locator("#times").evaluate("part => part.closest('[aria-live], [role=status]') || part.querySelector('[aria-live], [role=status]')")
        is None
    )


def test_reload_and_bookmark_keep_the_pressed_day(page: Page, open_page: Open) -> None:
    day = press_other_day(page)
    page.reload()
    expect(page.locator(f"#{day}")).to_have_attribute("aria-current", "true")
    other = open_page("daniel")
    other.goto(page.url)
    expect(other.locator(f"#{day}")).to_have_attribute("aria-current", "true")


def test_back_leaves_the_page_however_many_days_were_pressed(page: Page, places: Places) -> None:
    """A day is a place on the page and not a page of its own."""
    page.goto(f"{places.taken}/reasons")
    page.goto(f"{places.taken}/time")
    press_other_day(page)
    press_other_day(page)
    page.go_back()
    expect(page).to_have_url(re.compile("/reasons$"))


def test_the_last_of_three_quick_presses_wins(page: Page) -> None:
    days = page.locator("a.day:not([aria-current]):not(.none)")
    ids = [days.nth(place).get_attribute("id") for place in range(3)]
    page.route("**/time?**", slowly)
    for day in ids:
        page.locator(f"#{day}").click()
    expect(page.get_by_role("status")).not_to_be_empty()
    expect(page.locator("[aria-current]")).to_have_attribute("id", ids[-1] or "")


def slowly(route: Route) -> None:
    """Answer like a slow network."""
    route.request.frame.page.wait_for_timeout(SLOW_SECONDS * 1000)
    route.continue_()


def test_the_first_free_time_is_on_the_first_screen(page: Page) -> None:
    box = page.locator(".chip").first.bounding_box()
    assert box is not None
    assert box["y"] <= PHONE[1]


def shift(page: Page) -> float:
    """How much moved by itself since this was last asked, as browsers count it."""
    return float(page.evaluate("() => window.shifts.splice(0).reduce((sum, [value, asked]) => asked ? sum : sum + value, 0)"))


def test_nothing_jumps_when_the_page_comes(page: Page) -> None:
    page.wait_for_load_state("networkidle")
    assert shift(page) <= SHIFT_MAX


@pytest.mark.parametrize("answer", [Route.continue_, slowly])
@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_nothing_jumps_when_other_times_come(page: Page, size: tuple[int, int], answer: Callable[[Route], None]) -> None:
    """An answer later than half a second is no excuse for browsers; a full day has the least to show."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.route("**/time?**", answer)
    for day in range(1, 4):
        shift(page)
        page.locator("a.day").nth(day).click()
        expect(page.locator("a.day").nth(day)).to_have_attribute("aria-current", "true")
        page.evaluate("() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))")
        assert shift(page) <= SHIFT_MAX


def test_a_second_choice_survives_another_day(page: Page) -> None:
    second = page.get_by_label("Second-choice time (optional)")
    second.select_option(index=3)
    chosen = second.input_value()
    press_other_day(page)
    expect(second).to_have_value(chosen)


def test_a_far_date_can_be_typed(page: Page) -> None:
    later = page.locator("a.day").last.get_attribute("id") or ""
    page.get_by_label("Look for another date").fill(later.removeprefix("day-"))
    page.get_by_role("button", name="Show times").click()
    expect(page.locator(f"#{later}")).to_be_visible()


def test_an_ended_session_leads_to_sign_in_and_back(browsing: Browsing, places: Places) -> None:
    page = browsing.page()
    browsing.sign_in(page, "daniel")
    page.goto(f"{places.taken}/time")
    kept = page.context.cookies()
    page.context.clear_cookies()
    day = other_day(page)
    wanted = day.get_attribute("href") or ""
    browsing.watch.expect("401")
    day.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    page.context.add_cookies([{"name": cookie["name"], "value": cookie["value"], "url": browsing.portal.base_url} for cookie in kept])
    page.reload()
    expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))
