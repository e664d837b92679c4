"""A second factor: setting one up, the second step of signing in, and who must have one."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.domain.second_factor import CODE_BYTES, CODES, TRIES_MAX
from portal.domain.throttle import FACTOR_CODES_BY_USER
from portal.services import second_factor
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import UserSession
from portal.storage.proofs import Authenticator, Challenge, RecoveryCode
from tests.clinic import PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, signed_in, visitor
from tests.web.conftest import Ids
from tests.web.factors import code_at, codes_of, post, set_up_app
from tests.web.page import Answer
from tests.web.routes import PRIVATE, Route
from tests.web.visitor import Visitor

WRONG = "The code is not right, or it was used before"
NEW_APP_PAGE = "/account/two-step/app"
BOTH = pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def secret(ada: Visitor, clock: Clock) -> str:
    """The secret of Ada's app; the step of its first code is over."""
    made, _ = set_up_app(ada, clock.now)
    clock.passes(minutes=1)
    return made


def changes_told(engine: Engine) -> list[str]:
    mails = sorted((mail for mail in rows(engine, Mail) if mail["kind"] == "second_factor_changed"), key=lambda mail: mail["created_at"])
    return [json.loads(mail["facts"])["what"] for mail in mails]


def second_step(person: Visitor, clinic: Clinic, name: str = "ada") -> Answer:
    answer = person.sign_in(clinic.email(name))
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in/second")
    return person.get(answer.location)


def give(person: Visitor, **code: str) -> Answer:
    return person.send(person.page("/sign-in/second"), next(iter(code)), **code)


def wrong(secret: str, clock: Clock) -> str:
    right = {code_at(secret, clock.now, step) for step in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def test_an_app_counts_when_its_first_code_was_given(ada: Visitor, clock: Clock, clinic: Clinic, engine: Engine) -> None:
    assert post(ada, "/account/two-step").location == NEW_APP_PAGE
    assert visitor_needs_none(engine, clinic)
    page = ada.page(NEW_APP_PAGE)
    assert "<svg viewBox=" in page.html
    refused = ada.send(page, "code", code="12345")
    assert (refused.status, refused.page.problems) == (422, ["The code is not right. Wait for the next one and try again."])
    set_up_app(ada, clock.now)
    assert not visitor_needs_none(engine, clinic)
    assert changes_told(engine) == ["app_added"]


def visitor_needs_none(engine: Engine, clinic: Clinic) -> bool:
    with sessions(engine)() as session:
        return not second_factor.has_factor(session, clinic.user("ada"))


@BOTH
def test_6_4_3_a_right_password_does_not_do_without_the_second_factor(secret: str, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    second_step(stranger, clinic)
    assert stranger.get("/appointments").location == "/sign-in?next=/appointments"
    second_step(stranger, clinic)
    answer = give(stranger, code=code_at(secret, clock.now))
    assert (answer.status, answer.location) == (303, "/appointments")
    assert stranger.page("/appointments").heading == "My appointments"


def test_the_second_step_leads_to_where_one_was_going(secret: str, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    answer = stranger.sign_in(clinic.email("ada"), goal="/sign-in?next=/booking")
    page = stranger.page(answer.location)
    assert stranger.send(page, "code", code=code_at(secret, clock.now)).location == "/booking"


@BOTH
def test_6_5_1_a_code_of_the_app_never_counts_twice(secret: str, app: Flask, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    code = code_at(secret, clock.now)
    second_step(stranger, clinic)
    assert give(stranger, code=code).status == 303
    other = visitor(app.test_client())
    second_step(other, clinic)
    refused = give(other, code=code)
    assert (refused.status, refused.page.problems) == (422, [WRONG])
    assert give(other, code=code_at(secret, clock.now, -1)).status == 422
    assert give(other, code=code_at(secret, clock.now, 1)).status == 303


@BOTH
def test_6_5_1_of_two_at_once_with_one_code_only_one_gets_in(secret: str, engine: Engine, clinic: Clinic, clock: Clock) -> None:
    code, uses = code_at(secret, clock.now), []
    for _ in range(2):
        with sessions(engine).begin() as session:
            begin_write(session)
            uses.append(second_factor.use_app_code(session, clinic.user("ada"), code, clock.now))
    assert uses == [True, False]


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_6_5_5_a_code_lives_for_its_step_and_one_more(steps: int, status: int, secret: str, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    clock.passes(minutes=5)
    second_step(stranger, clinic)
    assert give(stranger, code=code_at(secret, clock.now, steps)).status == status


def test_6_5_3_secrets_and_codes_hold_enough_chance(ada: Visitor, clock: Clock, engine: Engine) -> None:
    secret, codes = set_up_app(ada, clock.now)
    assert (len(secret) * 5, CODE_BYTES * 8) == (160, 80)
    assert (len(codes), len(set(codes))) == (CODES, CODES)
    assert all(re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}", code) for code in codes)
    assert not {row["code_hash"] for row in rows(engine, RecoveryCode)} & set(codes)


@BOTH
def test_6_5_1_a_recovery_code_works_once_and_is_told(ada: Visitor, app: Flask, clinic: Clinic, clock: Clock, engine: Engine) -> None:
    _, codes = set_up_app(ada, clock.now)
    clock.passes(minutes=1)
    for status in (303, 422):
        person = visitor(app.test_client())
        second_step(person, clinic)
        assert give(person, recovery=codes[0].lower().replace("-", " ")).status == status
    assert "You have 9 recovery codes left." in ada.page("/account/two-step").text
    assert changes_told(engine) == ["app_added", "recovery_used"]


def test_new_recovery_codes_end_the_old_ones(ada: Visitor, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    _, old = set_up_app(ada, clock.now)
    new = codes_of(post(ada, "/account/two-step/codes").page)
    second_step(stranger, clinic)
    assert give(stranger, recovery=old[1]).status == 422
    assert give(stranger, recovery=new[1]).status == 303


def test_6_6_3_the_sixth_wrong_code_is_refused_and_so_is_a_right_one(secret: str, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    page = second_step(stranger, clinic).page
    answers = [stranger.send(page, "code", code=wrong(secret, clock)) for _ in range(TRIES_MAX)]
    assert {answer.status for answer in answers} == {422}
    sixth = stranger.send(page, "code", code=code_at(secret, clock.now))
    assert (sixth.status, sixth.page.heading, sixth.headers["Retry-After"]) == (429, "Too many tries", "600")
    assert stranger.get("/appointments").status == 303


def test_6_6_3_ten_codes_an_hour_whatever_the_browser(secret: str, app: Flask, clinic: Clinic, clock: Clock) -> None:
    statuses = []
    for number in range(FACTOR_CODES_BY_USER.calls):
        if number % TRIES_MAX == 0:
            person = visitor(app.test_client())
            page = second_step(person, clinic).page
        statuses.append(person.send(page, "code", code=wrong(secret, clock)).status)
    assert statuses.count(422) == FACTOR_CODES_BY_USER.calls - 1
    other = visitor(app.test_client())
    refused = other.send(second_step(other, clinic).page, "code", code=code_at(secret, clock.now))
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 3000
    clock.passes(hours=1)
    other.send(second_step(other, clinic).page, "code", code=code_at(secret, clock.now))
    assert other.get("/appointments").status == 200


def test_6_5_5_an_unfinished_sign_in_is_over_after_ten_minutes(secret: str, stranger: Visitor, clinic: Clinic, clock: Clock) -> None:
    page = second_step(stranger, clinic).page
    clock.passes(minutes=10)
    assert stranger.send(page, "code", code=code_at(secret, clock.now)).location == "/sign-in"


def test_an_unfinished_sign_in_is_no_session_and_is_kept_as_a_digest(secret: str, app: Flask, clinic: Clinic, engine: Engine) -> None:
    assert secret
    client, before = app.test_client(), rows(engine, UserSession)
    second_step(visitor(client), clinic)
    with client.session_transaction() as cookie:
        assert "_user_id" not in cookie
        assert len(cookie["second_step"]) == 43
        assert cookie["second_step"] not in str(rows(engine, Challenge))
    assert rows(engine, UserSession) == before


@pytest.mark.parametrize("route", PRIVATE, ids=str)
def test_past_10_a_password_alone_opens_no_page(route: Route, secret: str, stranger: Visitor, clinic: Clinic, leo: Ids) -> None:
    assert secret
    page = second_step(stranger, clinic).page
    fields = [("csrf_token", dict(page.form_with("code").values)["csrf_token"])] if route.method == "POST" else None
    answer = stranger.ask(route.method, route.url(leo), fields)
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in")


@pytest.mark.parametrize("place", ["_user_id", "second_step"])
def test_past_10_the_token_of_a_second_step_is_none_of_a_session(place: str, secret: str, app: Flask, clinic: Clinic) -> None:
    assert secret
    client = app.test_client()
    person = visitor(client)
    second_step(person, clinic)
    with client.session_transaction() as cookie:
        cookie[place] = cookie["second_step"]
    assert person.get("/appointments").location.startswith("/sign-in")


def test_the_first_factor_ends_the_sessions_that_did_without(ada: Visitor, app: Flask, clinic: Clinic, clock: Clock) -> None:
    other = signed_in(app, clinic, "ada")
    set_up_app(ada, clock.now)
    assert other.get("/appointments").status == 303
    assert ada.get("/appointments").status == 200


def test_who_removes_the_app_signs_in_with_the_password_alone(secret: str, ada: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    assert secret
    assert post(ada, "/account/two-step/app/remove").status == 303
    assert stranger.sign_in(clinic.email("ada")).location == "/appointments"
    assert (rows(engine, Authenticator), rows(engine, RecoveryCode)) == ([], [])
    assert changes_told(engine) == ["app_added", "app_removed"]


CHANGES = ["/account/two-step", NEW_APP_PAGE, "/account/two-step/app/remove", "/account/two-step/passkeys", "/account/two-step/codes"]


@pytest.mark.parametrize("url", CHANGES)
def test_7_5_1_a_change_needs_a_fresh_proof(url: str, ada: Visitor, clock: Clock) -> None:
    token = ada.token()
    clock.passes(minutes=6)
    answer = ada.ask("POST", url, [("csrf_token", token)])
    assert (answer.status, answer.location) == (303, f"/sign-in/again?next={url}")
    assert ada.send(ada.page(answer.location), "password", password=PASSWORD).location == url
    assert ada.get(url).status in (200, 303)


def test_a_guardian_without_one_is_told_what_it_is_for(maya: Visitor, ada: Visitor, clock: Clock) -> None:
    hint = "Two-step sign-in protects them too"
    assert hint in maya.page("/account").text
    assert hint not in ada.page("/account").text
    set_up_app(maya, clock.now)
    assert hint not in maya.page("/account").text


def test_16_3_1_wrong_codes_and_changes_are_logged(
    secret: str, stranger: Visitor, clinic: Clinic, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", "portal.events"):
        second_step(stranger, clinic)
        give(stranger, code=wrong(secret, clock))
    told = json.loads(caplog.messages[-1])
    assert (told["event"], told["actor"], told["object"]) == ("second_step_failed", str(clinic.user("ada")), "app")
