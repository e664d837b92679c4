"""A person's sessions: listed, ended from elsewhere, kept alive by people alone, and not trusted with everything for ever."""

import json
import logging
import re
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.services.passwords import NO_PASSWORD
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, sessions
from portal.storage.people import Patient, User, UserSession
from tests.clinic import PASSWORD, Clinic
from tests.stored import rows
from tests.web.client import Clock, running, signed_in, signed_in_client, visitor
from tests.web.conftest import Ids
from tests.web.page import Form
from tests.web.visitor import Visitor

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"


def end_forms(person: Visitor) -> list[Form]:
    forms = person.page("/account/sessions").forms
    return [form for form in forms if "session" in dict(form.values)]


def press(person: Visitor, form: Form) -> int:
    return person.ask("POST", form.action, form.values).status


def test_7_5_2_a_list_shows_browser_address_and_use_of_each_session(app: Flask, clinic: Clinic, ada: Visitor, clock: Clock) -> None:
    clock.passes(minutes=3)
    other = visitor(app.test_client())
    page = other.page("/sign-in")
    form = page.form_with("email")
    other.ask("POST", "/sign-in", form.filled({"email": clinic.email("ada"), "password": PASSWORD}), {"User-Agent": FIREFOX})
    text = ada.page("/account/sessions").text
    assert "Firefox on Windows Network address: 127.0.0.1 Signed in: Monday, March 1, 2027, 3:03 am" in text
    assert text.count("This browser") == 1


def test_7_4_3_a_session_that_is_ended_from_elsewhere_ends_at_its_next_request(
    app: Flask, clinic: Clinic, maya: Visitor, leo: Ids, engine: Engine
) -> None:
    stolen = signed_in(app, clinic, "maya")
    time = f"/booking/{leo['patient_id']}/{leo['draft_id']}/time"
    assert stolen.get(time, HX_Request="true").status == 200
    one, *_ = end_forms(maya)
    assert press(maya, one) == 303
    assert stolen.get(time, HX_Request="true").status == 401
    assert stolen.get("/appointments").location.startswith("/sign-in")
    assert maya.get("/appointments").status == 200
    assert [row["revoked_at"] is None for row in rows(engine, UserSession)].count(True) == 1


def test_7_4_3_signing_out_everywhere_else_leaves_this_browser_signed_in(app: Flask, clinic: Clinic, ada: Visitor) -> None:
    others = [signed_in(app, clinic, "ada") for _ in range(3)]
    stranger = signed_in(app, clinic, "omar")
    assert press(ada, end_forms(ada)[-1]) == 303
    assert [other.get("/appointments").status for other in others] == [303] * 3
    assert [person.get("/appointments").status for person in (ada, stranger)] == [200, 200]


@pytest.mark.parametrize("text", ["", "x", "urn:uuid:{}", "{{{}}}", "\u0661{}"])
def test_anothers_session_looks_like_none(text: str, app: Flask, clinic: Clinic, ada: Visitor, engine: Engine) -> None:
    omar = signed_in(app, clinic, "omar")
    theirs = next(str(row["id"]) for row in rows(engine, UserSession) if row["user_id"] == clinic.user("omar"))
    for wanted in (theirs, text.format(theirs)):
        assert ada.ask("POST", "/account/sessions", [("csrf_token", ada.token()), ("session", wanted)]).status == 404
    assert omar.get("/appointments").status == 200


def test_a_session_that_is_over_is_not_listed(app: Flask, clinic: Clinic, ada: Visitor, clock: Clock) -> None:
    signed_in(app, clinic, "ada")
    clock.passes(minutes=10)
    ada.page("/account/sessions")
    clock.passes(minutes=6)
    assert end_forms(ada) == []


@pytest.mark.parametrize("headers", [{"HX-Request": "true"}, {"Sec-Fetch-Dest": "empty"}, {"Sec-Purpose": "prefetch"}], ids=str)
@pytest.mark.parametrize("query", ["", "?skip_timeout_reset=1", "?keep_alive=1&ajax=1"])
def test_7_3_1_past_9_what_no_person_asked_for_keeps_no_session_alive(headers: dict[str, str], query: str, ada: Visitor, clock: Clock) -> None:
    for _ in range(3):
        clock.passes(minutes=4)
        assert ada.ask("GET", f"/appointments{query}", None, headers).status == 200
    clock.passes(minutes=3)
    assert ada.get(f"/appointments{query}").status == 303


def test_7_3_1_the_button_keeps_a_session_alive(ada: Visitor, clock: Clock) -> None:
    fields = [("csrf_token", ada.token()), ("next", "/account")]
    clock.passes(minutes=14)
    answer = ada.ask("POST", "/session/stay", fields, {"HX-Request": "true", "Sec-Fetch-Dest": "empty"})
    assert (answer.status, answer.headers["Session-Seconds"]) == (204, "900")
    clock.passes(minutes=14)
    assert ada.ask("POST", "/session/stay", fields).location == "/account"
    clock.passes(minutes=14)
    assert ada.get("/appointments").status == 200


def test_7_3_2_the_button_does_not_put_off_the_last_end(database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, absolute_minutes=20) as app:
        ada = signed_in(app, clinic, "ada")
        fields = [("csrf_token", ada.token())]
        clock.passes(minutes=10)
        assert ada.ask("POST", "/session/stay", fields, {"HX-Request": "true"}).headers["Session-Seconds"] == "600"
        clock.passes(minutes=10)
        assert ada.ask("POST", "/session/stay", fields, {"HX-Request": "true"}).status == 401


def test_a_page_says_in_how_many_seconds_its_session_ends(ada: Visitor, clock: Clock) -> None:
    clock.passes(minutes=2)
    assert 'data-seconds="900" data-last="43080"' in ada.get("/appointments").body
    clock.passes(seconds=30)
    assert 'data-seconds="870" data-last="43050"' in ada.get("/appointments").body


def test_7_2_4_a_token_is_new_at_each_sign_in_and_the_old_one_ends_with_its_session(app: Flask, clinic: Clinic, engine: Engine) -> None:
    client = app.test_client()
    person = visitor(client)
    for _ in range(2):
        person.sign_in(clinic.email("ada"))
        person.sign_out()
    hashes = {row["token_hash"] for row in rows(engine, UserSession)}
    assert (len(hashes), {len(text) for text in hashes}) == (2, {64})
    assert all(row["revoked_at"] for row in rows(engine, UserSession))


def test_7_4_2_a_user_who_is_shut_out_has_no_session_any_more(app: Flask, clinic: Clinic, engine: Engine) -> None:
    ada = signed_in(app, clinic, "ada")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("ada")).values(active=False))
    assert ada.get("/account/sessions").status == 303


def test_7_5_1_tries_to_prove_who_one_is_are_limited_and_do_not_touch_signing_in(app: Flask, clinic: Clinic, ada: Visitor, clock: Clock) -> None:
    page = ada.page("/sign-in/again?next=/account")
    answers = [ada.send(page, "password", password="wrong") for _ in range(6)]
    assert [answer.status for answer in answers] == [422] * 5 + [429]
    assert answers[-1].page.problems == ["There were too many tries. Wait 1 minute and try again."]
    assert visitor(app.test_client()).sign_in(clinic.email("ada")).status == 303
    clock.passes(seconds=1)
    assert ada.send(page, "password", password=PASSWORD).location == "/account"


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_proving_who_one_is_never_leads_elsewhere(goal: str, ada: Visitor) -> None:
    page = ada.page("/sign-in/again")
    assert ada.send(page, "password", password=PASSWORD, next=goal).location == "/account"


def test_a_password_that_is_not_set_proves_nothing(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.page("/sign-in/again")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).where(User.id == clinic.user("ada")).values(password_hash=NO_PASSWORD))
    assert ada.send(page, "password", password=NO_PASSWORD).status == 422


def test_7_5_1_a_fragment_of_what_has_to_be_proved_sends_the_whole_page_there(ada: Visitor, clock: Clock) -> None:
    clock.passes(minutes=5)
    answer = ada.get("/account/keys/new", HX_Request="true")
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/sign-in/again?next=/account/keys/new")


def test_details_are_changed_and_written_down(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    page = ada.page("/account/details")
    assert "Ada" in page.text
    assert ada.send(page, "reads", reads="es", time_zone="Europe/Paris").location == "/account/details"
    assert ada.page("/account/details").heading == "Sus datos"
    [zone] = [row["time_zone"] for row in rows(engine, Patient) if row["id"] == clinic.patient("ada")]
    written = [(row["deed"], row["detail"]) for row in rows(engine, Audit)]
    assert (zone, written) == ("Europe/Paris", [("changed_person", "language"), ("changed_person", "time zone")])
    assert ada.send(ada.page("/account/details"), "reads").status == 303
    assert len(rows(engine, Audit)) == 2


@pytest.mark.parametrize("answers", [{"reads": "xx"}, {"time_zone": "Mars/Olympus"}], ids=str)
def test_only_what_is_offered_is_kept(answers: dict[str, str], ada: Visitor) -> None:
    answer = ada.send(ada.page("/account/details"), "reads", **answers)
    assert (answer.status, answer.page.problems) == (422, ["Choose one of the answers shown"])


def test_who_has_no_patient_record_has_no_time_zone(app: Flask, clinic: Clinic, engine: Engine) -> None:
    grace = signed_in(app, clinic, "grace")
    form = grace.page("/account/details").form_with("reads")
    assert "time_zone" not in dict(form.values)
    assert grace.ask("POST", form.action, form.filled({"reads": "es", "time_zone": "Europe/Paris"})).status == 303
    assert rows(engine, Audit) == []


def test_who_has_no_patient_record_states_their_birthday_once(app: Flask, clinic: Clinic, engine: Engine) -> None:
    grace = signed_in(app, clinic, "grace")
    assert grace.send(grace.page("/account/details"), "reads", birth_month="2", birth_day="30", birth_year="1980").status == 422
    page = grace.page("/account/details")
    for year in ("1980", "1970"):
        assert grace.send(page, "reads", birth_month="2", birth_day="3", birth_year=year).status == 303
    assert [row["born_on"] for row in rows(engine, User) if row["id"] == clinic.user("grace")] == [date(1980, 2, 3)]
    assert "birth_year" not in dict(grace.page("/account/details").form_with("reads").values)


def test_a_session_of_one_minute_goes_on_while_it_is_used(database_url: str, clinic: Clinic, clock: Clock) -> None:
    with running(database_url, clock, idle_minutes=1) as app:
        used = signed_in(app, clinic, "ada")
        for _ in range(6):
            clock.passes(seconds=20)
            assert used.get("/appointments").status == 200


def test_16_3_1_ended_sessions_and_denied_access_are_events(
    app: Flask, clinic: Clinic, maya: Visitor, leo: Ids, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "portal.events")
    client = signed_in_client(app, clinic, "ada")
    ada = visitor(client)
    signed_in(app, clinic, "ada")
    assert ada.get(f"/appointments?person={leo['patient_id']}").status == 404
    assert ada.get(f"/booking/{leo['patient_id']}/{leo['draft_id']}/time").status == 404
    press(ada, end_forms(ada)[0])
    clock.passes(minutes=15)
    maya.get("/appointments")
    told = [json.loads(record.getMessage()) for record in caplog.records]
    assert [line["outcome"] for line in told if line["event"] == "session_ended"] == ["revoked", "timed out"]
    denied = [line for line in told if line["event"] == "access_denied"]
    assert {line["actor"] for line in denied} == {str(clinic.user("ada"))}
    assert [line["object"] for line in denied] == ["", f"{leo['patient_id']} {leo['draft_id']}"]
    assert re.fullmatch(r"2027-03-01T08:00:00\+00:00", denied[0]["at"])
