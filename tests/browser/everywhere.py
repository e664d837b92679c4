"""What must hold on every page, as questions to a page that is open."""

from collections.abc import Iterator
from contextlib import contextmanager

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

AXE_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations", "incomplete"],
}
# Another colour scheme changes no markup: these rules alone look at colours.
AXE_COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}, "resultTypes": ["violations", "incomplete"]}
AXE_RUN = """options => axe.run(options).then(found => [...found.violations, ...found.incomplete].flatMap(
  rule => rule.nodes.map(node => `${rule.id}: ${node.target} ${node.failureSummary}`)))"""
# WCAG 2.2, success criterion 1.4.12: what readers may set, and no content is lost.
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
WIDER_THAN_SCREEN = """() => {
  const width = document.documentElement.clientWidth;
  const wide = [...document.body.querySelectorAll('*')]
    .filter(element => !element.closest('.vh, .skip') && element.getBoundingClientRect().right > width + 0.5)
    .map(element => element.outerHTML.slice(0, 90));
  return document.documentElement.scrollWidth > width ? ['the page scrolls sideways', ...wide] : wide;
}"""
# Text that does not fit into its own box is cut or runs over its neighbour.
SPILLING = """() => [...document.querySelectorAll('a.day, span.day, .chip > span, .button, .tag, .choice, .card')]
  .filter(element => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
  .map(element => `${element.scrollWidth} > ${element.clientWidth}: ${element.outerHTML.slice(0, 90)}`)"""
# A radio or a checkbox is as large as the label that can be pressed for it. A link within a sentence may be small (2.5.8).
TARGETS = """() => {
  const inSentence = control => control.matches('a') && getComputedStyle(control).display === 'inline'
    && control.parentElement.textContent.trim() !== control.textContent.trim();
  return [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
    .filter(control => control.checkVisibility() && !control.closest('.vh, .skip') && !inSentence(control))
    .map(control => {
      const face = control.matches('[type=radio], [type=checkbox]') ? control.closest('.chip, .choice') : control;
      const { width, height } = face.getBoundingClientRect();
      return { name: control.outerHTML.slice(0, 110), width, height, main: control.matches('.day, .button, .chip input, .choice input') };
    });
}"""


def axe_findings(page: Page, scheme: str = "light") -> list[str]:
    """What axe objects to or is unsure of; nothing here is explained away. In the dark only colours are looked at again."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(Axe().axe_script)
    found: list[str] = page.evaluate(AXE_RUN, AXE_COLOURS if scheme == "dark" else AXE_OPTIONS)
    return found


def show(page: Page, width: int, height: int, scheme: str = "light") -> None:
    """Look at an open page on another screen."""
    page.set_viewport_size({"width": width, "height": height})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


def overflow(page: Page) -> list[str]:
    """What is wider than the screen, or than its own box."""
    return [*page.evaluate(WIDER_THAN_SCREEN), *page.evaluate(SPILLING)]


def wear(page: Page, rules: str) -> None:
    """Give a page a reader's own style sheet; none takes it away again. A policy on the page's own styles does not forbid that."""
    page.evaluate("rules => { const sheet = new CSSStyleSheet(); sheet.replaceSync(rules); document.adoptedStyleSheets = [sheet]; }", rules)


def small_targets(page: Page) -> list[str]:
    """Controls under 24 x 24 px; days, times, choices and buttons under 44 px in height."""
    targets = page.evaluate(TARGETS)
    return [
        f"{target['width']:.1f} x {target['height']:.1f}: {target['name']}"
        for target in targets
        if min(target["width"], target["height"]) < 24 or (target["main"] and target["height"] < 44)
    ]


@contextmanager
def text_size(page: Page, pixels: int) -> Iterator[None]:
    """Let the reader's browser show text in another size than its usual 16 pixels."""
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": pixels}})
    yield
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 16}})
    browser.detach()
