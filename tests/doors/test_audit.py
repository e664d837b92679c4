"""Every page and call against what it writes down: those that show or change appointments add just the rows that say so, all others none."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.api.door import CALLS
from portal.storage.engine import DatabaseBusyError
from tests.api.appointments import CANCEL, ELEVEN, LIST, MOVE, ONE, WEDNESDAY
from tests.api.caller import PATH, Caller, key_of, members
from tests.clinic import NOW, Clinic, key
from tests.stored import assert_chained, audit_rows
from tests.web import conftest as pages
from tests.web.client import Clock, running, signed_in, signed_in_client
from tests.web.conftest import Ids
from tests.web.routes import ROUTES, Route
from tests.web.visitor import Visitor, wish

app, clock, databases, leo, maya = pages.app, pages.clock, pages.databases, pages.leo, pages.maya
CANARY = "canary-haemorrhoids"
Rows = list[tuple[Any, ...]]
Added = Callable[[], list[dict[str, Any]]]
# What a GET of each page about Leo's appointment adds for Maya, who has an appointment of her own to list and a second child.
SHOWS = {
    "appointments.coming": [("leo", "saw_list"), ("maya", "saw_list"), ("nia", "saw_list")],
    "past.page": [("leo", "saw_list"), ("maya", "saw_list"), ("nia", "saw_list")],
    "appointments.one": [("leo", "saw_schedule")],
    "cancelling.page": [("leo", "saw_schedule")],
    "moving.page": [("leo", "saw_schedule")],
    "calendars.download": [("leo", "saw_schedule")],
    "waiting.earlier": [("leo", "saw_schedule")],
    "seen.page": [("leo", "saw_history")],
}
PAGES = [route for route in ROUTES if route.method == "GET"]


@pytest.fixture
def added(engine: Engine, leo: Ids) -> Iterator[Added]:
    """Tells which rows were added since the test began, or since it was asked last, and that every chain is whole."""
    known = {(row["patient_id"], row["number"]) for row in audit_rows(engine)}

    def tell() -> list[dict[str, Any]]:
        rows = [row for row in audit_rows(engine) if (row["patient_id"], row["number"]) not in known]
        known.update((row["patient_id"], row["number"]) for row in rows)
        return rows

    assert leo
    yield tell
    assert_chained(engine)


def deeds(clinic: Clinic, rows: list[dict[str, Any]]) -> Rows:
    names = {clinic.patient(name): name for name in ("ada", "maya", "leo", "nia")}
    return sorted((names[row["patient_id"]], row["deed"]) for row in rows)


@pytest.mark.parametrize("route", PAGES, ids=str)
def test_16_2_1_a_page_adds_what_it_shows(route: Route, maya: Visitor, clinic: Clinic, leo: Ids, added: Added) -> None:
    maya.get(route.url({**leo, "filename": "portal.css", "root": "Help", "branch": "Api", "slug": "none"}))
    assert deeds(clinic, added()) == SHOWS.get(route.endpoint, [])


def test_a_booking_on_the_pages_adds_one_row_and_its_confirmation_another(maya: Visitor, clinic: Clinic, added: Added) -> None:
    answer = maya.book(wish(clinic, "nia", first_choice=ELEVEN, reason=CANARY, note=CANARY))
    [row] = added()
    assert (row["deed"], row["actor_id"], row["link_id"], row["door"]) == ("booked", clinic.user("maya"), clinic.link("maya", "nia"), "page")
    maya.page(answer.location)
    [shown] = added()
    assert (shown["deed"], shown["object_id"], shown["link_id"]) == ("saw_schedule", row["object_id"], row["link_id"])


@pytest.fixture
def program(app: Flask, clinic: Clinic, engine: Engine) -> Caller:
    """A program with Maya's key."""
    return Caller(app, key_of(engine, clinic, "maya", NOW))


def body_of(path: str, clinic: Clinic, leo: Ids) -> dict[str, Any]:
    """Return what a call would be sent for Leo's appointment; one body for all, since none minds members that it does not know."""
    changes = {
        "ID": None if path == "CustomForm" else leo["schedule_id"],
        "PatientId": leo["patient_id"],
        "AppointmentOn": ELEVEN,
        "Reason": CANARY,
        "Note": CANARY,
    }
    form = {"CustomFormId": key("custom form", "intake"), "RecordId": leo["schedule_id"], "ModuleId": 1, "RecordTypeId": 1, "areaid": 0}
    money = {"AppointmentId": leo["schedule_id"], "Currency": "USD", "Status": "Paid", "Type": "Card", "TransactionNo": "T-1", "Amount": 1}
    return {**members(clinic, "maya", **changes), **(form if path == "CustomForm" else {}), **(money if path == "Payment" else {})}


ADDED = {
    "Calendar/PatientAppointmentPost": ["booked"],
    "Calendar/PatientAppointments": ["saw_list", "saw_list", "saw_list"],
    "Calendar/PatientAppointment": ["saw_schedule"],
    "Calendar/PatientAppointmentCancel": ["cancelled"],
    "Calendar/PatientAppointmentReschedule": ["moved"],
    "CustomForm": ["saved_form"],
    "Payment": ["recorded_payment"],
}
BY_KEY = [(method, call.path) for call in CALLS if call.permission.needs_key for method in call.methods]


@pytest.mark.parametrize(("method", "path"), BY_KEY)
def test_16_2_1_a_call_adds_what_it_did_or_answered(method: str, path: str, program: Caller, clinic: Clinic, leo: Ids, added: Added) -> None:
    if method == "GET":
        answer = program.get(f"/api/{path}", ID=leo["schedule_id"], SpecialityId=clinic.speciality("family medicine"))
    else:
        answer = program.post(body_of(path, clinic, leo), f"/api/{path}")
    rows = added()
    assert answer.status in (200, 400)
    assert sorted(row["deed"] for row in rows) == ADDED.get(path, [])
    assert {(row["actor_id"], row["door"], row["address"]) for row in rows} <= {(clinic.user("maya"), "call", "127.0.0.1")}
    assert all(row["key_id"] in str(program.key) for row in rows)
    assert CANARY not in str(rows)


def test_what_is_told_again_is_a_read(program: Caller, clinic: Clinic, leo: Ids, added: Added) -> None:
    asked: list[tuple[str, dict[str, Any]]] = [
        (PATH, members(clinic, "maya", PatientId=clinic.patient("nia"), AppointmentOn=ELEVEN)),
        (MOVE, {"ID": leo["schedule_id"], "AppointmentOn": WEDNESDAY}),
        (CANCEL, {"ID": leo["schedule_id"]}),
    ]
    for path, body in asked:
        [program.post(body, path) for _ in range(2)]
        assert [row["deed"] for row in added()][1:] == ["saw_schedule"], path


def test_a_stored_answer_that_is_given_again_is_a_read(program: Caller, clinic: Clinic, leo: Ids, added: Added) -> None:
    answers = [program.post({"ID": leo["schedule_id"]}, CANCEL, Idempotency_Key="once") for _ in range(2)]
    assert answers[0].body == answers[1].body
    first, again = added()
    assert (first["deed"], again["deed"], again["object_id"]) == ("cancelled", "saw_schedule", leo["schedule_id"])
    assert first["link_id"] == again["link_id"] == clinic.link("maya", "leo")


@pytest.mark.usefixtures("leo")
def test_a_list_says_how_many_it_showed_of_each(program: Caller, clinic: Clinic, added: Added) -> None:
    program.get(LIST)
    assert {row["patient_id"]: row["detail"] for row in added()} == {clinic.patient(name): str(int(name == "leo")) for name in ("leo", "maya", "nia")}


def test_what_is_refused_adds_nothing(app: Flask, program: Caller, clinic: Clinic, engine: Engine, leo: Ids, added: Added) -> None:
    ada = Caller(app, key_of(engine, clinic, "ada", NOW))
    answers = [ada.get(ONE, ID=leo["schedule_id"]), ada.get(LIST, PatientId=leo["patient_id"]), ada.post({"ID": leo["schedule_id"]}, CANCEL)]
    assert {answer.status for answer in answers} == {403}
    assert signed_in(app, clinic, "ada").get(f"/appointments/{leo['schedule_id']}").status == 404
    assert program.get(ONE, ID="x").status == 400
    assert added() == []


@pytest.mark.parametrize("url", ["/appointments", "/appointments/{schedule_id}", "/people/{patient_id}/seen"])
def test_16_5_3_a_page_that_cannot_be_written_down_is_not_shown(
    url: str, app: Flask, clinic: Clinic, leo: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = signed_in_client(app, clinic, "maya")
    vars(client)["faults_expected"] = True
    monkeypatch.setattr("portal.context.open_writing", busy)
    response = client.get(url.format(**leo))
    assert (response.status_code, "Leo" in response.get_data(as_text=True)) == (503, False)


@pytest.mark.parametrize("path", [ONE, LIST])
def test_16_5_3_an_answer_that_cannot_be_written_down_is_not_given(path: str, program: Caller, leo: Ids, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.context.open_writing", busy)
    vars(program.app)["test_client_class"] = FlaskClient
    answer = program.get(path, ID=leo["schedule_id"])
    assert (answer.status, str(leo["schedule_id"]) in answer.body) == (503, False)


def busy(_engine: Engine) -> Session:
    raise DatabaseBusyError


@pytest.mark.parametrize(("proxies", "expected"), [(0, "127.0.0.1"), (1, "203.0.113.7")])
def test_from_where_is_what_a_trusted_proxy_says_alone(proxies: int, expected: str, database_url: str, clinic: Clinic, engine: Engine) -> None:
    with running(database_url, Clock(), proxies=proxies) as served:
        program = Caller(served, key_of(engine, clinic, "ada", NOW))
        program.send("GET", LIST, None, X_Forwarded_For="198.51.100.1, 203.0.113.7")
    assert [row["address"] for row in audit_rows(engine)] == [expected]
