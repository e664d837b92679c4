"""The binder against recorded requests: what was read from each, or what was wrong with it."""

import json
from base64 import b64decode
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from portal.api.binding import UnsupportedMediaType, bind, bind_model
from portal.api.dates import form_of
from portal.api.model import APPOINTMENT, CONFORM_PAYMENT, CUSTOM_FORM, Kind
from portal.api.writing import answer_media_type, date_string, decimal_string

Vector = dict[str, Any]

SERVER_ZONE = "America/Chicago"
MICROSECOND = timedelta(microseconds=1)
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
USER = "7e8c9f05-e295-482c-802e-ab1463a9f415"

VECTORS: list[Vector] = json.loads((Path(__file__).parent / "vectors.json").read_text(encoding="utf-8"))["vectors"]
BINDING = [found for found in VECTORS if found["judge"] == "full" and found["response"]["status"] in (200, 400, 415)]
READ = [found for found in BINDING if "bound" in found["response"]]
INVALID = [found for found in BINDING if found["response"]["status"] == 400]
UNSUPPORTED = [found for found in BINDING if found["response"]["status"] == 415]
NO_BODY = [found for found in VECTORS if found["judge"] == "skip" and found["response"]["status"] == 500 and "ref" not in found["id"]]


def name(vector: Vector) -> str:
    return f"{vector['weight']}-{vector['id']}"


def header(vector: Vector, wanted: str) -> str | None:
    values = [value for key, value in vector["request"]["headers"] if key == wanted]
    return ", ".join(values) if values else None


def sent(vector: Vector) -> tuple[bytes, str | None]:
    request = vector["request"]
    body = b64decode(request["body_base64"]) if "body_base64" in request else request["body"].encode()
    return body, header(vector, "Content-Type")


def read(vector: Vector) -> dict[str, Any]:
    values, state = bind(*sent(vector))
    assert state == {}
    assert values is not None
    return values


@pytest.mark.parametrize("vector", READ, ids=name)
def test_reads_the_recorded_values(vector: Vector) -> None:
    values, recorded = read(vector), vector["response"]["bound"]
    for member in APPOINTMENT.members:
        if member.kind is Kind.GUID:
            assert values[member.name] == (UUID(recorded[member.name]) if recorded[member.name] else None)
        elif member.kind in (Kind.STRING, Kind.INTEGER):
            assert values[member.name] == recorded[member.name]
    assert float(values["PaidAmount"]) == recorded["PaidAmount"]
    assert isinstance(values["PaidAmount"], Decimal)


@pytest.mark.parametrize("vector", READ, ids=name)
def test_reads_the_recorded_reasons(vector: Vector) -> None:
    reasons, recorded = read(vector)["Reasons"], vector["response"]["bound"]
    assert (-1 if reasons is None else len(reasons)) == recorded["reasons_count"]
    assert (None if reasons is None else ",".join(map(str, reasons))) == recorded["reason_ids"]


@pytest.mark.parametrize("vector", READ, ids=name)
@pytest.mark.parametrize("member", ["AppointmentOn", "SecondaryAppointmentOn"])
def test_reads_the_recorded_dates_to_the_microsecond(vector: Vector, member: str) -> None:
    value, recorded = read(vector)[member], vector["response"]["bound"][member]
    if recorded is None:
        assert value is None
    else:
        assert abs(value - datetime.fromisoformat(recorded)) <= MICROSECOND


@pytest.mark.parametrize("vector", READ, ids=name)
@pytest.mark.parametrize("member", ["AppointmentOn", "SecondaryAppointmentOn"])
def test_writes_dates_back_as_recorded(vector: Vector, member: str) -> None:
    value, recorded = read(vector)[member], vector["response"]["bound"][member]
    if recorded is not None and len(recorded.partition(".")[2].rstrip("Z").split("-")[0]) < 7:
        assert date_string(value, SERVER_ZONE) == recorded


@pytest.mark.parametrize("vector", READ, ids=name)
def test_keeps_the_form_in_which_dates_were_sent(vector: Vector) -> None:
    values = read(vector)
    forms = [form_of(values[member]).value.title() if values[member] else "null" for member in ("AppointmentOn", "SecondaryAppointmentOn")]
    assert "/".join(forms) == vector["response"]["bound"]["kinds"]


@pytest.mark.parametrize("vector", INVALID, ids=name)
def test_finds_the_recorded_errors_in_order(vector: Vector) -> None:
    values, state = bind(*sent(vector))
    assert values is None
    assert list(state.items()) == list(vector["response"]["body"]["ModelState"].items())


@pytest.mark.parametrize("vector", UNSUPPORTED, ids=name)
def test_refuses_other_media_types_in_the_recorded_words(vector: Vector) -> None:
    with pytest.raises(UnsupportedMediaType) as refused:
        bind(*sent(vector))
    assert refused.value.message == vector["response"]["body"]["Message"]


@pytest.mark.parametrize("vector", BINDING, ids=name)
def test_answers_in_the_recorded_media_type(vector: Vector) -> None:
    found = answer_media_type(header(vector, "Accept"), header(vector, "Content-Type"), header(vector, "Accept-Charset"))
    assert found == vector["response"]["headers"]["Content-Type"]


@pytest.mark.parametrize("vector", NO_BODY, ids=name)
def test_tells_what_is_required_when_there_is_no_body(vector: Vector) -> None:
    values, state = bind(*sent(vector))
    assert values is None
    assert state == {
        "model": ["A value is required."],
        "model.UserId": ["The UserId property is required."],
        "model.AppointmentOn": ["The AppointmentOn property is required."],
        "model.Reason": ["The Reason field is required."],
        "model.AccountId": ["The AccountId property is required."],
    }


def booking(**members: object) -> bytes:
    least = {"UserId": USER, "AppointmentOn": "2026-02-03T21:03:34Z", "Reason": "Checkup", "AccountId": USER}
    return json.dumps(least | members).encode()


def test_a_scale_survives() -> None:
    values, _ = bind(booking()[:-1] + b',"PaidAmount":5.00}', JSON)
    assert values is not None
    assert decimal_string(values["PaidAmount"]) == "5.00"  # type: ignore[arg-type]  # the assertion would fail


def test_15_3_7_a_repeated_list_is_continued() -> None:
    values, _ = bind(booking()[:-1] + b',"Reasons":[{}],"Reasons":[null]}', JSON)
    assert values is not None
    assert values["Reasons"] == [UUID(int=0)] * 2


def test_a_list_in_a_wrapper_that_keeps_references_is_read() -> None:
    values, _ = bind(booking(Reasons={"$id": "1", "$values": [{"ReasonId": USER}]}), JSON)
    assert values is not None
    assert values["Reasons"] == [UUID(USER)]


def test_15_3_7_keys_that_differ_in_case_only_are_one() -> None:
    _, state = bind(booking(reason=[1]).replace(b'"Reason": "Checkup", ', b""), JSON)
    assert state == {"model.reason": ["An error has occurred.", "The Reason field is required."]}


def test_a_mark_says_what_the_encoding_is() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-32"):
        values, state = bind(booking(Reason="José").decode().encode(encoding), JSON)
        assert (state, values and values["Reason"]) == ({}, "José")


def test_another_charset_is_taken_as_utf8() -> None:
    body = json.dumps({"Reason": "José"}, ensure_ascii=False).encode("latin-1")
    assert bind(body, "application/json; charset=iso-8859-1") == (None, {"model": ["An error has occurred."]})


def test_a_blank_text_can_be_too_long_as_well() -> None:
    _, state = bind(booking(Reason=" " * 251), JSON)
    assert len(state["model.Reason"]) == 2


def test_another_model_is_bound_by_the_same_rules() -> None:
    details = [{"customformfieldsid": USER, "Value": 7, "Ismultientry": "true"}]
    ids = dict.fromkeys(("CustomFormId", "PatientId", "RecordId"), USER)
    values, state = bind_model(CUSTOM_FORM, json.dumps(ids | {"ModuleId": 1, "RecordTypeId": "2", "CustomFormInputDetails": details}).encode(), JSON)
    assert state == {}
    assert values is not None
    assert values["CustomFormInputDetails"] == [{"CustomFormFieldsId": UUID(USER), "Value": "7", "Ismultientry": True}]


def test_another_model_is_bound_from_a_form() -> None:
    body = b"AppointmentId=a&Currency=USD&Status=s&Type=t&Modified.Name=x&NextBillDate=2/3/2026"
    values, state = bind_model(CONFORM_PAYMENT, body, FORM, "payment")
    assert state == {}
    assert values is not None
    assert (values["NextBillDate"], values["Modified"], values["PlanId"]) == (datetime(2026, 2, 3), {}, None)  # noqa: DTZ001  sent without zone


def test_another_model_reports_under_its_own_prefix() -> None:
    _, state = bind_model(CONFORM_PAYMENT, b'{"Amount":"x","Modified":[]}', JSON, "payment")
    assert list(state) == ["payment.Amount", "payment.Modified", "payment.AppointmentId", "payment.Currency", "payment.Status", "payment.Type"]
