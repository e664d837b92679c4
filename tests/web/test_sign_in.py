import re
from datetime import timedelta
from urllib.parse import quote, urlsplit

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.services.passwords import NO_PASSWORD
from portal.storage.engine import begin_write, sessions
from portal.storage.people import User, UserSession
from portal.storage.schedule import Schedule
from tests.clinic import PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, running, signed_in, visitor
from tests.web.conftest import Ids
from tests.web.page import Answer
from tests.web.visitor import Visitor, wish

LEAVES_THE_PORTAL = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "https://evil.example",
    "HTTPS:evil.example",
    "https:/evil.example",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "/%2f%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "%2f%2fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "http://localhost@evil.example/",
    "@evil.example",
    "evil.example",
    "/\u2044evil.example",
    "/\uff0fevil.example",
    "?//evil.example",
]
WRONG = "The email address or password is not right"


def change(engine: Engine, clinic: Clinic, **values: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("ada")).values(**values))


def without_tokens(answer: Answer) -> str:
    return re.sub(r'(name="csrf_token" value=")[^"]+', r"\1", answer.body)


def test_the_right_password_leads_to_the_appointments(stranger: Visitor, clinic: Clinic) -> None:
    answer = stranger.sign_in(clinic.email("ada"))
    assert (answer.status, answer.location) == (303, "/appointments")
    assert stranger.page("/appointments").heading == "My appointments"


def test_an_address_is_read_without_regard_to_case_and_blanks(stranger: Visitor) -> None:
    assert stranger.sign_in(" ADA@Example.org ").status == 303


@pytest.mark.parametrize("password", ["wrong", PASSWORD.upper(), PASSWORD + " ", " " + PASSWORD, PASSWORD[:-1], "x" * 1024, "\u2028", "ünïcode"])
def test_another_password_is_refused(password: str, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    answer = stranger.sign_in(clinic.email("ada"), password)
    assert (answer.status, answer.page.problems) == (422, [WRONG])
    assert rows(engine, UserSession) == []


@pytest.mark.parametrize("email", ["nobody@example.org", "ada", "ada@example.org\u0000", "' OR 1=1 --", "\u2028"])
def test_an_unknown_address_gets_the_answer_of_a_wrong_password(email: str, stranger: Visitor, clinic: Clinic) -> None:
    wrong, unknown = stranger.sign_in(clinic.email("ada"), "wrong"), stranger.sign_in(email, "wrong")
    assert (unknown.status, unknown.page.problems, unknown.page.text) == (422, [WRONG], wrong.page.text)


@pytest.mark.parametrize("values", [{"active": False}, {"password_hash": NO_PASSWORD}], ids=str)
def test_who_may_not_sign_in_gets_the_answer_of_a_wrong_password(
    values: dict[str, object], stranger: Visitor, clinic: Clinic, engine: Engine
) -> None:
    wrong = stranger.sign_in(clinic.email("ada"), "wrong")
    change(engine, clinic, **values)
    refused = stranger.sign_in(clinic.email("ada"), NO_PASSWORD if "password_hash" in values else PASSWORD)
    assert (refused.status, without_tokens(refused)) == (422, without_tokens(wrong))


@pytest.mark.parametrize(
    ("email", "password", "problems"),
    [
        ("", "", ["Enter your email address", "Enter your password"]),
        ("ada@example.org", "", ["Enter your password"]),
        ("a" * 255, PASSWORD, ["Enter a shorter email address"]),
        ("ada@example.org", "x" * 1025, ["Enter a shorter password"]),
    ],
)
def test_what_is_missing_or_too_long_is_said(email: str, password: str, problems: list[str], stranger: Visitor) -> None:
    answer = stranger.sign_in(email, password)
    assert (answer.status, answer.page.problems) == (422, problems)


def test_a_refused_form_keeps_the_address_and_the_goal_but_no_password(stranger: Visitor) -> None:
    page = stranger.sign_in("ada@example.org", "not the one", goal="/sign-in?next=/booking").page
    assert {"email": "ada@example.org", "next": "/booking", "password": ""}.items() <= dict(page.form_with("email").values).items()


def test_signing_in_leads_to_where_one_was_going(stranger: Visitor, clinic: Clinic) -> None:
    asked = stranger.get("/appointments?person=x&y=1")
    assert stranger.sign_in(clinic.email("ada"), goal=asked.location).location == "/appointments?person=x&y=1"


@pytest.mark.parametrize("goal", LEAVES_THE_PORTAL)
def test_3_7_2_signing_in_never_leads_elsewhere(goal: str, stranger: Visitor, clinic: Clinic) -> None:
    answer = stranger.sign_in(clinic.email("ada"), goal=f"/sign-in?next={quote(goal)}")
    assert (answer.status, answer.location) == (303, "/appointments")


@pytest.mark.parametrize("goal", LEAVES_THE_PORTAL)
def test_who_is_signed_in_already_is_not_led_elsewhere_either(goal: str, ada: Visitor) -> None:
    assert ada.get(f"/sign-in?next={quote(goal)}").location == "/appointments"


@pytest.mark.parametrize("goal", LEAVES_THE_PORTAL)
def test_choosing_a_language_never_leads_elsewhere(goal: str, stranger: Visitor) -> None:
    token = dict(stranger.page("/sign-in").form_with("email").values)["csrf_token"]
    answer = stranger.ask("POST", "/language", [("csrf_token", token), ("language", "es"), ("next", goal)])
    assert (answer.status, urlsplit(answer.location)[:3]) == (303, ("", "", "/"))


def test_7_2_1_a_signed_in_session_is_not_the_one_from_before(app: Flask, clinic: Clinic) -> None:
    client = app.test_client()
    stranger = visitor(client)
    stranger.page("/sign-in")
    before = client.get_cookie("portal")
    stranger.sign_in(clinic.email("ada"))
    after = client.get_cookie("portal")
    assert before
    assert after
    assert before.value != after.value
    client.set_cookie("portal", before.value)
    assert stranger.get("/appointments").status == 303


def test_the_cookie_holds_a_token_that_is_stored_as_a_digest_only(app: Flask, clinic: Clinic, engine: Engine) -> None:
    client = app.test_client()
    visitor(client).sign_in(clinic.email("ada"))
    with client.session_transaction() as cookie:
        token = cookie["_user_id"]
    [row] = rows(engine, UserSession)
    assert len(token) >= 43
    assert token not in map(str, row.values())


def test_14_3_1_signing_out_ends_the_session_and_empties_the_browser(stranger: Visitor, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    stranger.sign_in(clinic.email("ada"))
    answer = stranger.sign_out()
    assert (answer.status, answer.location, answer.headers["Clear-Site-Data"]) == (303, "/sign-in", '"cache", "storage"')
    assert [row["revoked_at"] for row in rows(engine, UserSession)] == [clock.now]


def test_signing_out_in_one_browser_leaves_the_other_signed_in(app: Flask, clinic: Clinic) -> None:
    here, there = signed_in(app, clinic, "ada"), signed_in(app, clinic, "ada")
    here.sign_out()
    assert here.get("/appointments").status == 303
    assert there.get("/appointments").status == 200


def test_a_session_ends_after_fifteen_minutes_without_use(ada: Visitor, clock: Clock) -> None:
    clock.passes(minutes=14, seconds=59)
    assert ada.get("/appointments").status == 200
    clock.passes(minutes=15)
    assert ada.get("/appointments").status == 303


def test_a_session_ends_after_twelve_hours_however_much_it_is_used(ada: Visitor, clock: Clock) -> None:
    for _ in range(71):
        clock.passes(minutes=10)
        assert ada.get("/appointments").status == 200
    clock.passes(minutes=9, seconds=59)
    assert ada.get("/appointments").status == 200
    clock.passes(seconds=1)
    assert ada.get("/appointments").status == 303


def test_the_limits_are_settings(database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, idle_minutes=2, absolute_minutes=3) as app:
        idle, used = signed_in(app, clinic, "ada"), signed_in(app, clinic, "ada")
        clock.passes(minutes=1, seconds=59)
        assert used.get("/appointments").status == 200
        clock.passes(seconds=1)
        assert idle.get("/appointments").status == 303
        clock.passes(minutes=1)
        assert used.get("/appointments").status == 303


def test_an_ended_session_does_not_come_back_with_the_clock(ada: Visitor, clock: Clock) -> None:
    clock.passes(minutes=16)
    ada.get("/appointments")
    clock.passes(minutes=-16)
    assert ada.get("/appointments").status == 303


def test_use_is_recorded_once_a_minute_at_most(ada: Visitor, clock: Clock, engine: Engine) -> None:
    began = clock.now
    seen = []
    for _ in range(4):
        clock.passes(seconds=30)
        ada.page("/appointments")
        seen.append(rows(engine, UserSession)[0]["seen_at"] - began)
    assert [moment // timedelta(seconds=30) for moment in seen] == [0, 2, 2, 4]


def test_the_page_says_when_it_will_sign_people_out(ada: Visitor) -> None:
    assert "you will be signed out at 3:15 am, Eastern Time" in ada.get("/appointments").body


@pytest.mark.parametrize("step", ["provider", "visit", "reasons", "time?from=2027-03-02&day=2027-03-03", "check"])
def test_after_a_pause_people_are_led_back_to_their_step(step: str, maya: Visitor, clinic: Clinic, clock: Clock, leo: Ids) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/{step}"
    clock.passes(minutes=15)
    asked = maya.get(url)
    assert maya.sign_in(clinic.email("maya"), goal=asked.location).location == url
    assert maya.get(url).status == 200


def test_a_booking_pressed_too_late_is_not_booked_until_signed_in_again(
    maya: Visitor, clinic: Clinic, clock: Clock, engine: Engine, leo: Ids
) -> None:
    url = f"/booking/{leo['patient_id']}/{leo['draft_id']}/check"
    page = maya.page(url)
    clock.passes(minutes=15)
    asked = maya.confirm(page)
    assert (asked.status, asked.location) == (303, f"/sign-in?next={url}")
    assert len(rows(engine, Schedule)) == 1
    assert maya.sign_in(clinic.email("maya"), goal=asked.location).location == url
    assert maya.confirm(maya.page(url)).location.endswith("/booked")
    assert len(rows(engine, Schedule)) == 2


def test_answers_given_after_the_session_ended_are_not_kept(ada: Visitor, clinic: Clinic, clock: Clock, engine: Engine) -> None:
    page = ada.walk(wish(clinic), "visit").page
    clock.passes(hours=12)
    answer = ada.send(page, "visit_option", visit_option=str(clinic.option("check-up")))
    assert (answer.status, answer.location.partition("?")[0]) == (303, "/sign-in")
    assert rows(engine, Schedule) == []


@pytest.mark.parametrize("name", ["portal", "session", "remember_token"])
def test_a_cookie_that_was_made_up_signs_nobody_in(name: str, app: Flask, clinic: Clinic) -> None:
    client = app.test_client()
    client.set_cookie(name, f'{{"_user_id":"{clinic.user("ada")}"}}')
    assert client.get("/appointments").status_code == 303


def test_the_id_of_a_user_in_a_well_signed_cookie_signs_nobody_in(app: Flask, clinic: Clinic) -> None:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = str(clinic.user("ada"))
    assert client.get("/appointments").status_code == 303


def test_what_is_stored_of_a_session_signs_nobody_in(app: Flask, clinic: Clinic, engine: Engine) -> None:
    assert signed_in(app, clinic, "ada").get("/appointments").status == 200
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = rows(engine, UserSession)[0]["token_hash"]
    assert client.get("/appointments").status_code == 303
