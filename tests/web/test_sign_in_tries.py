"""Tries at passwords: strangers are slowed down, owners are not locked out, and nobody learns who has an account."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, update

from portal.domain.sign_in_tries import ALARM, RATE_FLOOR
from portal.services.passwords import TooManySignInsError
from portal.storage.calls import CallCount
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import User, UserSession
from portal.storage.proofs import KnownDevice, SignInTries
from tests.clinic import PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, engine_of, visitor
from tests.web.page import Answer
from tests.web.visitor import Visitor

ENGINES = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
Events = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Passwords are compared as they are, and listed: what counts here is how often that is done."""
    seen: list[str] = []

    def matches(_stored: str, password: str) -> bool:
        seen.append(password)
        return _stored != dummy and password == PASSWORD

    dummy = "$argon2id$v=19$m=19456,t=2,p=1$8HqHt/SAxwNoLG5HdtCV6w$l/1JSaMPXc0M+LU/tMmkxkW8L712/BDWotfAu1QqcVs"
    monkeypatch.setattr("portal.services.passwords._matches", matches)
    return seen


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Events:
    """Returns the events of a kind that were noted."""
    caplog.set_level(logging.INFO, "portal.events")

    def found(kind: str) -> list[dict[str, Any]]:
        lines = [json.loads(record.getMessage()) for record in caplog.records if record.name == "portal.events"]
        return [line for line in lines if line["event"] == kind]

    return found


def from_anywhere(app: Flask, number: int) -> Visitor:
    """A stranger with an empty browser at an address of their own, who claims yet another one."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = f"10.0.{number // 250}.{number % 250 + 1}"
    stranger, claimed = visitor(client), {"X-Forwarded-For": f"1.2.3.{number % 250}"}
    return Visitor(lambda method, url, fields=None, headers=None: stranger.ask(method, url, fields, {**(headers or {}), **claimed}))


def fail(app: Flask, email: str, count: int, start: int = 0) -> list[Answer]:
    return [from_anywhere(app, start + number).sign_in(email, "wrong") for number in range(count)]


@ENGINES
def test_6_3_1_an_account_is_tried_five_times_and_then_after_waits(app: Flask, clinic: Clinic, clock: Clock, quick: list[str]) -> None:
    assert [answer.status for answer in fail(app, clinic.email("ada"), 8)] == [422] * 5 + [429] * 3
    for wait in (1, 2, 4):
        clock.passes(seconds=wait - 0.5)
        assert fail(app, clinic.email("ada"), 1)[0].status == 429
        clock.passes(seconds=0.5)
        assert [answer.status for answer in fail(app, clinic.email("ada"), 2)] == [422, 429]
    assert len(quick) == 8


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_6_3_8_a_try_that_is_not_made_says_the_same_of_every_address(email: str, app: Flask, clinic: Clinic) -> None:
    assert clinic.account_id
    answer = fail(app, email, 6)[-1]
    assert (answer.status, answer.headers["Retry-After"]) == (429, "1")
    assert (answer.page.heading, answer.page.problems) == ("Sign in", ["There were too many tries. Wait 1 minute and try again."])


def test_6_3_1_after_a_hundred_failures_even_the_right_password_is_no_help(app: Flask, clinic: Clinic, clock: Clock, quick: list[str]) -> None:
    for number in range(100):
        fail(app, clinic.email("ada"), 1, number)
        clock.passes(seconds=900)
    answer = from_anywhere(app, 101).sign_in(clinic.email("ada"))
    assert (answer.status, len(quick)) == (429, 100)
    assert answer.page.problems == ["There were too many wrong passwords. Set a new password to sign in."]


@ENGINES
def test_6_3_1_past_33_one_address_tries_no_more_than_twenty_accounts(app: Flask, clinic: Clinic, clock: Clock, quick: list[str]) -> None:
    answers = [visitor(app.test_client()).sign_in(f"person-{number}@example.org", "wrong") for number in range(30)]
    assert [answer.status for answer in answers] == [422] * 20 + [429] * 10
    assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 429
    clock.passes(minutes=10)
    assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 303
    assert len(quick) == 21


def test_past_12_a_stranger_who_drops_cookies_is_counted(app: Flask, clinic: Clinic) -> None:
    stranger = visitor(app.test_client())
    [stranger.sign_in(clinic.email("ada"), "wrong") for _ in range(5)]
    assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 429


@ENGINES
def test_6_3_1_a_known_device_gets_in_while_strangers_attack(app: Flask, clinic: Clinic) -> None:
    owner = visitor(app.test_client())
    owner.sign_in(clinic.email("ada"))
    owner.sign_out()
    fail(app, clinic.email("ada"), 10)
    [visitor(app.test_client()).sign_in(f"person-{number}@example.org", "wrong") for number in range(25)]
    assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 429
    assert owner.sign_in(clinic.email("ada")).status == 303


def test_a_device_that_is_known_to_one_account_is_a_strangers_for_another(app: Flask, clinic: Clinic) -> None:
    omar = visitor(app.test_client())
    omar.sign_in(clinic.email("omar"))
    omar.sign_out()
    fail(app, clinic.email("ada"), 5)
    assert omar.sign_in(clinic.email("ada")).status == 429


def test_failures_at_a_known_device_are_limited_too(app: Flask, clinic: Clinic) -> None:
    owner = visitor(app.test_client())
    owner.sign_in(clinic.email("ada"))
    owner.sign_out()
    assert [owner.sign_in(clinic.email("ada"), "wrong").status for _ in range(6)] == [422] * 5 + [429]


def test_a_right_password_gives_the_try_back(app: Flask, clinic: Clinic, engine: Engine) -> None:
    for _ in range(25):
        assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 303
    assert rows(engine, SignInTries) == []
    assert [row["used"] for row in rows(engine, CallCount)] == [0]


def test_a_try_that_the_machine_was_too_busy_for_is_no_failure(app: Flask, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> bool:
        raise TooManySignInsError

    app.test_client_class.faults_expected = True  # type: ignore[union-attr]
    stranger = visitor(app.test_client())
    page = stranger.page("/sign-in")
    monkeypatch.setattr("portal.services.passwords._matches", busy)
    assert stranger.send(page, "email", email=clinic.email("ada"), password="x").status == 503
    app.test_client_class.faults_expected = False  # type: ignore[union-attr]
    assert [row["failures"] for row in rows(engine, SignInTries)] == [0]
    assert [row["used"] for row in rows(engine, CallCount)] == [0]


@ENGINES
@pytest.mark.parametrize("email", ["ada@example.org", "omar@example.org", "nobody@example.org"])
def test_6_3_8_known_unknown_and_inactive_addresses_take_the_same_statements(email: str, app: Flask, clinic: Clinic, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("omar")).values(active=False))
    said: list[str] = []
    stranger = visitor(app.test_client())
    page = stranger.page("/sign-in")
    event.listen(engine_of(app), "before_cursor_execute", lambda _c, _k, statement, *_: said.append(statement.split()[0]))
    assert stranger.send(page, "email", email=email, password="wrong").status == 422
    assert said == ["SELECT", "SELECT", "INSERT", "UPDATE", "INSERT", "INSERT", "SELECT", "DELETE", "DELETE", "SELECT"]


def test_6_3_1_many_failures_raise_the_alarm_once(app: Flask, clinic: Clinic, clock: Clock, events: Events) -> None:
    assert clinic.account_id
    for number in range(RATE_FLOOR + 5):
        from_anywhere(app, number).sign_in(f"person-{number}@example.org", "wrong")
        clock.passes(seconds=1)
        assert len(events("failure_rate")) == (number + 1 >= RATE_FLOOR)
    clock.passes(seconds=ALARM.span.total_seconds())


def test_7_1_a_sign_in_with_a_new_device_is_told_by_mail_once(app: Flask, clinic: Clinic, engine: Engine) -> None:
    person = visitor(app.test_client())
    for _ in range(2):
        person.sign_in(clinic.email("ada"))
        person.sign_out()
    [mail] = rows(engine, Mail)
    assert (mail["kind"], mail["to"]) == ("new_device", "ada@example.org")
    assert [row["user_id"] for row in rows(engine, KnownDevice)] == [clinic.user("ada")]
    person.sign_in(clinic.email("omar"))
    assert len(rows(engine, Mail)) == len(rows(engine, KnownDevice)) == 2


def test_sign_out_keeps_that_the_browser_is_known(app: Flask, clinic: Clinic) -> None:
    client = app.test_client()
    person = visitor(client)
    person.sign_in(clinic.email("ada"))
    before = client.get_cookie("device")
    assert person.sign_out().headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("device") == before is not None


def test_16_3_1_signing_in_and_failing_to_are_events(app: Flask, clinic: Clinic, engine: Engine, events: Events) -> None:
    fail(app, clinic.email("ada"), 6)
    person = from_anywhere(app, 9)
    person.sign_in(clinic.email("omar"))
    person.sign_out()
    [begun], [ended] = events("sign_in"), events("sign_out")
    assert (begun["actor"], begun["object"], begun["address"]) == (str(clinic.user("omar")), str(rows(engine, UserSession)[0]["id"]), "10.0.0.10")
    assert ended["object"] == begun["object"]
    assert [line["actor"] for line in events("sign_in_failed")] == [str(clinic.user("ada"))] * 5
    assert len(events("sign_in_throttled")) == 1


def test_16_2_5_16_4_1_no_event_holds_what_was_typed_or_a_second_line(app: Flask, clinic: Clinic, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert clinic.account_id
    visitor(app.test_client()).sign_in('canary-mail\r\n{"event":"sign_in"}', "canary-password")
    client = app.test_client()
    person = visitor(client)
    person.sign_in(clinic.email("ada"))
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    device = client.get_cookie("device")
    assert device is not None
    lines = [record.getMessage() for record in caplog.records]
    assert lines
    assert [line for line in lines if len(line.splitlines()) != 1] == []
    assert [line for line in lines for canary in ("canary", PASSWORD, token, device.value) if canary in line] == []
