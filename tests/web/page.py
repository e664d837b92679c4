"""An HTML answer as a person meets it: what it says, and its forms, to be filled in and sent."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any
from xml.etree.ElementTree import Element

import html5lib

Fields = list[tuple[str, str]]
# People's own words may hold control characters, which browsers skip and a strict parser refuses; they are no fault of the markup.
WITHOUT_CONTROLS = dict.fromkeys([*range(1, 9), 0xB, *range(0xE, 0x20), *range(0x7F, 0xA0)])


@lru_cache(maxsize=8)
def parse(html: str) -> Element:
    """Return the tree of a page, not to be changed; raises html5lib's ParseError for anything that HTML5 does not allow."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parse(html.translate(WITHOUT_CONTROLS))
    return root


def parse_fragment(html: str) -> Element:
    """Return a tree of a part of a page, as strictly."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    root: Element = parser.parseFragment(html)
    return root


def text_of(element: Element) -> str:
    """Return what an element says, its blanks as a browser shows them."""
    return " ".join("".join(element.itertext()).split())


def elements(root: Element, *tags: str) -> Iterator[Element]:
    """Give the elements with one of these tags, in the order of the page."""
    return (element for element in root.iter() if element.tag in tags)


@dataclass(frozen=True)
class Form:
    """One form of a page, with what a browser would send if nothing were changed."""

    element: Element

    @property
    def action(self) -> str:
        return self.element.get("action", "")

    @property
    def values(self) -> Fields:
        return [pair for control in elements(self.element, "input", "select", "textarea") for pair in _sent(control)]

    def offered(self, name: str) -> list[str]:
        """Return the values that a group of radios or checkboxes, or a select, lets people choose."""
        radios = [control.get("value", "") for control in elements(self.element, "input") if control.get("name") == name]
        selects = (control for control in elements(self.element, "select") if control.get("name") == name)
        return radios or [option.get("value", "") for select in selects for option in elements(select, "option")]

    def filled(self, answers: Mapping[str, str | tuple[str, ...]]) -> Fields:
        """Return what the form sends with these answers in place of its own."""
        kept = [(name, value) for name, value in self.values if name not in answers]
        return kept + [(name, value) for name, given in answers.items() for value in ([given] if isinstance(given, str) else given)]


def _sent(control: Element) -> Fields:
    name, kind = control.get("name"), control.get("type", "text")
    if not name or (kind in ("radio", "checkbox") and "checked" not in control.attrib):
        return []
    if control.tag == "textarea":
        return [(name, "".join(control.itertext()))]
    if control.tag == "select":
        options = list(elements(control, "option"))
        chosen = [option for option in options if "selected" in option.attrib] or options[:1]
        return [(name, option.get("value", "")) for option in chosen]
    return [(name, control.get("value", ""))]


@dataclass(frozen=True)
class Page:
    """A whole page."""

    html: str

    @cached_property
    def root(self) -> Element:
        return parse(self.html)

    @property
    def heading(self) -> str:
        return text_of(next(elements(self.root, "h1")))

    @property
    def title(self) -> str:
        return text_of(next(elements(self.root, "title")))

    @property
    def language(self) -> str | None:
        return self.root.get("lang")

    @property
    def text(self) -> str:
        """What the main part says."""
        return text_of(next(elements(self.root, "main")))

    @property
    def problems(self) -> list[str]:
        """The sentences of the list of problems at the top."""
        alerts = (element for element in self.root.iter() if element.get("role") == "alert")
        return [text_of(entry) for alert in alerts for entry in elements(alert, "li")]

    @property
    def forms(self) -> list[Form]:
        return [Form(element) for element in elements(self.root, "form")]

    def form_with(self, name: str) -> Form:
        """Return the first form that posts a field of this name."""
        posts = [form for form in self.forms if form.element.get("method") == "post"]
        return next(form for form in posts if name in dict(form.values) or form.offered(name))


@dataclass(frozen=True)
class Answer:
    """What came back, whichever way it was asked for."""

    status: int
    headers: Mapping[str, Any]
    body: str = field(repr=False)

    @property
    def location(self) -> str:
        """Where a redirect leads."""
        return str(self.headers["Location"])

    @property
    def page(self) -> Page:
        return Page(self.body)
