"""The account page: a person's own keys for programs."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.domain.keys import DAYS_DEFAULT, LIVE_MAX, parse_key
from portal.services import keys
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey
from tests.api.caller import Caller, key_of, members
from tests.clinic import NOW, PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, signed_in
from tests.web.page import Answer, Page, elements, text_of
from tests.web.visitor import Visitor


def make(person: Visitor, **answers: str) -> Answer:
    return person.send(person.page("/account/keys/new"), "days", **answers)


def shown_key(page: Page) -> str:
    [place] = [element for element in page.root.iter() if element.get("id") == "key"]
    return text_of(place)


def revoke_links(page: Page) -> list[str]:
    return [link.get("href", "") for link in elements(page.root, "a") if "/account/keys/revoke" in link.get("href", "")]


def end(person: Visitor, url: str) -> Answer:
    form = next(form for form in person.page(url).forms if form.action == "/account/keys/revoke")
    return person.ask("POST", form.action, form.values)


def test_the_page_is_linked_from_the_tools(ada: Visitor) -> None:
    assert "/account/keys" in [link.get("href") for link in elements(ada.page("/account").root, "a")]
    assert "You have no keys." in ada.page("/account/keys").text


def test_a_new_key_is_shown_once_and_works(app: Flask, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    answer = make(ada)
    key = shown_key(answer.page)
    parsed = parse_key(key)
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert parsed is not None
    assert Caller(app, key).post(members(clinic)).status == 200
    page = ada.page("/account/keys")
    assert parsed.id in page.text
    assert parsed.secret not in page.html
    [row] = rows(engine, ApiKey)
    assert (row["user_id"], row["expires_at"]) == (clinic.user("ada"), NOW + timedelta(days=DAYS_DEFAULT))


@pytest.mark.parametrize("days", ["30", "90", "365"])
def test_a_key_works_as_long_as_was_chosen(days: str, ada: Visitor, engine: Engine) -> None:
    assert make(ada, days=days).status == 200
    assert rows(engine, ApiKey)[0]["expires_at"] == NOW + timedelta(days=int(days))


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ({"days": "3650"}, "Choose one of the answers shown"),
        ({"days": "x"}, "Choose one of the answers shown"),
    ],
)
def test_no_key_with_another_life(answers: dict[str, str], problem: str, ada: Visitor, engine: Engine) -> None:
    answer = make(ada, **answers)
    assert (answer.status, answer.page.problems) == (422, [problem])
    assert rows(engine, ApiKey) == []


def test_7_5_a_key_is_made_only_by_who_has_proved_lately_who_they_are(ada: Visitor, clock: Clock, engine: Engine) -> None:
    page = ada.page("/account/keys/new")
    clock.passes(minutes=5)
    assert ada.send(page, "days").location == ada.get("/account/keys/new").location == "/sign-in/again?next=/account/keys/new"
    assert rows(engine, ApiKey) == []
    asked = ada.page("/sign-in/again?next=/account/keys/new")
    assert ada.send(asked, "password", password="wrong").page.problems == ["The password is not right"]
    assert ada.send(asked, "password", password=PASSWORD).location == "/account/keys/new"
    assert make(ada).status == 200


def test_one_person_has_a_bounded_number_of_keys(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    for _ in range(LIVE_MAX):
        key_of(engine, clinic, "ada", NOW)
    answer = make(ada)
    assert (answer.status, answer.page.problems) == (422, ["You have 10 keys that work. Revoke one of them first."])
    end(ada, revoke_links(ada.page("/account/keys"))[0])
    assert make(ada).status == 200


def test_a_list_says_what_has_become_of_each_key(app: Flask, ada: Visitor, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    used = key_of(engine, clinic, "ada", NOW)
    assert "Never used" in ada.page("/account/keys").text
    clock.passes(minutes=5)
    Caller(app, used).post(members(clinic))
    text = ada.page("/account/keys").text
    assert "Created: Monday, March 1, 2027" in text
    assert "Expires: Wednesday, March 31, 2027" in text
    assert "Last used: Monday, March 1, 2027, 3:05 am" in text


def test_a_key_is_revoked_after_a_question_and_at_once(app: Flask, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    key = key_of(engine, clinic, "ada", NOW)
    [link] = revoke_links(ada.page("/account/keys"))
    before = rows(engine, ApiKey)
    assert ada.page(link).heading == f"Revoke the key {parse_qs(urlsplit(link).query)['key'][0]}?"
    assert rows(engine, ApiKey) == before
    answer = end(ada, link)
    assert (answer.status, answer.location) == (303, "/account/keys")
    assert Caller(app, key).post(members(clinic)).status == 401
    page = ada.page("/account/keys")
    assert "Revoked: Monday, March 1, 2027" in page.text
    assert revoke_links(page) == []


def test_revoked_twice_is_revoked(ada: Visitor, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    key_of(engine, clinic, "ada", NOW)
    [link] = revoke_links(ada.page("/account/keys"))
    end(ada, link)
    clock.passes(minutes=1)
    assert end(ada, link).status == 303
    assert rows(engine, ApiKey)[0]["revoked_at"] == NOW


def test_an_expired_key_is_told_and_needs_no_revoking(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        keys.issue(session, clinic.account_id, clinic.user("ada"), 1, NOW - timedelta(days=2))
    page = ada.page("/account/keys")
    assert "Expired" in page.text
    assert revoke_links(page) == []


@pytest.mark.parametrize("holder", ["omar", None])
def test_anothers_key_looks_like_none(holder: str | None, ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    parsed = parse_key(key_of(engine, clinic, holder, NOW))
    assert parsed is not None
    assert parsed.id not in ada.page("/account/keys").text
    assert [ada.get(f"/account/keys/revoke?key={key}").status for key in (parsed.id, "unknown1", "", "\u00e9")] == [404] * 4
    fields = [("csrf_token", ada.token()), ("key", parsed.id)]
    assert ada.ask("POST", "/account/keys/revoke", fields).status == 404
    assert rows(engine, ApiKey)[0]["revoked_at"] is None


def test_without_a_key_the_question_leads_back(ada: Visitor) -> None:
    answer = ada.get("/account/keys/revoke")
    assert (answer.status, answer.location) == (303, "/account/keys")


def test_the_page_speaks_spanish(app: Flask, clinic: Clinic) -> None:
    person = signed_in(app, clinic, "ada")
    person.ask("POST", "/language", [("csrf_token", person.token()), ("language", "es"), ("next", "/account/keys")])
    page = person.page("/account/keys")
    assert (page.language, page.heading) == ("es", "Acceso de programas")
    assert "Acceso de programas" in page.text
    assert make(person, days="x").page.problems == ["Elija una de las respuestas que se muestran"]


@pytest.mark.parametrize("ask", [lambda person: person.get("/account/keys"), lambda person: person.get("/account/keys/revoke?key=a")])
def test_strangers_are_asked_to_sign_in(ask: Callable[[Visitor], Answer], stranger: Visitor) -> None:
    assert ask(stranger).location.startswith("/sign-in?next=/account/keys")
