"""What a page may weigh, and what it may leave behind in a browser."""

import gzip
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.browsing import Browsing, Open
from tests.browser.states import STATES, Places, State
from tests.browser.walking import Hand, choose_time, other_day, walk_to_time

KILOBYTE = 1024
PAGE_BYTES_MAX = 40 * KILOBYTE
HTML_BYTES_MAX = 8 * KILOBYTE
FRAGMENT_BYTES_MAX = 2.5 * KILOBYTE
REQUESTS_MAX = 6
STYLE, SCRIPT, MARK = "/static/portal.css", "/static/portal.js", "/static/mark.svg"
# States that one request leads to; the others are answers to forms.
FIRST_LOADS = [state for state in STATES if not state.name.endswith(("refused", "taken", "expired", "of-one", "swapped", "shown", "full"))]


@dataclass
class Traffic:
    """Everything that a page asked for and got."""

    page: Page
    answers: list[Response] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("response", self._answered)

    def _answered(self, answer: Response) -> None:
        self.answers.append(answer)

    def of(self, kind: str) -> list[Response]:
        return [answer for answer in self.answers if answer.request.resource_type == kind]

    def last_page(self) -> Response:
        """The page that stands there now: pages on the way to it, and redirects, are not of its load."""
        return self.of("document")[-1]

    def body(self, path: str) -> bytes:
        return next(answer.body() for answer in self.answers if urlsplit(answer.url).path == path)


def compressed(body: bytes) -> int:
    """Bytes on the way through a server in front that compresses, as one in production does."""
    return len(gzip.compress(body))


@pytest.mark.parametrize("state", FIRST_LOADS, ids=lambda state: state.name)
def test_a_first_load_is_light(open_page: Open, places: Places, state: State) -> None:
    page = open_page(state.who)
    traffic = Traffic(page)
    state.enter(page, places)
    html = traffic.last_page()
    assert compressed(html.body()) <= HTML_BYTES_MAX
    loaded = traffic.answers[traffic.answers.index(html) :]
    assert len(loaded) <= REQUESTS_MAX
    assert sum(compressed(answer.body()) for answer in loaded) <= PAGE_BYTES_MAX
    assert traffic.of("font") == []


def test_files_are_light(open_page: Open) -> None:
    page = open_page()
    traffic = Traffic(page)
    page.goto("/sign-in")
    assert len(traffic.body(STYLE)) <= 14 * KILOBYTE
    assert compressed(traffic.body(STYLE)) <= 4 * KILOBYTE
    assert compressed(traffic.body(SCRIPT)) <= 2 * KILOBYTE
    assert len(traffic.body(MARK)) <= 2 * KILOBYTE
    assert {urlsplit(answer.url).path for answer in traffic.of("image")} <= {MARK}


def test_files_come_once(open_page: Open) -> None:
    """Their addresses change with their contents, so a browser may keep them."""
    page = open_page()
    page.goto("/sign-in", wait_until="networkidle")
    traffic = Traffic(page)
    page.goto("/sign-in?next=/appointments")
    asked = [answer for answer in traffic.answers if not answer.from_service_worker and answer.request.sizes()["responseBodySize"] > 0]
    assert [answer.request.resource_type for answer in asked] == ["document"]


def test_times_of_another_day_are_light(open_page: Open, places: Places) -> None:
    page = open_page("daniel")
    page.goto(f"{places.answered}/time")
    traffic = Traffic(page)
    other_day(page).click()
    expect(page.get_by_role("status")).not_to_be_empty()
    (fragment,) = traffic.of("fetch")
    assert compressed(fragment.body()) <= FRAGMENT_BYTES_MAX
    assert fragment.headers["vary"].endswith("HX-Request")


def test_clinicians_of_another_speciality_are_light(open_page: Open, places: Places) -> None:
    page = open_page("daniel")
    page.goto(f"{places.started}/provider")
    traffic = Traffic(page)
    page.get_by_label("Speciality").select_option(label="Family medicine")
    expect(page.get_by_role("radio").first).to_be_visible()
    (fragment,) = traffic.of("fetch")
    assert compressed(fragment.body()) <= FRAGMENT_BYTES_MAX


def test_a_browser_keeps_nothing_but_the_session_cookie_and_that_it_is_known(browsing: Browsing) -> None:
    page = browsing.page()
    browsing.sign_in(page, "daniel")
    hand = Hand(page)
    walk_to_time(hand, "Ava Kim")
    choose_time(hand)
    assert page.evaluate("() => [localStorage.length, sessionStorage.length]") == [0, 0]
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    assert set(cookies) == {"portal", "device"}
    assert {(cookie["httpOnly"], cookie["sameSite"], cookie["path"]) for cookie in cookies.values()} == {(True, "Lax", "/")}
    assert cookies["portal"]["expires"] == -1


def test_pages_are_not_kept(open_page: Open) -> None:
    page = open_page("daniel")
    answer = page.goto("/appointments")
    assert answer is not None
    assert answer.headers["cache-control"] == "no-store"
