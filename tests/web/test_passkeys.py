"""Passkeys, made and used by a device of the tests' own: what is taken and what is refused."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.domain.second_factor import PASSKEY_LIFE
from portal.storage.outbox import Mail
from portal.storage.people import UserSession
from portal.storage.proofs import Challenge, Passkey
from tests.clinic import Clinic
from tests.stored import rows
from tests.web.client import Clock, running, signed_in, visitor
from tests.web.factors import PRESENT, Device, add_passkey, codes_of, passkey_options, post, set_up_app, sign_in_by_passkey, token_of
from tests.web.page import elements
from tests.web.visitor import Visitor

REFUSED = ["The passkey was not accepted. Try again, or use your password."]


@pytest.fixture
def app(database_url: str, clinic: Clinic, clock: Clock) -> Iterator[Flask]:  # noqa: ARG001 - the practice must be there first
    """The portal at an address for which browsers have passkeys."""
    with running(database_url, clock, public_url="http://localhost") as app:
        yield app


@pytest.fixture
def phone(ada: Visitor) -> Device:
    """A device with a passkey of Ada's."""
    device = Device()
    assert add_passkey(ada, device).status == 200
    return device


def second_step_options(person: Visitor, clinic: Clinic) -> dict[str, Any]:
    page = person.page(person.sign_in(clinic.email("ada")).location)
    [form] = [form for form in elements(page.root, "form") if form.get("data-options")]
    options: dict[str, Any] = json.loads(form.get("data-options", ""))
    return options


def answer_second_step(person: Visitor, credential: str) -> int:
    page = person.page("/sign-in/second")
    token = dict(page.form_with("recovery").values)["csrf_token"]
    return person.ask("POST", "/sign-in/second/passkey", [("csrf_token", token), ("credential", credential)]).status


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
def test_a_first_passkey_is_listed_told_and_brings_recovery_codes(ada: Visitor, engine: Engine) -> None:
    answer = add_passkey(ada, Device(), "My phone")
    assert (answer.status, len(codes_of(answer.page))) == (200, 10)
    assert "My phone" in ada.page("/account/two-step").text
    [mail] = rows(engine, Mail)
    assert json.loads(mail["facts"]) == {"what": "passkey_added"}


def test_the_options_ask_for_a_passkey_that_stays_and_knows_its_owner(ada: Visitor) -> None:
    options = json.loads(post(ada, "/account/two-step/passkeys/options").body)
    assert options["rp"] == {"id": "localhost", "name": "Riverside"}
    assert options["authenticatorSelection"] == {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
def test_6_3_3_a_passkey_alone_signs_in_to_the_second_level(phone: Device, stranger: Visitor, engine: Engine) -> None:
    options = passkey_options(stranger)
    assert (options["userVerification"], options.get("allowCredentials", [])) == ("required", [])
    answer = sign_in_by_passkey(stranger, phone.sign(options))
    assert (answer.status, answer.location) == (303, "/appointments")
    assert stranger.page("/appointments").heading == "My appointments"
    assert {row["level"] for row in rows(engine, UserSession)} == {2}


def test_a_passkey_whose_count_does_not_rise_is_taken_again(phone: Device, app: Flask) -> None:
    for count in (5, 5, 0):
        phone.count = count
        person = visitor(app.test_client())
        assert sign_in_by_passkey(person, phone.sign(passkey_options(person))).status == 303


def test_a_passkey_is_a_second_step(phone: Device, stranger: Visitor, clinic: Clinic) -> None:
    options = second_step_options(stranger, clinic)
    assert len(options["allowCredentials"]) == 1
    assert answer_second_step(stranger, phone.sign(options)) == 303
    assert stranger.get("/appointments").status == 200


def test_6_5_1_a_signature_counts_once(phone: Device, app: Flask, stranger: Visitor) -> None:
    signed = phone.sign(passkey_options(stranger))
    assert sign_in_by_passkey(stranger, signed).status == 303
    other = visitor(app.test_client())
    assert sign_in_by_passkey(other, signed).status == 422
    passkey_options(other)
    assert sign_in_by_passkey(other, signed).status == 422


def test_6_5_1_a_second_steps_signature_counts_once(phone: Device, stranger: Visitor, clinic: Clinic) -> None:
    signed = phone.sign(second_step_options(stranger, clinic))
    assert answer_second_step(stranger, signed) == 303
    stranger.ask("POST", "/sign-out", [("csrf_token", stranger.token())])
    second_step_options(stranger, clinic)
    assert answer_second_step(stranger, signed) == 422


def test_a_challenge_of_another_browser_is_refused(phone: Device, app: Flask, stranger: Visitor) -> None:
    elsewhere = passkey_options(visitor(app.test_client()))
    passkey_options(stranger)
    refused = sign_in_by_passkey(stranger, phone.sign(elsewhere))
    assert (refused.status, refused.page.problems) == (422, REFUSED)


def test_6_5_5_a_challenge_is_over_after_five_minutes(phone: Device, stranger: Visitor, clock: Clock) -> None:
    signed = phone.sign(passkey_options(stranger))
    clock.now += PASSKEY_LIFE
    assert sign_in_by_passkey(stranger, signed).status == 422


BENT: dict[str, Callable[[Device], None]] = {
    "a user who was not verified": lambda device: setattr(device, "flags", PRESENT),
    "another origin": lambda device: setattr(device, "origin", "https://evil.example"),
    "another port": lambda device: setattr(device, "origin", "http://localhost:8001"),
    "another host": lambda device: setattr(device, "host", "evil.example"),
    "another key": lambda device: setattr(device, "key", Device().key),
    "another's handle": lambda device: setattr(device, "user_handle", b"somebody"),
    "an unknown passkey": lambda device: setattr(device, "id", b"unknown"),
}


@pytest.mark.parametrize("what", BENT)
def test_what_a_device_must_not_say_signs_nobody_in(what: str, phone: Device, stranger: Visitor, engine: Engine) -> None:
    before = len(rows(engine, UserSession))
    BENT[what](phone)
    refused = sign_in_by_passkey(stranger, phone.sign(passkey_options(stranger)))
    assert (refused.status, refused.page.problems, len(rows(engine, UserSession))) == (422, REFUSED, before)


@pytest.mark.parametrize("what", ["a user who was not verified", "another origin", "another host"])
def test_what_a_device_must_not_say_adds_no_passkey(what: str, ada: Visitor, engine: Engine) -> None:
    device = Device()
    BENT[what](device)
    refused = add_passkey(ada, device)
    assert (refused.status, refused.page.problems) == (422, ["The passkey could not be added. Try again."])
    assert rows(engine, Passkey) == []


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", '"x"', "{", "x" * 30_000, '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}']
)
def test_no_passkey_at_all_is_refused_everywhere(credential: str, ada: Visitor, stranger: Visitor) -> None:
    passkey_options(stranger)
    assert sign_in_by_passkey(stranger, credential).status == 422
    post(ada, "/account/two-step/passkeys/options")
    assert post(ada, "/account/two-step/passkeys", credential=credential, name="x").status == 422


def test_a_challenge_of_another_person_adds_no_passkey(app: Flask, clinic: Clinic, ada: Visitor, engine: Engine) -> None:
    options = json.loads(post(signed_in(app, clinic, "maya"), "/account/two-step/passkeys/options").body)
    post(ada, "/account/two-step/passkeys/options")
    assert post(ada, "/account/two-step/passkeys", name="x", credential=Device().make(options)).status == 422
    assert rows(engine, Passkey) == []


def test_the_same_passkey_is_added_once(phone: Device, ada: Visitor, engine: Engine) -> None:
    assert add_passkey(ada, phone).status == 422
    assert len(rows(engine, Passkey)) == 1


def test_anothers_passkey_does_not_answer_a_second_step(phone: Device, app: Flask, clinic: Clinic, stranger: Visitor) -> None:
    other = Device(id=b"a passkey of Maya's")
    add_passkey(signed_in(app, clinic, "maya"), other)
    assert phone.id != other.id
    assert answer_second_step(stranger, other.sign(second_step_options(stranger, clinic))) == 422
    assert stranger.get("/appointments").status == 303


@pytest.mark.usefixtures("phone")
def test_a_removed_passkey_signs_nobody_in(ada: Visitor, phone: Device, stranger: Visitor, engine: Engine) -> None:
    [entry] = rows(engine, Passkey)
    assert ada.page(f"/account/two-step/passkeys/remove?passkey={entry['id']}").heading == "Remove the passkey My phone?"
    assert post(ada, "/account/two-step/passkeys/remove", passkey=str(entry["id"])).status == 303
    assert sign_in_by_passkey(stranger, phone.sign(passkey_options(stranger))).status == 422


@pytest.mark.usefixtures("phone")
def test_anothers_passkey_looks_like_none(maya: Visitor, engine: Engine) -> None:
    [entry] = rows(engine, Passkey)
    assert [maya.get(f"/account/two-step/passkeys/remove?passkey={one}").status for one in (entry["id"], "x", "")] == [404] * 3
    assert post(maya, "/account/two-step/passkeys/remove", passkey=str(entry["id"])).status == 404


def test_a_further_factor_keeps_the_codes_and_the_sessions(phone: Device, ada: Visitor, clock: Clock, engine: Engine) -> None:
    assert phone
    before = rows(engine, UserSession)
    with pytest.raises(AssertionError):
        set_up_app(ada, clock.now)  # shows no codes: leads on instead
    assert "You have 10 recovery codes left." in ada.page("/account/two-step").text
    assert [row["revoked_at"] for row in rows(engine, UserSession)] == [row["revoked_at"] for row in before]


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://portal.example.org", "https://[::1]", "https://10.0.0.1"])
def test_where_passkeys_cannot_work_the_pages_say_so(url: str, database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, public_url=url) as app:
        ada, stranger = signed_in(app, clinic, "ada"), visitor(app.test_client())
        assert "Passkeys do not work at the address of this portal." in ada.page("/account/two-step").text
        assert "Passkeys do not work at the address of this portal." in ada.page("/account/two-step/passkeys").text
        assert "passkey" not in stranger.page("/sign-in").text
        assert stranger.ask("POST", "/sign-in/passkey/options", [("csrf_token", token_of(stranger))]).status == 404


def test_challenges_that_are_over_do_not_pile_up(stranger: Visitor, clock: Clock, engine: Engine) -> None:
    for _ in range(3):
        passkey_options(stranger)
        clock.now += PASSKEY_LIFE
    assert len(rows(engine, Challenge)) == 1
