"""Pictures of the portal: the one in the README, or every page in every state for people to look at.

Run `python -m tests.browser.pictures` to make the README's again, or name a folder (and a language) for all of them.
"""

import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.browsing import DESKTOP, PHONE, Browsing, Watch
from tests.browser.running import chromium_program, demonstration, launch
from tests.browser.states import STATES, Places, State, prepare
from tests.browser.walking import Hand, walk_to_time

README_PICTURE = Path(__file__).parent / "pictures" / "choose-a-time.png"
SCREENS = {"phone": (*PHONE, "light"), "phone-dark": (*PHONE, "dark"), "desktop": (*DESKTOP, "light"), "desktop-dark": (*DESKTOP, "dark")}


def main(folder: Path | None, language: str) -> None:
    """Make the pictures from a demonstration of their own."""
    program = chromium_program()
    if program is None:
        raise SystemExit("Chromium is not installed")
    with tempfile.TemporaryDirectory() as data, demonstration(Path(data)) as portal, sync_playwright() as playwright:
        browser = launch(playwright, program)
        with closing(Browsing(browser, portal, Watch(portal.base_url), {})) as browsing:
            if folder is None:
                _readme(browsing)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                _everything(browsing, prepare(browsing.page("daniel")), folder, language)
        browser.close()


def _readme(browsing: Browsing) -> None:
    hand = Hand(browsing.page("daniel", (1180, 860)))
    walk_to_time(hand, "Ava Kim", "Dr. Sofia Reyes")
    hand.tick(hand.page.get_by_role("radio").first)
    hand.page.mouse.move(0, 0)
    hand.page.screenshot(path=README_PICTURE)


def _everything(browsing: Browsing, places: Places, folder: Path, language: str) -> None:
    for state in STATES:
        page = browsing.page(state.who)
        page.goto("/appointments" if state.who else "/sign-in")
        other = page.locator(f"button[lang={language}]")
        if other.count():
            other.click()
        _screens(page, state, places, folder)
        page.context.close()


def _screens(page: Page, state: State, places: Places, folder: Path) -> None:
    state.enter(page, places)
    for name, (width, height, scheme) in SCREENS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        page.screenshot(path=folder / f"{state.name}-{name}.png", full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None, sys.argv[2] if len(sys.argv) > 2 else "en")
