"""The help pages against the page that the original call was published with."""

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element

import pytest
from flask import Flask

from portal.api.answers import ANSWERS
from portal.api.binding import bind, bind_model
from portal.api.call import Method
from portal.api.door import CALLS
from portal.api.help import NOTHING, HelpPage, answer_model, pages
from portal.api.media_type import FORM_TYPE, JSON_TYPES
from portal.api.model import CONFORM_PAYMENT, CUSTOM_FORM, Kind, Model
from portal.api.samples import form_sample, json_sample
from tests.api.caller import Caller, members, told
from tests.clinic import Clinic
from tests.web.client import signed_in
from tests.web.page import Page, elements, text_of

ORIGINAL = (Path(__file__).parent / "help-page.txt").read_text(encoding="utf-8")
PAGES = pages(CALLS)
BOOKING = "/Help/Api/POST-api-Calendar-PatientAppointmentPost"
CASES = [BOOKING, BOOKING.lower(), BOOKING.upper(), f"{BOOKING}/"]
METHODS = [method for call in CALLS for method in call.methods.values()]
Table = list[tuple[str, str, str]]


def original(caption: str) -> Table:
    """Return name, type and additional information of every member in a table of the original page."""
    table = re.split(r"\nRe\w+ Formats\n", ORIGINAL.partition(f"\n{caption}| Name |")[2])[0]
    found = re.findall(r"^\| (\w+) \| ([^|\n]+) \|\n([^|\n]+)", table, re.MULTILINE)
    return [(name, kind.strip(), additional.strip()) for name, kind, additional in found]


def shown(page: Page, caption: str) -> Table:
    """Return the same of a table of ours; between the name and the type ours has a description."""
    [table] = [table for table in elements(page.root, "table") if text_of(next(elements(table, "caption"))) == caption]
    return [_row(row) for body in elements(table, "tbody") for row in elements(body, "tr")]


def _row(row: Element) -> tuple[str, str, str]:
    name, _, kind, additional = row
    return text_of(name), text_of(kind), " ".join(map(text_of, additional))


@pytest.fixture
def booking(app: Flask) -> Page:
    return Page(app.test_client().get(BOOKING).get_data(as_text=True))


def test_the_original_page_is_read_whole() -> None:
    assert (len(original("AppointmentModel")), len(original("Schedule"))) == (19, 87)


@pytest.mark.parametrize("caption", ["AppointmentModel", "Schedule"])
def test_a_table_is_that_of_the_original_member_for_member(caption: str, booking: Page) -> None:
    assert shown(booking, caption) == original(caption)


def test_our_words_stand_where_the_original_has_them(booking: Page) -> None:
    ours = [text_of(heading) for heading in elements(booking.root, "h1", "h2", "h3")]
    theirs = [line for line in ORIGINAL.splitlines() if line in ours]
    assert theirs == [heading for heading in ours if heading in ORIGINAL.splitlines()]
    assert len(theirs) == 8
    assert "Patient Book Appointment" in booking.text


def test_the_sample_is_that_of_the_original_but_for_its_ids() -> None:
    text = ORIGINAL.partition("application/json, text/json\n")[2].partition("application/x-www-form-urlencoded")[0]
    ids = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    [page] = [page for page in PAGES if page.title == "POST api/Calendar/PatientAppointmentPost"]
    assert ids.sub("an id", page.request_samples[0].text.replace(" ", "")) == ids.sub("an id", text.strip().replace(" ", ""))


def test_the_samples_of_the_page_are_read_by_the_binder() -> None:
    [page] = [page for page in PAGES if page.title == "POST api/Calendar/PatientAppointmentPost"]
    as_json, as_form = (bind(sample.text.encode(), kind) for sample, kind in zip(page.request_samples, (JSON_TYPES[0], FORM_TYPE), strict=True))
    assert (as_json[1], as_form[1]) == ({}, {})
    assert as_json[0] is not None
    assert as_json[0] == as_form[0]


@pytest.mark.parametrize("model", [CUSTOM_FORM, CONFORM_PAYMENT], ids=lambda model: model.name)
def test_samples_of_other_models_are_read_too(model: Model) -> None:
    assert bind_model(model, json.dumps(json_sample(model)).encode(), JSON_TYPES[0])[1] == {}
    assert bind_model(model, form_sample(model).encode(), FORM_TYPE)[1] == {}


def test_the_sample_of_the_answer_has_what_an_answer_has(ada: Caller, clinic: Clinic) -> None:
    [page] = [page for page in PAGES if page.title == "POST api/Calendar/PatientAppointmentPost"]
    assert list(json.loads(page.answer_samples[0].text)) == list(told(ada.post(members(clinic))))


@pytest.mark.parametrize("path", CASES)
def test_the_page_is_found_in_any_case(path: str, app: Flask) -> None:
    assert Page(app.test_client().get(path).get_data(as_text=True)).heading == "POST api/Calendar/PatientAppointmentPost"


@pytest.mark.parametrize("path", ["/Help/Api/nope", "/Help/Api", "/Help/nope", "/Help/Api/POST-api-Calendar-PatientAppointmentPost/x"])
def test_an_unknown_page_is_not_found(path: str, app: Flask) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


@pytest.mark.parametrize("path", ["/Help", "/help", "/HELP/", "/help/"])
def test_the_index_leads_to_every_page(path: str, app: Flask) -> None:
    index = Page(app.test_client().get(path).get_data(as_text=True))
    assert [link.get("href") for link in elements(index.root, "a") if link.get("href", "").startswith("/Help/")] == [
        f"/Help/Api/{page.slug}" for page in PAGES
    ]
    assert "/api/openapi.json" in [link.get("href") for link in elements(index.root, "a")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.slug)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_page_is_shown_in_every_language(language: str, page: HelpPage, app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("language", language)
    found = Page(client.get(f"/Help/Api/{page.slug}").get_data(as_text=True))
    assert (found.heading, found.language) == (page.title, language)
    assert page.summary in found.text


def test_the_page_is_there_for_people_who_are_signed_in(app: Flask, clinic: Clinic) -> None:
    assert signed_in(app, clinic, "ada").page("/Help").heading == "Calls for client programs"


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.summary)
def test_every_answer_is_described(method: Method) -> None:
    assert answer_model(method.answers) is not None or method.answers == Kind.STRING.value


@pytest.mark.parametrize("model", ANSWERS.values(), ids=lambda model: model.name)
def test_no_member_is_described_twice(model: Model) -> None:
    assert len({member.name for member in model.members}) == len(model.members)


@pytest.mark.parametrize("words", ["Idempotency-Key", "Alternatives", "1 In person, 2 Video, 3 Phone", "7 Declined", "Authorization: Bearer"])
def test_the_page_tells_what_we_add(words: str, booking: Page) -> None:
    assert words in booking.text


def test_a_member_without_rules_says_so(booking: Page) -> None:
    assert ("PaidAmount", "decimal number", NOTHING) in shown(booking, "AppointmentModel")


def test_the_sample_form_is_one(booking: Page) -> None:
    [form] = [text_of(sample) for sample in elements(booking.root, "pre") if text_of(sample).startswith("EncounterTypeId=")]
    assert dict(parse_qsl(form))["Reasons[1].ReasonId"]
