"""Requests of the two sister calls, complete and about a schedule that is booked, and the two encodings in which programs send them."""

import json
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import urlencode

from tests.api.caller import Caller, members, told
from tests.clinic import Clinic, key
from tests.web.page import Answer

FORM_PATH = "/api/CustomForm"
PAYMENT_PATH = "/api/Payment"
FIELDS = (key("field", "first"), key("field", "second"))


def booked(caller: Caller, clinic: Clinic, user: str = "ada", patient: str | None = None, **changes: object) -> dict[str, str]:
    """Book a check-up and return the Schedule."""
    answer = caller.post(members(clinic, user, PatientId=clinic.patient(patient) if patient else None, **changes))
    assert answer.status == 200, answer.body
    return told(answer)


def form(schedule: Mapping[str, object], **changes: object) -> dict[str, object]:
    """Return the members of a form with two answers, changed as wanted; None leaves one out."""
    plain: dict[str, object] = {
        "CustomFormId": key("custom form", "intake"),
        "PatientId": schedule["PatientId"],
        "CustomFormInputDetails": [
            {"CustomFormFieldsId": FIELDS[0], "Value": "Penicillin", "Ismultientry": True},
            {"CustomFormFieldsId": FIELDS[1], "Value": None, "Ismultientry": False},
        ],
        "Note": "As far as I know",
        "ModuleId": 3,
        "RecordId": schedule["ID"],
        "RecordTypeId": 7,
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def payment(schedule: Mapping[str, object], **changes: object) -> dict[str, object]:
    """Return the members of a report that 40.00 have been paid, changed as wanted; None leaves one out."""
    plain: dict[str, object] = {
        "PaymentId": key("payment", "first"),
        "AppointmentId": schedule["ID"],
        "TransactionNo": "T-1",
        "Amount": "40.00",
        "Currency": "USD",
        "Status": "Succeeded",
        "Type": "Card",
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


def _fields(name: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for inner, one in value.items():
            yield from _fields(f"{name}[{inner}]", one)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _fields(f"{name}[{place}]", one)
    elif value is not None:
        yield name, str(value).lower() if isinstance(value, bool) else str(value)


def as_json(caller: Caller, path: str, body: Mapping[str, object]) -> Answer:
    return caller.post(json.dumps(body, default=str), path)


def as_form(caller: Caller, path: str, body: Mapping[str, object]) -> Answer:
    """Send a body as jQuery encodes it."""
    fields = [field for name, value in body.items() for field in _fields(name, value)]
    return caller.post(urlencode(fields), path, Content_Type="application/x-www-form-urlencoded")


ENCODINGS: dict[str, Callable[[Caller, str, Mapping[str, object]], Answer]] = {"json": as_json, "form": as_form}
