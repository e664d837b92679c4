"""A forgotten password: the same answer for everybody, and a link that works once, for half an hour."""

from datetime import timedelta
from statistics import median
from time import perf_counter

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.domain.throttle import RESETS_BY_NETWORK
from portal.services.sign_in_tries import of_email
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import User, UserSession
from portal.storage.proofs import Authenticator, KnownDevice, Proof, SignInTries
from tests.clinic import NOW, PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, engine_of, signed_in, visitor
from tests.web.page import Answer
from tests.web.post import noted, opened, outbox, path_in
from tests.web.visitor import Visitor

NEW = "seven green barrels roll"
FIRST_TRY = "vwkqtznbxrpl"


def ask(person: Visitor, email: str) -> Answer:
    return person.send(person.page("/reset"), "email", email=email)


def choose(person: Visitor, engine: Engine, password: str = NEW) -> Answer:
    return person.send(opened(person, path_in(engine, "reset")).page, "password", password=password)


def add(engine: Engine, *found: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add_all(found)


def hash_of(engine: Engine, user_id: object) -> str:
    return str(next(row["password_hash"] for row in rows(engine, User) if row["id"] == user_id))


@pytest.fixture
def asked(stranger: Visitor, clinic: Clinic) -> Visitor:
    """A browser in which a link for Ada has been asked for."""
    ask(stranger, clinic.email("ada"))
    return stranger


def test_a_forgotten_password_is_replaced_by_way_of_a_link(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    answer = choose(asked, engine)
    assert (answer.status, answer.location) == (303, "/reset/done")
    assert asked.page("/reset/done").heading == "Your password is changed"
    assert asked.sign_in(clinic.email("ada"), PASSWORD).status == 422
    assert asked.sign_in(clinic.email("ada"), NEW).location == "/appointments"


def test_6_4_1_a_reset_link_works_once(app: Flask, asked: Visitor, engine: Engine) -> None:
    page = opened(asked, path_in(engine, "reset")).page
    assert asked.send(page, "password", password=NEW).status == 303
    before = rows(engine, User)
    assert asked.send(page, "password", password="another word entirely").status == 404
    assert opened(visitor(app.test_client()), path_in(engine, "reset")).status == 404
    assert rows(engine, User) == before


def test_6_4_1_a_reset_link_ends_after_half_an_hour(asked: Visitor, engine: Engine, clock: Clock) -> None:
    clock.passes(minutes=29, seconds=59)
    page = opened(asked, path_in(engine, "reset")).page
    clock.passes(seconds=1)
    assert asked.send(page, "password", password=NEW).status == 404
    assert opened(asked, path_in(engine, "reset")).status == 404


def test_6_4_1_a_reset_link_is_random_and_stored_as_a_digest_only(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    ask(asked, clinic.email("ada"))
    tokens = {mail.facts["path"].partition("=")[2] for mail in outbox(engine)}
    assert {len(token) for token in tokens} == {43}
    assert len(tokens) == 2
    assert not any(token in str(rows(engine, Proof)) for token in tokens)


def test_6_4_1_programs_that_open_links_use_nothing_up(asked: Visitor, engine: Engine) -> None:
    before = rows(engine, Proof), rows(engine, User)
    assert [opened(asked, path_in(engine, "reset")).status for _ in range(3)] == [200] * 3
    assert (rows(engine, Proof), rows(engine, User)) == before


def test_the_token_is_in_no_later_address(asked: Visitor, engine: Engine) -> None:
    path = path_in(engine, "reset")
    assert asked.get(path).location == "/reset/new"
    assert path.partition("=")[2] not in asked.page("/reset/new").html


def test_6_4_3_a_reset_ends_sessions_devices_and_other_links(app: Flask, asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    ada, omar = signed_in(app, clinic, "ada"), signed_in(app, clinic, "omar")
    device = KnownDevice(token_hash="d" * 64, user_id=clinic.user("ada"), created_at=NOW, used_at=NOW)
    failed = SignInTries(subject=of_email(clinic.email("ada")), failures=9, tried_at=NOW, next_at=NOW + timedelta(hours=1))
    add(engine, device, failed)
    first = path_in(engine, "reset")
    ask(asked, clinic.email("ada"))
    opened(asked, first)
    assert asked.send(asked.page("/reset/new"), "password", password=NEW).status == 303
    assert ada.get("/appointments").status == 303
    assert omar.get("/appointments").status == 200
    assert (rows(engine, KnownDevice), rows(engine, SignInTries)) == ([], [])
    assert all(row["spent_at"] for row in rows(engine, Proof))


def test_6_4_3_a_reset_signs_nobody_in(asked: Visitor, engine: Engine) -> None:
    choose(asked, engine)
    assert asked.get("/appointments").location == "/sign-in?next=/appointments"
    assert [row for row in rows(engine, UserSession) if row["revoked_at"] is None] == []


def test_past_10_a_reset_that_is_under_way_opens_nothing(asked: Visitor, engine: Engine) -> None:
    opened(asked, path_in(engine, "reset"))
    assert {asked.get(url).status for url in ("/appointments", "/booking", "/account", "/account/password", "/account/email", "/people/code")} == {
        303
    }


def test_6_3_7_whoever_is_reset_is_told_in_the_same_transaction(asked: Visitor, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(asked, engine)
    assert [mail.kind for mail in outbox(engine) if mail.to == "ada@example.org"] == ["password_changed", "reset"]
    before = len(outbox(engine))
    ask(asked, "maya@example.org")
    monkeypatch.setattr("portal.web.reset.context.commit", fails)
    path = next(mail.facts["path"] for mail in outbox(engine) if mail.to == "maya@example.org")
    with pytest.raises(AssertionError):
        asked.send(opened(asked, path).page, "password", password=NEW)
    assert len(outbox(engine)) == before + 1


def fails() -> None:
    raise RuntimeError


@pytest.mark.parametrize(
    ("password", "problem"),
    [
        ("", "Enter a password"),
        ("vwkqtznbxrplmg", "Enter a password of at least 15 characters"),
        ("passwordpassword", "Choose another password: this one is among the first that others would try"),
        ("ADA@example.org", "Choose a password that is not just your email address or the name of the practice"),
        ("riversideriverside", "Choose a password that is not just your email address or the name of the practice"),
        ("x1y" * 342, "Enter a password of at most 1,024 characters"),
    ],
)
def test_6_2_4_a_weak_password_is_refused_and_the_link_still_works(password: str, problem: str, asked: Visitor, engine: Engine) -> None:
    answer = choose(asked, engine, password)
    assert (answer.status, answer.page.problems) == (422, [problem])
    assert dict(answer.page.form_with("password").values)["password"] == ""
    assert choose(asked, engine).status == 303


def test_6_2_1_with_a_second_factor_twelve_characters_do(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    assert choose(asked, engine, FIRST_TRY).status == 422
    add(engine, Authenticator(user_id=clinic.user("ada"), secret="s" * 32, created_at=NOW, confirmed_at=NOW))
    assert "At least 12 characters." in opened(asked, path_in(engine, "reset")).page.text
    assert choose(asked, engine, FIRST_TRY).status == 303


def test_6_2_1_a_second_factor_that_is_not_confirmed_is_none(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    add(engine, Authenticator(user_id=clinic.user("ada"), secret="s" * 32, created_at=NOW, confirmed_at=None))
    assert choose(asked, engine, FIRST_TRY).status == 422


def test_6_3_8_an_unknown_address_gets_the_same_answer_and_other_mail(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    known, unknown = (ask(stranger, email) for email in (clinic.email("ada"), "nobody@example.org"))
    assert (known.status, known.location, known.body) == (unknown.status, unknown.location, unknown.body) == (303, "/reset/sent", known.body)
    assert [(mail.kind, mail.to) for mail in outbox(engine)] == [("no_account", "nobody@example.org"), ("reset", "ada@example.org")]


def test_6_3_8_an_unknown_address_takes_as_many_statements(app: Flask, stranger: Visitor, clinic: Clinic) -> None:
    pages = {email: stranger.page("/reset") for email in (clinic.email("ada"), "nobody@example.org")}
    sent = []
    for email, page in pages.items():
        with noted(engine_of(app)) as statements:
            stranger.send(page, "email", email=email)
        sent.append(statements)
    assert sent[0] == sent[1] != []


def test_6_3_8_an_unknown_address_takes_as_long(stranger: Visitor, clock: Clock, clinic: Clinic) -> None:
    page = stranger.page("/reset")
    spans: dict[str, list[float]] = {clinic.email("ada"): [], "nobody@example.org": []}
    for _ in range(100):
        for email, taken in spans.items():
            clock.passes(hours=2)
            began = perf_counter()
            assert stranger.send(page, "email", email=email).status == 303
            taken.append(perf_counter() - began)
    first, second = (median(taken) for taken in spans.values())
    assert abs(first - second) < 0.25 * max(first, second)


def test_a_disabled_account_is_none(stranger: Visitor, engine: Engine, clinic: Clinic) -> None:
    ask(stranger, clinic.email("ada"))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).values(active=False))
    assert opened(stranger, path_in(engine, "reset")).status == 404
    ask(stranger, clinic.email("maya"))
    assert [mail.kind for mail in outbox(engine)] == ["no_account", "reset"]


@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_the_fourth_mail_of_an_hour_is_not_sent_and_the_page_is_the_same(email: str, app: Flask, engine: Engine, clock: Clock) -> None:
    answers = [ask(visitor(app.test_client()), email) for _ in range(4)]
    assert {(answer.status, answer.location, answer.body) for answer in answers} == {(303, "/reset/sent", answers[0].body)}
    assert len(rows(engine, Mail)) == 3
    clock.passes(hours=1)
    ask(visitor(app.test_client()), email)
    assert len(rows(engine, Mail)) == 4


def test_a_network_asks_ten_times_an_hour_whatever_it_says_of_itself(app: Flask, engine: Engine) -> None:
    for number in range(RESETS_BY_NETWORK.calls + 3):
        person = visitor(app.test_client())
        fields = person.page("/reset").form_with("email").filled({"email": f"n{number}@example.org"})
        answer = person.ask("POST", "/reset", fields, {"X-Forwarded-For": f"10.0.0.{number}"})
        assert answer.location == "/reset/sent"
    assert len(rows(engine, Mail)) == RESETS_BY_NETWORK.calls == 10


def test_past_18_a_token_made_of_what_is_known_opens_nothing(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    [row] = rows(engine, Proof)
    known = [row["token_hash"], str(row["user_id"]), clinic.email("ada"), "x" * 43]
    assert [opened(asked, f"/reset/link?t={text}").status for text in known] == [404] * len(known)
    assert asked.get("/reset/new").status == 404


@pytest.mark.parametrize("email", ["ada@example.org\r\nBcc: eve@example.org", "a b@example.org", "ada@example.org,eve@example.org", "no address", ""])
def test_1_3_11_what_is_no_address_gets_no_mail(email: str, stranger: Visitor, engine: Engine) -> None:
    assert ask(stranger, email).status == 422
    assert rows(engine, Mail) == []


def test_a_link_for_one_thing_does_no_other(asked: Visitor, engine: Engine, clinic: Clinic) -> None:
    token = path_in(engine, "reset").partition("=")[2]
    before = hash_of(engine, clinic.user("ada"))
    assert [opened(asked, f"{place}/link?t={token}").status for place in ("/sign-up", "/account/email")] == [404] * 2
    assert hash_of(engine, clinic.user("ada")) == before
