"""Opening pages as somebody, on a screen of some size, with everything recorded that a page must not do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

from tests.browser.running import Portal

PHONE = (360, 740)
TABLET = (768, 1024)
DESKTOP = (1280, 900)
TIMEOUT_MILLISECONDS = 10_000


@dataclass
class Watch:
    """Collects what no page may ever do: errors on the console, broken policies, failed requests, requests to other hosts."""

    base_url: str
    expected: list[str] = field(default_factory=list)
    _heard: list[tuple[str, str]] = field(default_factory=list)
    _refused_pages: set[str] = field(default_factory=set)

    def follow(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", self._console)
        context.on("weberror", lambda error: self._heard.append(("", f"script error: {error.error}")))
        context.on("request", self._request)
        context.on("requestfailed", self._failed)
        context.on("response", self._response)

    def expect(self, *parts: str) -> None:
        """Allow complaints that contain one of these words: the test provokes them."""
        self.expected += parts

    @property
    def complaints(self) -> list[str]:
        """What was heard and not expected; Chromium reports a page answered with 400, 404 or 422 on its console, and that is no fault."""
        heard = [text for url, text in self._heard if not ("Failed to load resource" in text and url in self._refused_pages)]
        return [text for text in heard if not any(part in text for part in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._heard.append((message.location["url"], f"console {message.type}: {message.text} at {message.location['url']}"))

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.base_url + "/", "data:", "blob:")):
            self._heard.append((request.url, f"request to another host: {request.url}"))

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self._heard.append((request.url, f"request failed: {request.url}: {request.failure}"))

    def _response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.status in (400, 404, 422):
            self._refused_pages.add(response.url)


@dataclass
class Browsing:
    """Opens pages for a test and closes them after it."""

    browser: Browser
    portal: Portal
    watch: Watch
    sign_ins: dict[str, Any]
    _contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, who: str | None = None, size: tuple[int, int] = PHONE, **options: Any) -> Page:  # noqa: ANN401 - Playwright's own options
        """Return an empty page in a browser of its own, signed in as somebody unless nobody is named."""
        if who is not None:
            options["storage_state"] = self._signed_in(who)
        return self._context(size, **options).new_page()

    def sign_in(self, page: Page, who: str) -> None:
        """Sign in by the page."""
        page.goto("/sign-in")
        page.get_by_label("Email address").fill(self.portal.people[who].email)
        page.get_by_label("Password", exact=True).fill(self.portal.people[who].password)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/appointments")

    def close(self) -> None:
        """Close everything that was opened."""
        for context in self._contexts:
            context.close()

    def _context(self, size: tuple[int, int], **options: Any) -> BrowserContext:  # noqa: ANN401 - Playwright's own options
        shared = {"base_url": self.portal.base_url, "viewport": {"width": size[0], "height": size[1]}, "locale": "en-US"}
        context = self.browser.new_context(**{"reduced_motion": "reduce", **shared, **options})
        context.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.watch.follow(context)
        self._contexts.append(context)
        return context

    def _signed_in(self, who: str) -> Any:  # noqa: ANN401 - Playwright's own state
        if who not in self.sign_ins:
            context = self._context(PHONE)
            self.sign_in(context.new_page(), who)
            self.sign_ins[who] = context.storage_state()
        return self.sign_ins[who]


Open = Callable[..., Page]
