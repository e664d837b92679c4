"""No body whatever gives a fault: what is sent to the call is answered, whole, in the envelope or with a Schedule."""

import json
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.api.model import APPOINTMENT
from tests.api.caller import PATH, Caller, members
from tests.api.test_hostile import FIELDS, FORM, JSON, PIECES
from tests.clinic import Clinic

TYPES = (JSON, FORM, "text/json; charset=utf-16", "text/plain", "application/json;", "json", "", "multipart/form-data", "application/json, text/json")
# Each example goes through one application and its database: what it books stays.
ROUTED = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
DATES = ("0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "/Date(0)/")
NUMBERS = (0, -1, 1e-28, 2**31, -(2**31), 79228162514264337593543950335, 10**400, 1e300, 0.1 + 0.2)
TEXTS = ("", " ", "\0", "\ud800", "\ud83d\ude00" * 125, "x" * 251, "y" * 1001, "\u2028", "{}", "null", "'; --", "%s%n", "../../etc")
ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from((*DATES, *NUMBERS, *TEXTS, None, True, [], {}, [None], [[]], [{"ReasonId": None}], {"$values": [1]})),
    st.text(max_size=20),
    st.datetimes().map(datetime.isoformat),
    st.uuids().map(str),
    st.lists(st.fixed_dictionaries({"ReasonId": st.uuids().map(str)}), max_size=3),
)


def answered(app: Flask, key: str | None, body: bytes, content_type: str) -> int:
    """Send a body; return the status, which the inspecting client has found to be no fault."""
    headers = {"Authorization": f"Bearer {key}", "Content-Type": content_type}
    answer = app.test_client().post(PATH, data=body, headers=headers)
    said = json.loads(answer.get_data().decode("utf-16" if answer.content_type.endswith("16") else "utf-8"))
    assert ("ID" in said) == (answer.status_code == 200)
    assert ("Message" in said) == (answer.status_code >= 400)
    return answer.status_code


@given(body=st.binary(max_size=200), content_type=st.sampled_from(TYPES))
@ROUTED
def test_any_bytes_of_any_type(ada: Caller, body: bytes, content_type: str) -> None:
    assert answered(ada.app, ada.key, body, content_type) in (400, 411, 415)


@given(content_type=st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40))
@ROUTED
def test_any_type(ada: Caller, content_type: str) -> None:
    assert answered(ada.app, ada.key, b"{}", content_type) in (400, 415)


@given(pieces=st.lists(st.sampled_from((*PIECES, *FIELDS)), max_size=8).map("".join), at=st.floats(0, 1), dropped=st.integers(0, 60))
@ROUTED
def test_a_good_body_with_something_else_in_its_middle(ada: Caller, clinic: Clinic, pieces: str, at: float, dropped: int) -> None:
    good = json.dumps(members(clinic), default=str)
    middle = round(at * len(good))
    assert answered(ada.app, ada.key, (good[:middle] + pieces + good[middle + dropped :]).encode("utf-8", "surrogatepass"), JSON) < 500


@given(changes=st.dictionaries(st.sampled_from([member.name for member in APPOINTMENT.members]), ODD, max_size=6))
@example(changes={"PaidAmount": 79228162514264337593543950335})
@example(changes={"AppointmentOn": "9999-12-31T23:59:59-14:00", "SecondaryAppointmentOn": "0001-01-01T00:00:00+14:00"})
@ROUTED
def test_a_good_body_with_odd_values(ada: Caller, clinic: Clinic, changes: dict[str, Any]) -> None:
    body = {**json.loads(json.dumps(members(clinic), default=str)), **changes}
    assert answered(ada.app, ada.key, json.dumps(body).encode(), JSON) < 500
    flat = {name: value for name, value in body.items() if isinstance(value, str)}
    assert answered(ada.app, ada.key, urlencode(flat, errors="surrogatepass").encode(), FORM) < 500


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
@pytest.mark.parametrize("amount", ["79228162514264337593543950335", "0.0000000000000000000000000001", "-5.00"])
def test_every_amount_that_is_read_can_be_stored(amount: str, ada: Caller, clinic: Clinic) -> None:
    good = json.dumps(members(clinic), default=str)
    answer = ada.post(f'{good[:-1]},"PaidAmount":{amount}}}')
    assert answer.status == 200
    assert f'"PaidAmount":{amount}' in answer.body
