"""The OpenAPI document: well formed, true of the answers, and put to the test by a client that tries all it allows."""

from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from openapi_spec_validator import OpenAPIV31SpecValidator

from portal.api.door import CALLS
from tests.api.caller import PATH, Caller, members, told
from tests.clinic import Clinic

ADDRESS = "/api/openapi.json"


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    found: dict[str, Any] = app.test_client().get(ADDRESS).get_json()
    return found


def fits(document: dict[str, Any], status: int, answer: object, path: str = PATH) -> list[str]:
    """Return what is wrong with an answer by the schema of its status."""
    content = document["paths"][path]["post"]["responses"][str(status)]["content"]["application/json"]
    schema = {**content["schema"], "components": document["components"]}
    validator = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    return [f"{list(error.instance_path)}: {error.message}" for error in validator.iter_errors(answer)]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_every_method_of_every_call_is_described(document: dict[str, Any]) -> None:
    found = {(path, method.upper()) for path, methods in document["paths"].items() for method in methods}
    assert found == {(f"/api/{call.path}", method) for call in CALLS for method in call.methods}


def test_only_public_calls_need_no_key(document: dict[str, Any]) -> None:
    needs = {path: {bool(method["security"]) for method in methods.values()} for path, methods in document["paths"].items()}
    assert needs == {f"/api/{call.path}": {call.permission.kind != "public"} for call in CALLS}


@pytest.mark.parametrize("path", [ADDRESS, ADDRESS.upper(), f"{ADDRESS}/"])
def test_the_document_is_public(path: str, app: Flask) -> None:
    answer = app.test_client().get(path)
    assert (answer.status_code, answer.content_type) == (200, "application/json; charset=utf-8")


def test_every_schema_is_used(document: dict[str, Any]) -> None:
    text = str(document)
    assert [name for name in document["components"]["schemas"] if f"#/components/schemas/{name}'" not in text] == []


def test_every_example_is_what_its_schema_says(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for method in methods.values():
            bodies = [method["requestBody"]] if "requestBody" in method else []
            for content in (content for body in (*bodies, *method["responses"].values()) for content in body["content"].values()):
                schema = {**content["schema"], "components": document["components"]}
                assert "example" not in content or jsonschema_rs.Draft202012Validator(schema, validate_formats=True).is_valid(content["example"])


def test_a_booking_is_answered_as_described(document: dict[str, Any], maya: Caller, clinic: Clinic) -> None:
    rich = {"Note": "x", "Reasons": [{"ReasonId": str(clinic.reason("rash"))}], "DocIds": "a,b", "PaidAmount": 5, "MethodId": 1}
    answer = maya.post(members(clinic, "maya", PatientId=clinic.patient("leo"), **rich))
    assert (answer.status, fits(document, 200, told(answer))) == (200, [])
    plain = maya.post(members(clinic, "maya", AppointmentOn="2027-03-03T15:00:00", SpecialityId=None))
    assert (plain.status, fits(document, 200, told(plain))) == (200, [])


@pytest.mark.parametrize(
    ("changes", "status"), [({"Reason": ""}, 400), ({"UserId": "ada"}, 400), ({"AccountId": "7e8c9f05e295482c802eab1463a9f415"}, 403)]
)
def test_a_refusal_is_as_described(changes: dict[str, str], status: int, document: dict[str, Any], ada: Caller, clinic: Clinic) -> None:
    answer = ada.post(members(clinic, **changes))
    assert (answer.status, fits(document, status, told(answer))) == (status, [])


def test_a_taken_time_is_as_described(document: dict[str, Any], ada: Caller, practice: Caller, clinic: Clinic) -> None:
    practice.post(members(clinic, "omar"))
    answer = ada.post(members(clinic))
    assert (answer.status, fits(document, 409, told(answer))) == (409, [])
    assert set(told(answer)) == set(document["components"]["schemas"]["TakenTime"]["properties"])


def test_what_does_not_fit_is_noticed(document: dict[str, Any], ada: Caller, clinic: Clinic) -> None:
    answer = told(ada.post(members(clinic)))
    assert fits(document, 200, {**answer, "ID": None}) != []
    assert fits(document, 200, {name: value for name, value in answer.items() if name != "Patient"}) != []
