"""The old envelope, for everything under /api/ that is not a booking."""

import logging
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from portal.services import booking
from portal.storage.engine import DatabaseBusyError
from tests.api.caller import PATH, Caller, members, told
from tests.clinic import Clinic
from tests.stored import bookings
from tests.web.client import InspectingClient, engine_of

PATHS = [
    "/api/Calendar/PatientAppointmentPost",
    "/api/calendar/patientappointmentpost",
    "/API/CALENDAR/PATIENTAPPOINTMENTPOST",
    "/api/Calendar/PatientAppointmentPost/",
    "/api/Calendar/PatientAppointmentPost_v1",
    "/Api/calendar/PatientAppointmentPost_V2/",
    "/api/Calendar/PatientAppointmentPost?AccountId=x&Reason=y",
    "/api/Calendar/PatientAppointmentPost?%ff",
]
UNKNOWN = [
    "/api/",
    "/api/Calendar",
    "/api/Calendar/Nope",
    "/api/Calendar/PatientAppointmentPost/x",
    "/api/Calendar/PatientAppointmentPost_v3",
    "/API/x y",
]
WRONG = ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


@pytest.fixture
def faulty(app: Flask) -> Flask:
    """The portal, where faults are expected."""

    class FaultyClient(InspectingClient):
        faults_expected = True

    app.test_client_class = FaultyClient
    return app


@pytest.mark.parametrize("path", PATHS)
def test_the_call_answers_at(path: str, ada: Caller, clinic: Clinic) -> None:
    assert ada.post(members(clinic), path).status == 200


@pytest.mark.parametrize("path", UNKNOWN)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_an_unknown_address_is_said_in_the_envelope(path: str, method: str, app: Flask) -> None:
    answer = app.test_client().open(path, method=method)
    assert (answer.status_code, list(answer.get_json())) == (404, ["Message"])
    assert answer.get_json()["Message"].startswith("No HTTP resource was found that matches the request URI 'http://localhost/")


@pytest.mark.parametrize("method", WRONG)
def test_4_1_4_a_wrong_method_is_said_in_the_envelope(method: str, app: Flask) -> None:
    answer = app.test_client().open(PATH, method=method)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")
    assert answer.get_json() == {"Message": f"The requested resource does not support http method '{method}'."}


def test_a_wrong_method_that_allows_no_body_gets_none(app: Flask) -> None:
    answer = app.test_client().head(PATH)
    assert (answer.status_code, answer.get_data()) == (405, b"")


@pytest.mark.parametrize("method", WRONG)
def test_a_wrong_method_writes_nothing(method: str, ada: Caller, app: Flask, clinic: Clinic, engine: Engine) -> None:
    body = {name: str(value) for name, value in members(clinic).items()}
    app.test_client().open(PATH, method=method, json=body, headers={"Authorization": f"Bearer {ada.key}"})
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize("accept", [None, "application/json", "text/html", "application/xml", "image/png", "*/*", "application/json;q=0", "\u00ff,,"])
def test_3_2_1_and_4_1_1_an_answer_is_json_whatever_was_asked_for(accept: str | None, app: Flask) -> None:
    answer = app.test_client().get("/api/nope", headers={"Accept": accept} if accept else {})
    assert answer.content_type == "application/json; charset=utf-8"


def test_no_cookie_is_set_or_read_at_this_door(ada: Caller, clinic: Clinic) -> None:
    assert "Set-Cookie" not in ada.post(members(clinic)).headers
    assert "Set-Cookie" not in Caller(ada.app, None).post(members(clinic)).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_pages_of_other_sites_may_not_read_an_answer(origin: str, ada: Caller, clinic: Clinic) -> None:
    answer = ada.post(members(clinic), Origin=origin)
    assert [name for name in answer.headers if name.startswith("Access-Control")] == []


def test_a_foreign_host_is_refused_in_the_envelope(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic), Host="evil.example")
    assert (answer.status, list(told(answer))) == (400, ["Message"])
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/xml", "multipart/form-data", "application/vnd.api+json", "application/octet-stream", "json", "application/json;", ""],
)
def test_another_kind_of_body_is_refused(content_type: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic), Content_Type=content_type)
    assert (answer.status, list(told(answer))) == (415, ["Message"])
    assert bookings(engine) == [[], [], []]


def test_a_body_too_large_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, DocIds="x" * 64 * 1024))
    assert (answer.status, list(told(answer))) == (413, ["Message"])
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize("body", ["[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300, "[" * 60_000, '{"UserId":' * 6000])
def test_a_body_too_deep_is_refused(body: str, ada: Caller, engine: Engine) -> None:
    answer = ada.post(body)
    assert (answer.status, told(answer)["Message"]) == (400, "The request is invalid.")
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize("body", [" ", "null", "[]", '""', "1", "{", "}", "nonsense", "\0", "\ufeff", "{'a'", '{"Reason":"\\ud800"}'])
def test_a_body_that_says_nothing_is_refused(body: str, ada: Caller, engine: Engine) -> None:
    answer = ada.post(body)
    assert (answer.status, told(answer)["Message"]) == (400, "The request is invalid.")
    assert told(answer)["ModelState"]
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize("body", [b"\xff\xfe", b"\x80", b"\xed\xa0\x80", b'{"Reason":"\xff"}', b"\x1f\x8b\x08\x00"])
def test_bytes_that_are_no_text_are_refused(body: bytes, ada: Caller, engine: Engine) -> None:
    assert ada.post(body).status == 400
    assert bookings(engine) == [[], [], []]


def test_16_5_1_a_fault_tells_programs_nothing_about_it(
    faulty: Flask, ada: Caller, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_values: object) -> None:
        raise RuntimeError("the inner workings")

    monkeypatch.setattr(booking, "book", fail)
    answer = Caller(faulty, ada.key).post(members(clinic))
    assert (answer.status, told(answer)) == (500, {"Message": "An error has occurred."})
    assert [record.levelno for record in caplog.records if record.exc_info] == [logging.ERROR]
    assert bookings(engine) == [[], [], []]


def test_a_fault_after_the_last_statement_stores_nothing(
    faulty: Flask, ada: Caller, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_values: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("portal.api.calendar.schedule_answer", fail)
    assert Caller(faulty, ada.key).post(members(clinic)).status == 500
    assert bookings(engine) == [[], [], []]


def test_while_another_writes_for_long_programs_are_asked_to_come_back(
    faulty: Flask, ada: Caller, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_in_vain(_session: object) -> None:
        raise DatabaseBusyError

    monkeypatch.setattr("portal.context.open_writing", wait_in_vain)
    answer = Caller(faulty, ada.key).post(members(clinic))
    assert (answer.status, answer.headers["Retry-After"], told(answer)) == (503, "5", {"Message": "An error has occurred."})


def test_16_5_3_without_a_database_programs_are_asked_to_come_back(faulty: Flask, ada: Caller, clinic: Clinic, database_url: str) -> None:
    path = Path(database_url.removeprefix("sqlite:///"))
    engine_of(faulty).dispose()
    path.rename(path.with_suffix(".away"))
    path.mkdir()
    answer = Caller(faulty, ada.key).post(members(clinic))
    path.rmdir()
    assert (answer.status, told(answer)) == (503, {"Message": "An error has occurred."})
