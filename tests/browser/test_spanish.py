"""Every page in Spanish: nothing that the portal says stays English."""

import re
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect

import portal.web.language
from tests.browser.browsing import Browsing, Watch
from tests.browser.running import Portal
from tests.browser.states import STATES, Places, State

CATALOGUE = Path(portal.web.language.__file__).parents[1] / "translations" / "es" / "LC_MESSAGES" / "messages.po"
PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)s|%\((\w+)\)s")
# Every text that a person sees or hears, one for each place; a block's whole text too, since a name in bold splits a sentence.
# What is marked as being in another language, such as mail that was sent in it, is left out.
TEXTS = """() => {
  document.body.querySelectorAll('[lang]:not(button)').forEach(other => other.remove());
  const texts = [document.title.split(' \\u2013 ')[0]];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) texts.push(walker.currentNode.textContent);
  for (const block of document.querySelectorAll('p, li, h1, h2, legend, label, a, button, dd, dt')) texts.push(block.textContent);
  for (const one of document.querySelectorAll('[aria-label]')) texts.push(one.getAttribute('aria-label'));
  for (const one of document.querySelectorAll('[data-show]')) texts.push(one.dataset.show);
  return texts.map(text => text.replace(/\\s+/g, ' ').trim()).filter(Boolean);
}"""


@cache
def english() -> list[re.Pattern[str]]:
    """Each text of the catalogue as a pattern that its English form matches, where Spanish is different."""
    with CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale="es")
    pairs = [(text, message.string) for message in catalogue if message.id for text in _forms(message.id)]
    return [_pattern(text) for text, spanish in pairs if text not in _forms(spanish)]


def _forms(text: Any) -> tuple[str, ...]:  # noqa: ANN401 - Babel gives one text, or one for each number
    return (text,) if isinstance(text, str) else tuple(text)


def _pattern(text: str) -> re.Pattern[str]:
    """A short text is English only where it stands alone, a sentence also within a longer text."""
    pattern = PLACEHOLDER.sub(".+?", re.escape(text))
    return re.compile(rf"(.*\b)?{pattern}(\b.*|$)" if len(text.split()) > 2 else pattern)


def left_in_english(page: Page) -> set[str]:
    return {text for text in page.evaluate(TEXTS) for pattern in english() if pattern.fullmatch(text)}


@pytest.fixture(scope="module")
def hispanophones(browser: Browser, portal: Portal) -> Iterator[Browsing]:
    """People who have chosen Spanish, with cookies of their own; afterwards they read English again."""
    with closing(Browsing(browser, portal, Watch(portal.base_url), {})) as browsing:
        for who in ("daniel", "robert"):
            switch(browsing, who, "Español")
        yield browsing
        for who in ("daniel", "robert"):
            switch(browsing, who, "English")
        assert browsing.watch.complaints == []


def switch(browsing: Browsing, who: str | None, language: str) -> Page:
    page = browsing.page(who)
    page.goto("/appointments" if who else "/sign-in")
    page.get_by_role("button", name=language).click()
    expect(page.get_by_role("button", name=language)).to_have_count(0)
    return page


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.name)
def test_nothing_is_left_in_english(hispanophones: Browsing, places: Places, state: State) -> None:
    page = hispanophones.page(state.who) if state.who else switch(hispanophones, None, "Español")
    state.enter(page, places)
    assert page.locator("html").get_attribute("lang") == "es"
    assert left_in_english(page) == set()
    page.context.close()


@pytest.mark.parametrize("shown", ["Continue", "Times on Monday", "Now: Call us on 512-555-0142, today"])
def test_a_pattern_finds_its_text(shown: str) -> None:
    assert any(_pattern(text).fullmatch(shown) for text in ("Continue", "Times on %(day)s", "Call us on %(number)s"))


def test_a_word_within_a_name_is_no_english_text() -> None:
    assert not _pattern("Continue").fullmatch("Dr. Continue")


def test_the_catalogue_is_read() -> None:
    assert len(english()) > 100
