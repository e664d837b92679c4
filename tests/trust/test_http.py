"""Chapters 3, 4, 10, 13, 14 and 15: what every answer is, whatever was asked."""

import json
import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.api.door import CALLS
from portal.api.door import METHODS as CALL_METHODS
from portal.app import PROJECT
from portal.storage.schedule import Schedule
from portal.web.permissions import Caller
from tests.access.conftest import shared_scene
from tests.access.people import CAST
from tests.access.scene import Scene
from tests.access.test_pages import NAMES
from tests.api.caller import PATH, key_of, members, told
from tests.api.caller import Caller as Program
from tests.clinic import NOW, PASSWORD, Clinic
from tests.stored import bookings, rows
from tests.web.client import Clock, running
from tests.web.conftest import app, clock, databases
from tests.web.routes import DOORS, ROUTES, RULES, Route

__all__ = ["app", "clock", "databases", "shared_scene"]
ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY")
NOTHING_THERE = (
    *("/.git", "/.git/config", "/.git/HEAD", "/.env", "/.htaccess", "/.svn/entries", "/.DS_Store", "/.gitignore", "/pyproject.toml"),
    *("/requirements.txt", "/README.md", "/Makefile", "/portal/config.py", "/migrations", "/templates/base.html", "/var/portal.db"),
    *("/static", "/static/", "/static/vendor/", "/static/../portal/config.py", "/static/%2e%2e/pyproject.toml", "/static/..//etc/passwd"),
    *("/console", "/debug", "/metrics", "/openapi.json", "/docs", "/swagger", "/redoc", "/admin", "/server-status", "/phpinfo.php", "/graphql"),
    *("/robots.txt.bak", "/backup.zip", "/api/metrics", "/api/docs"),
)


@pytest.mark.parametrize("path", NOTHING_THERE)
def test_13_4_1_to_13_4_5_there_is_nothing_at(path: str, app: Flask) -> None:
    response = app.test_client().get(path)
    assert (response.status_code, "Traceback" in response.get_data(as_text=True)) == (404, False)


def test_13_4_2_the_debugger_is_off_even_on_a_developers_machine(app: Flask) -> None:
    assert (app.debug, app.testing, app.config["PROPAGATE_EXCEPTIONS"]) == (False, False, None)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_4_1_4_and_13_4_4_a_page_has_the_methods_it_declares_and_no_other(rule: object, scene: Scene) -> None:
    route = next(route for route in ROUTES if route.rule is rule)
    url = route.url({**NAMES, **scene.ids(CAST[Caller.PATIENT], route.endpoint)})
    declared = {name for one in RULES if one.rule == route.rule.rule for name in one.methods or ()}
    client = scene.client(Caller.STRANGER, CAST[Caller.STRANGER])
    for method in set(ALL_METHODS) - declared:
        response = client.open(url, method=method)
        assert (response.status_code, set(response.headers["Allow"].split(", "))) == (405, declared), method


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.path)
def test_4_1_4_a_call_has_the_methods_it_declares_and_no_other(call: object, scene: Scene) -> None:
    known = next(one for one in CALLS if one is call)
    for method in set(CALL_METHODS) - set(known.methods) - known.unknown_to:
        response = scene.app.test_client().open(f"/api/{known.path}", method=method)
        assert (response.status_code, response.headers["Allow"]) == (405, ", ".join(known.methods)), method


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_4_1_1_and_14_3_2_every_page_says_its_type_and_is_kept_nowhere(route: Route, scene: Scene) -> None:
    part = CAST[Caller.PATIENT]
    response = scene.ask(scene.client(Caller.PATIENT, part), route.method, route.url({**NAMES, **scene.ids(part, route.endpoint)}), scene.own(part))
    wanted = r"application/json" if route.endpoint.endswith(".options") else r"text/(html|plain|calendar); charset=utf-8"
    assert re.fullmatch(wanted, response.headers["Content-Type"])
    assert (response.headers["Cache-Control"], "Cookie" in response.headers["Vary"]) == ("no-store", True)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_past_34_no_private_answer_may_be_kept_by_a_cache(route: Route, scene: Scene) -> None:
    client = scene.client(Caller.STRANGER, CAST[Caller.STRANGER])
    response = client.open(route.url({**NAMES, **scene.ids(CAST[Caller.PATIENT], route.endpoint)}), method=route.method)
    assert (response.headers["Cache-Control"], "Cookie" in response.headers["Vary"]) == ("no-store", True)


def test_3_6_1_no_style_or_script_of_ours_names_another_host() -> None:
    own = [path for path in (PROJECT / "static").rglob("*") if path.suffix in (".css", ".js", ".svg") and "vendor" not in path.parts]
    found = [address for path in own for address in re.findall(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]+[^\s\"')]*", path.read_text())]
    assert own
    assert [address for address in found if not address.startswith("http://www.w3.org/")] == []


@pytest.mark.parametrize("path", ["/Token", "/token", "/api/Token", "/oauth/token"])
def test_10_4_4_a_password_buys_no_token(path: str, app: Flask, clinic: Clinic) -> None:
    asked = {"grant_type": "password", "username": clinic.email("ada"), "password": PASSWORD}
    response = app.test_client().post(path, data=asked)
    assert response.status_code in (400, 404)
    assert "access_token" not in response.get_data(as_text=True)


@pytest.mark.parametrize(
    "name", ["IsGuardian", "GuardianId", "GuardianName", "StatusId", "ID", "ScheduleId", "Reference", "ModifiedBy", "IsDeleted", "IsPaid"]
)
def test_15_3_3_and_past_3_a_member_that_only_the_server_decides_is_not_read(name: str, app: Flask, clinic: Clinic, engine: Engine) -> None:
    ada = Program(app, key_of(engine, clinic, "ada", NOW))
    first = told(ada.post(members(clinic)))
    later = members(clinic, AppointmentOn="2027-03-04T15:00:00Z")
    second = told(ada.post({**later, name: first["ID"] if name in ("ID", "ScheduleId") else 3}))
    assert second["ID"] != first["ID"]
    assert {row["status"] for row in rows(engine, Schedule)} == {2}
    assert {row["guardian_link_id"] for row in rows(engine, Schedule)} == {None}
    assert (second["IsGuardian"], second["GuardianId"]) == (first["IsGuardian"], first["GuardianId"])


def test_past_14_a_clinician_of_another_practice_is_unknown(app: Flask, clinic: Clinic, engine: Engine) -> None:
    ada = Program(app, key_of(engine, clinic, "ada", NOW))
    before = bookings(engine)
    answer = ada.post(members(clinic, ProviderId="11111111-2222-4333-8444-555555555555"))
    assert answer.status == 400
    assert bookings(engine) == before


def test_15_3_7_of_members_named_twice_the_last_counts(app: Flask, clinic: Clinic, engine: Engine) -> None:
    ada = Program(app, key_of(engine, clinic, "ada", NOW))
    body = json.dumps(members(clinic), default=str)
    assert told(ada.post(f'{body[:-1]}, "Reason": "second"}}', PATH))["Reason"] == "second"


@pytest.mark.parametrize("field", ["first_choice", "second_choice"])
def test_2_2_1_and_2_2_3_a_time_that_has_passed_is_refused(field: str, app: Flask, clinic: Clinic, engine: Engine) -> None:
    past = {"first_choice": "AppointmentOn", "second_choice": "SecondaryAppointmentOn"}[field]
    answer = Program(app, key_of(engine, clinic, "ada", NOW)).post(members(clinic, **{past: "2020-03-02T15:00:00Z"}))
    assert answer.status == 400
    assert rows(engine, Schedule) == []


@pytest.mark.parametrize("contact", ["", "mailto:security@clinic.example"])
def test_past_31_whoever_finds_a_weakness_is_told_whom_to_tell(contact: str, database_url: str, clinic: Clinic) -> None:
    with running(database_url, Clock(), security_contact=contact) as app:
        response = app.test_client().get("/.well-known/security.txt")
    told = dict(line.split(": ", 1) for line in response.get_data(as_text=True).splitlines())
    assert (response.content_type, clinic.account_id is not None) == ("text/plain; charset=utf-8", True)
    assert told["Contact"] == (contact or "http://127.0.0.1:8000")
    assert 0 < (datetime.fromisoformat(told["Expires"]) - NOW).days < 365


def test_past_31_ids_in_addresses_are_random_ones() -> None:
    assert {name for rule in DOORS.url_map.iter_rules() for name in rule.arguments if name.endswith("_id")} >= {"patient_id", "draft_id"}
    assert not [rule for rule in DOORS.url_map.iter_rules() if "<int" in rule.rule]
