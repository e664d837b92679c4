"""What markup owes to everybody, on every template with made-up contents; no database and no browser."""

import re
from collections.abc import Iterator
from gzip import compress
from hashlib import sha256
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest
from flask import Flask

from tests.web import samples
from tests.web.sample_booking import PARTIALS
from tests.web.sample_facts import MORNING, PEOPLE, ROOT

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
STATIC = ROOT / "static"
FORBIDDEN = {
    "a script in an attribute": re.compile(r"\son[a-z]+\s*="),
    "a style in an attribute": re.compile(r"\sstyle\s*="),
    "hx-on": re.compile(r"hx-on"),
    "hx-boost": re.compile(r"hx-boost"),
    "a computed value": re.compile(r"[\"'](js|javascript):"),
    "a filter in a trigger": re.compile(r"hx-trigger\s*=\s*(\"[^\"]*\[|'[^']*\[)"),
    "a script without a source": re.compile(r"<script(?![^>]*\ssrc=)"),
    "a style element": re.compile(r"<style"),
}
KILOBYTE = 1000
STYLE_MAX = 14 * 1024


@pytest.fixture(scope="module")
def made() -> Flask:
    return samples.app()


@pytest.fixture(params=[(name, language) for name in samples.SAMPLES for language in ("en", "es")], ids="-".join)
def html(request: pytest.FixtureRequest, made: Flask) -> str:
    name, language = request.param
    return samples.render(made, name, language)


@pytest.fixture
def page(html: str) -> Element:
    return _parsed(html)


def _parsed(html: str) -> Element:
    tree: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(html)
    return tree


def _alone(html: str) -> Element:
    tree: Element = html5lib.HTMLParser(namespaceHTMLElements=False).parseFragment(html)
    return tree


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _spoken(element: Element) -> str:
    """Return the text of an element as it is heard: without what is hidden from assistive technology."""
    return " ".join("".join(_heard(element)).split())


def _heard(element: Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if not child.get("aria-hidden"):
            yield from _heard(child)
        yield child.tail or ""


def _fields(page: Element) -> Iterator[Element]:
    for element in page.iter():
        if element.tag in {"select", "textarea"} or (element.tag == "input" and element.get("type") != "hidden"):
            yield element


def _ids(page: Element) -> list[str]:
    return [element.get("id", "") for element in page.iter() if element.get("id")]


def test_title_is_heading_and_practice(page: Element) -> None:
    [heading] = page.iter("h1")
    [title] = page.iter("title")
    failed = page.find(".//div[@class='problem']") is not None
    error = {"en": "Error: ", "es": "Error: "}[page.get("lang", "")] if failed else ""
    assert _text(title) == f"{error}{_text(heading)} \u2013 Riverbend Clinic"


def test_ids_are_unique_and_found(page: Element) -> None:
    ids = _ids(page)
    assert len(ids) == len(set(ids))
    for element in page.iter():
        for name in ("aria-describedby", "aria-labelledby", "for", "form"):
            assert set(element.get(name, "").split()) <= set(ids), (name, element.get(name))
        if element.tag == "a" and element.get("href", "").startswith("#"):
            assert element.get("href", "")[1:] in ids


def test_every_field_has_a_label(page: Element) -> None:
    labelled = {label.get("for") for label in page.iter("label")} | {field.get("id") for label in page.iter("label") for field in label.iter("input")}
    assert all(field.get("id") in labelled for field in _fields(page))


def test_every_group_of_choices_has_a_legend(page: Element) -> None:
    grouped = {field for group in page.iter("fieldset") for field in group.iter("input")}
    assert all(group[0].tag == "legend" and _text(group[0]) for group in page.iter("fieldset"))
    assert {field for field in _fields(page) if field.get("type") in {"radio", "checkbox"}} <= grouped


def test_an_error_stands_beside_its_field_and_above_all(page: Element) -> None:
    summary = page.find(".//div[@class='problem']")
    said = [_text(link) for link in summary.iter("a")] if summary is not None else []
    beside = [_text(error) for error in page.iter("p") if error.get("class") == "error"]
    assert sorted(beside) == sorted(f"Error: {text}" for text in said)
    assert summary is None or (summary.get("tabindex") == "-1" and summary.get("autofocus") is not None)


def test_only_posts_carry_a_token(page: Element) -> None:
    for form in page.iter("form"):
        tokens = [field for field in form.iter("input") if field.get("name") == "csrf_token"]
        assert len(tokens) == (1 if form.get("method") == "post" else 0), form.get("action")


def test_htmx_repeats_what_the_markup_does(page: Element) -> None:
    for element in page.iter():
        if "hx-get" in element.attrib:
            assert element.get("hx-get") == element.get("href", element.get("action"))


def test_the_status_line_exists_and_is_empty(page: Element) -> None:
    lines = [element for element in page.iter("p") if element.get("role") == "status"]
    assert all(not _text(line) for line in lines)
    assert len(lines) == (1 if any("hx-get" in element.attrib for element in page.iter()) else 0)


def test_nothing_forbidden_is_rendered(html: str) -> None:
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(html)] == []


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_nothing_forbidden_is_written(template: Path) -> None:
    source = re.sub(r"{#.*?#}", "", template.read_text(), flags=re.DOTALL)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(source)] == []


def test_help_is_the_same_everywhere(made: Flask) -> None:
    helps = {_text(next(_parsed(samples.render(made, name)).iter("footer"))[0][0]) for name in samples.SAMPLES}
    assert helps == {"Need help? Call 512-555-0142, Monday to Friday, 7 am to 6 pm Central Time. In an emergency call 911."}


@pytest.mark.parametrize("name", PARTIALS)
def test_a_partial_renders_alone(made: Flask, name: str) -> None:
    alone = _alone(samples.render(made, name))
    assert alone.get("lang") is None
    assert next(alone.iter("h1"), None) is None
    [status] = [element for element in alone.iter("p") if element.get("role") == "status"]
    assert status.get("hx-swap-oob") == "innerHTML"
    assert _text(status).endswith(".")


@pytest.mark.parametrize(
    ("partial", "whole", "root"), [("times", "time", "times"), ("times-full", "time-full", "times"), ("providers", "provider", "providers")]
)
def test_a_partial_is_what_its_page_holds(made: Flask, partial: str, whole: str, root: str) -> None:
    alone, page = _alone(samples.render(made, partial)), _parsed(samples.render(made, whole))
    found = [next(element for element in tree.iter() if element.get("id") == root) for tree in (alone, page)]
    tokens = re.compile(r"ey|Im[\w.-]+")
    assert tokens.sub("", _text(found[0])) == tokens.sub("", _text(found[1]))


def test_days_and_times_are_spoken_in_full(made: Flask) -> None:
    page = _parsed(samples.render(made, "time"))
    days = [_spoken(link) for link in page.iter("a") if "day" in link.get("class", "").split()]
    times = [_spoken(label) for label in page.iter("label") if label.get("class") == "chip"]
    assert days[:2] == ["Monday, November 23, 11 free", "Tuesday, November 24, full"]
    assert times[0] == "Monday, November 23, 8:20 am"


def test_a_closed_day_is_no_link(made: Flask) -> None:
    page = _parsed(samples.render(made, "time"))
    assert not any("November 26" in _text(link) for link in page.iter("a"))
    assert any(_spoken(cell) == "Thursday, November 26, closed" for cell in page.iter("span"))


def test_the_chosen_day_and_time_are_marked(made: Flask) -> None:
    page = _parsed(samples.render(made, "time-chosen"))
    assert [_spoken(link) for link in page.iter("a") if link.get("aria-current") == "true"] == ["Monday, November 23, 11 free"]
    assert [field.get("value") for field in _fields(page) if field.get("checked") is not None] == [MORNING[1].value]


def test_a_day_without_times_leads_on(made: Flask) -> None:
    page = _parsed(samples.render(made, "time-full"))
    assert "Next free day: Wednesday, November 25" in [_text(link) for link in page.iter("a")]


def test_beyond_all_days_the_way_leads_back_to_the_first_free_one(made: Flask) -> None:
    page = _parsed(samples.render(made, "time-far"))
    assert [link.get("href") for link in page.iter("a") if _text(link) == "Go to the first free day"] == ["?day="]


def test_each_part_of_a_day_has_an_id_of_its_own(made: Flask) -> None:
    page = _parsed(samples.render(made, "time"))
    assert [part.get("id") for part in page.iter("fieldset") if part.get("class") == "chips"] == ["part-2026-11-23-1", "part-2026-11-23-2"]


def test_phone_numbers_are_links(made: Flask) -> None:
    for name in samples.SAMPLES:
        page = _parsed(samples.render(made, name))
        dialled = [_text(link) for link in page.iter("a") if link.get("href", "").startswith("tel:")]
        for number in ("512-555-0142", "911"):
            assert dialled.count(number) == _text(page).count(number), name


def test_a_time_that_is_gone_cannot_be_booked_again(made: Flask) -> None:
    buttons = {name: [_text(button) for button in _parsed(samples.render(made, name)).iter("button")] for name in ("check", "check-failed")}
    assert "Book for Maya" in buttons["check"]
    assert "Book for Maya" not in buttons["check-failed"]
    page = _parsed(samples.render(made, "check-failed"))
    assert "#offer" in [link.get("href") for link in page.iter("a")]


@pytest.mark.parametrize(("name", "people"), [("appointments", []), ("appointments-empty", [str(PEOPLE[0].id)])])
def test_somebody_alone_books_for_themselves_at_once(made: Flask, name: str, people: list[str]) -> None:
    page = _parsed(samples.render(made, name))
    assert [field.get("value") for field in page.iter("input") if field.get("name") == "patient"] == people


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("appointment", "Her inhaler runs out sooner than it did."),
        ("appointment-ticked", "Fever, Rash"),
        ("booked-second", "Fever, Rash. Her inhaler runs out sooner than it did."),
    ],
)
def test_reasons_are_told_once(made: Flask, name: str, reason: str) -> None:
    page = _parsed(samples.render(made, name))
    assert [_text(row[1]) for row in page.iter("div") if len(row) > 1 and _text(row[0]) == "Reason"] == [reason]


def test_the_confirmation_says_for_whom(made: Flask) -> None:
    [panel] = [part for part in _parsed(samples.render(made, "booked")).iter("div") if part.get("class") == "card done"]
    assert "For Maya Lopez" in _text(panel)


def test_steps_are_counted_without_the_one_that_is_skipped(made: Flask) -> None:
    assert "Step 5 of 6" in samples.render(made, "time")
    assert "Step 1 of 6" in samples.render(made, "who")
    assert "Step 4 of 5" in samples.render(made, "time-alone")


def test_the_language_button_takes_typed_words_along(made: Flask) -> None:
    page = _parsed(samples.render(made, "reasons"))
    buttons = [button for button in page.iter("button") if button.get("form") == "answers"]
    assert [button.get("name") for button in buttons] == [None, "language"]
    assert buttons[0].get("hidden") is not None


def test_the_error_page_needs_nobody(made: Flask) -> None:
    page = _parsed(samples.render(made, "error"))
    assert not list(page.iter("form"))


def test_budgets_of_files() -> None:
    css, script, mark = ((STATIC / name).read_bytes() for name in ("portal.css", "portal.js", "mark.svg"))
    assert len(css) <= STYLE_MAX
    assert len(compress(css)) <= 4 * KILOBYTE
    assert len(compress(script)) <= 2 * KILOBYTE
    assert len(mark) <= 2 * KILOBYTE


def test_budgets_of_pages(made: Flask) -> None:
    assert max(len(compress(samples.render(made, name).encode())) for name in samples.SAMPLES) <= 8 * KILOBYTE
    assert max(len(compress(samples.render(made, name).encode())) for name in PARTIALS) <= 2.5 * KILOBYTE


def test_vendored_files_are_what_their_list_says() -> None:
    listed = (STATIC / "vendor/README.md").read_text()
    for file in (STATIC / "vendor").glob("*.js"):
        assert sha256(file.read_bytes()).hexdigest() in listed
