import re
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask, request

from portal.web import language
from portal.web.language import safe_next
from tests.web import samples
from tests.web.sample_facts import ROOT

SPANISH = ROOT / "portal/translations/es/LC_MESSAGES/messages.po"
KEYWORDS = {"_": None, "gettext": None, "lazy": None, "mark": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)s")
Texts = dict[tuple[str, ...], tuple[str, ...]]
ELSEWHERE = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    " /appointments",
    "/%2fevil.example",
    "/%252fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/a//evil.example",
    "/./evil",
    "/../evil",
    "/%2e%2e/evil",
    "/\t/evil.example",
    "/\n/evil.example",
    "/%0d%0aSet-Cookie:x=1",
    "/%00",
    "/ap\u00e9ro",
    "/\uff0fevil.example",
    "/" + "a" * 3000,
    "",
    None,
]


def _forms(text: Any) -> tuple[str, ...]:  # noqa: ANN401 - one form, or one for each number
    return (text,) if isinstance(text, str) else tuple(text or ())


def _written() -> set[tuple[str, ...]]:
    jinja = {"**": {"trim_blocks": "true", "lstrip_blocks": "true"}}
    templates = extract_from_dir(ROOT / "templates", [("**", "jinja2")], keywords=KEYWORDS, options_map=jinja)
    code = extract_from_dir(ROOT / "portal/web", [("**.py", "python")], keywords=KEYWORDS)
    return {_forms(message[2]) for message in (*templates, *code)}


@pytest.fixture(scope="module")
def made() -> Flask:
    return samples.app()


@pytest.fixture(scope="module")
def translated() -> Texts:
    with SPANISH.open("rb") as source:
        return {_forms(message.id): _forms(message.string) for message in read_po(source, locale="es") if message.id and not message.fuzzy}


def test_every_text_has_a_spanish_one(translated: Texts) -> None:
    wanted = _written()
    assert {text for text in wanted if not all(translated.get(text, ("",)))} == set()


def test_nothing_is_translated_that_nobody_says(translated: Texts) -> None:
    wanted = _written()
    assert set(translated) <= wanted


def test_spanish_fills_in_the_same_values(translated: Texts) -> None:
    for text, spanish in translated.items():
        wanted, given = ({frozenset(PLACEHOLDER.findall(form)) for form in forms} for forms in (text, spanish))
        assert given == wanted, text


@pytest.mark.parametrize("text", ELSEWHERE)
def test_no_way_out_of_the_portal(text: str | None) -> None:
    assert safe_next(text) is None


@pytest.mark.parametrize(
    "text",
    ["/", "/appointments", "/appointments?person=1", "/booking/a-b/time?day=2026-11-23&from=2026-11-20", "/sign-in?next=%2Fappointments%3Fa%3D1"],
)
def test_the_way_back_inside(text: str) -> None:
    assert safe_next(text) == text


def test_the_choice_is_kept_in_a_cookie(made: Flask) -> None:
    made.config["WTF_CSRF_ENABLED"] = False
    answer = made.test_client().post("/language", data={"language": "es", "next": "/appointments"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/appointments")
    assert "language=es" in answer.headers["Set-Cookie"]
    assert "HttpOnly" in answer.headers["Set-Cookie"]


def test_an_unknown_language_is_refused(made: Flask) -> None:
    made.config["WTF_CSRF_ENABLED"] = False
    answer = made.test_client().post("/language", data={"language": "xx", "next": "/appointments"})
    assert answer.status_code == 400


def test_a_foreign_address_leads_home(made: Flask) -> None:
    made.config["WTF_CSRF_ENABLED"] = False
    answer = made.test_client().post("/language", data={"language": "en", "next": "//evil.example"})
    assert answer.headers["Location"] == "/"


def test_the_choice_counts_for_the_same_request(made: Flask) -> None:
    with made.test_request_context("/", method="POST", data={"language": "es"}):
        assert language.switched_language()
        assert language.gettext("Sign in") == "Iniciar sesi\u00f3n"
        assert request.cookies.get("language") is None


def test_a_label_follows_the_request(made: Flask) -> None:
    label = language.lazy("Sign in")
    with made.test_request_context("/", headers={"Cookie": "language=es"}):
        assert str(label) == "Iniciar sesi\u00f3n"
    assert str(label) == "Sign in"
