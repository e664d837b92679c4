"""Chapter 16: what the portal writes down about requests says nothing of health and holds no secret."""

import logging

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.api.caller import Caller, key_of, members
from tests.clinic import NOW, PASSWORD, Clinic
from tests.web.client import InspectingClient, visitor
from tests.web.conftest import app, clock, databases
from tests.web.visitor import wish

__all__ = ["app", "clock", "databases"]
CANARY = "canary-of-a-reason"
WRONG = "canary-of-a-password"


def test_16_2_5_no_log_holds_a_password_a_token_a_key_or_a_reason(
    app: Flask, clinic: Clinic, engine: Engine, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    client = app.test_client()
    person = visitor(client)
    person.sign_in(clinic.email("ada"), WRONG)
    person.sign_in(clinic.email("ada"))
    assert person.book(wish(clinic, reason=CANARY)).status == 303
    key = key_of(engine, clinic, "ada", NOW)
    program = Caller(app, key)
    program.post(members(clinic, Reason=CANARY, AppointmentOn="2027-03-04T15:00:00Z"))
    program.post(members(clinic, Reason=CANARY, UserId=clinic.user("omar")))
    app.test_client_class = type("FaultyClient", (InspectingClient,), {"faults_expected": True})
    monkeypatch.setattr("portal.services.booking.book", _fail)
    assert program.post(members(clinic, Reason=CANARY, AppointmentOn="2027-03-05T15:00:00Z")).status == 500
    session = client.get_cookie("portal")
    assert session is not None
    secrets = (CANARY, WRONG, PASSWORD, key, key.split("_")[2], session.value)
    assert "fault" in caplog.text
    assert [secret for secret in secrets if secret in caplog.text] == []


def _fail(*_values: object) -> None:
    raise RuntimeError("a fault")
