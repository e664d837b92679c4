"""The call that saves the answers to a form: what is kept and answered, whose it may be, and what nobody would send."""

from collections.abc import Iterator
from itertools import product
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.api.model import CUSTOM_FORM
from portal.domain.guardianship import LinkState
from portal.storage.custom_forms import FormResponse, FormResponseAnswer
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink
from tests.api.caller import Caller, key_of, told
from tests.api.sisters import ENCODINGS, FIELDS, FORM_PATH, as_json, booked, form
from tests.clinic import NOW, Clinic, key
from tests.conftest import ENGINES
from tests.stored import Row, bookings, rows
from tests.web.page import Answer

NOBODY = "00000000-0000-0000-0000-000000000000"
HUGE = 10**40
TEXTS = ("\0", "x\0y", "\u2028\U0010ffff", "' OR 1=1 --", "x" * 20_000)


@pytest.fixture
def nothing_kept(engine: Engine) -> Iterator[None]:
    """Asserts that the test saves no form."""
    yield
    assert kept(engine) == ([], [])


def kept(engine: Engine) -> tuple[list[Row], list[Row]]:
    return rows(engine, FormResponse), rows(engine, FormResponseAnswer)


def only(answer: Answer) -> dict[str, object]:
    assert answer.status == 200, answer.body
    [saved] = list(told(answer))
    assert isinstance(saved, dict)
    return saved


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("whose", ["ada", "practice"])
def test_a_form_is_kept_with_its_schedule(
    whose: str, encoding: str, request: pytest.FixtureRequest, ada: Caller, clinic: Clinic, engine: Engine
) -> None:
    schedule, before = booked(ada, clinic), bookings(engine)
    saved = only(ENCODINGS[encoding](request.getfixturevalue(whose), FORM_PATH, form(schedule)))
    [response], answers = kept(engine)
    assert (response["id"], response["schedule_id"], response["modified_at"]) == (UUID(str(saved["Id"])), UUID(schedule["ID"]), NOW)
    assert response["modified_by"] == (clinic.user("ada") if whose == "ada" else None)
    assert [(row["field_id"], row["value"], row["is_multi_entry"]) for row in answers] == [(FIELDS[0], "Penicillin", True), (FIELDS[1], None, False)]
    assert bookings(engine) == before


def test_the_answer_is_a_collection_of_what_is_kept(ada: Caller, clinic: Clinic) -> None:
    schedule = booked(ada, clinic)
    sent = form(schedule, EncounterId=uuid4(), StatusId=2, ModuleName="Intake", areaid=5, EncounterTypeId=uuid4(), ModifiedOn="2001-01-01T00:00:00")
    saved = only(as_json(ada, FORM_PATH, sent))
    assert list(saved) == [member.name for member in CUSTOM_FORM.members]
    ours = {"Id": saved["Id"], "ModifiedBy": str(clinic.user("ada")), "ModifiedOn": "2027-03-01T08:00:00Z", "AccountId": str(clinic.account_id)}
    details = [
        {"CustomFormFieldsId": str(FIELDS[0]), "Value": "Penicillin", "Ismultientry": True},
        {"CustomFormFieldsId": str(FIELDS[1]), "Value": None, "Ismultientry": False},
    ]
    theirs = {name: str(value) if isinstance(value, UUID) else value for name, value in sent.items()}
    assert saved == {**theirs, **ours, "CustomFormInputDetails": details}


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_form_sent_again_takes_the_place_of_what_was_there(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    first = only(as_json(ada, FORM_PATH, form(schedule)))
    again = only(as_json(ada, FORM_PATH, form(schedule, Id=first["Id"], Note="Now I know", CustomFormInputDetails=[])))
    [response], answers = kept(engine)
    assert (again["Id"], response["note"], answers) == (first["Id"], "Now I know", [])
    assert only(as_json(ada, FORM_PATH, form(schedule, Id=NOBODY)))["Id"] == first["Id"]
    assert len(kept(engine)[0]) == 1


def test_another_form_of_the_schedule_is_kept_beside(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(ada, clinic)
    ids = {only(as_json(ada, FORM_PATH, form(schedule, CustomFormId=form_id)))["Id"] for form_id in (uuid4(), uuid4())}
    assert len(ids) == len(kept(engine)[0]) == 2


def test_the_id_of_another_form_never_makes_an_update(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    ada, omar = booked(practice, clinic), booked(practice, clinic, "omar", AppointmentOn="2027-03-03T15:00:00Z")
    theirs = only(as_json(practice, FORM_PATH, form(omar)))
    before = kept(engine)
    for forged in (theirs["Id"], str(uuid4())):
        assert as_json(practice, FORM_PATH, form(ada, Id=forged)).status == 403
        assert as_json(practice, FORM_PATH, form(omar, CustomFormId=uuid4(), Id=forged)).status == 403
    assert kept(engine) == before


@pytest.mark.usefixtures("nothing_kept")
def test_the_schedule_of_another_is_refused_whether_it_exists_or_not(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    theirs = booked(practice, clinic, "omar")
    own = booked(ada, clinic, AppointmentOn="2027-03-03T15:00:00Z")
    answers = [
        as_json(ada, FORM_PATH, body)
        for body in (form(theirs), form(own, RecordId=uuid4()), form(own, PatientId=theirs["PatientId"]), form(theirs, PatientId=own["PatientId"]))
    ]
    assert {(answer.status, answer.body) for answer in answers} == {(403, '{"Message":"Authorization has been denied for this request."}')}


@pytest.mark.usefixtures("nothing_kept")
def test_a_key_of_another_account_is_refused(app: Flask, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule, elsewhere = booked(ada, clinic), key("account", "elsewhere")
    theirs = Caller(app, key_of(engine, clinic, None, NOW, elsewhere))
    for changes in ({}, {"AccountId": clinic.account_id}, {"AccountId": elsewhere}, {"ModifiedBy": clinic.user("ada")}):
        assert as_json(theirs, FORM_PATH, form(schedule, **changes)).status == 403


def test_it_is_saved_in_the_name_of_the_user_who_is_named(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(practice, clinic, "maya", "leo")
    assert as_json(practice, FORM_PATH, form(schedule, ModifiedBy=clinic.user("grace"), AccountId=clinic.account_id)).status == 200
    assert kept(engine)[0][0]["modified_by"] == clinic.user("grace")
    for stranger in (clinic.user("ada"), clinic.user("zoe"), uuid4()):
        assert as_json(practice, FORM_PATH, form(schedule, ModifiedBy=stranger)).status == 403


@pytest.mark.usefixtures("nothing_kept")
def test_a_user_may_not_speak_in_anothers_name(maya: Caller, clinic: Clinic) -> None:
    schedule = booked(maya, clinic, "maya", "leo")
    assert as_json(maya, FORM_PATH, form(schedule, ModifiedBy=clinic.user("grace"))).status == 403


@pytest.mark.usefixtures("nothing_kept")
def test_a_guardian_whose_link_has_ended_is_refused_at_once(maya: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule = booked(maya, clinic, "maya", "leo")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).values(state=LinkState.ENDED))
    assert as_json(maya, FORM_PATH, form(schedule)).status == 403


@pytest.mark.usefixtures("nothing_kept")
def test_members_are_required_as_their_page_says(ada: Caller) -> None:
    required = [member.name for member in CUSTOM_FORM.members if member.required]
    said = told(ENCODINGS["form"](ada, FORM_PATH, {"Note": "x" * 501}))["ModelState"]
    assert said == {
        **{f"model.{name}": [f"The {name} property is required."] for name in required},
        "model.Note": ["The field Note must be a string with a maximum length of 500."],
    }
    assert told(ada.post("{}", FORM_PATH)) == {"Message": "The request is invalid.", "ModelState": {"model": ["An error has occurred."] * 5}}


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize(("encoding", "text"), [*product(ENCODINGS, TEXTS), ("json", ""), ("json", "\ud800")], ids=lambda text: ascii(text)[:20])
def test_any_text_is_kept_as_near_as_it_can_be(text: str, encoding: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    body = form(booked(ada, clinic), ModuleName=text, Note=text[:500], CustomFormInputDetails=[{"CustomFormFieldsId": FIELDS[0], "Value": text}])
    only(ENCODINGS[encoding](ada, FORM_PATH, body))
    [response], [answer] = kept(engine)
    expected = text.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
    assert (response["module_name"], response["note"], answer["value"]) == (expected, expected[:500], expected)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("member", ["ModuleId", "RecordTypeId", "areaid", "StatusId"])
@pytest.mark.parametrize(("number", "status"), [(2**31 - 1, 200), (-(2**31), 200), (2**31, 400), (-HUGE, 400), (1.5, 400), (True, 400)])
def test_codes_are_numbers_of_32_bits(number: float, status: int, member: str, ada: Caller, clinic: Clinic) -> None:
    assert as_json(ada, FORM_PATH, form(booked(ada, clinic), **{member: number})).status == status


@pytest.mark.parametrize("details", ["", "[null]", "{}", '[{"Value":[]}]', "[[]]", '"x"', "[{}]", '[{"CustomFormFieldsId":null}]', "[" * 300])
def test_details_of_any_shape_are_answered(details: str, ada: Caller, clinic: Clinic) -> None:
    body = ",".join(f'"{name}":"{value}"' for name, value in form(booked(ada, clinic), CustomFormInputDetails=None).items())
    assert ada.post(f'{{{body},"CustomFormInputDetails":{details}}}', FORM_PATH).status in (200, 400)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_as_many_answers_are_kept_as_a_body_may_hold(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    body = form(booked(ada, clinic), CustomFormInputDetails=[{}] * 15_000)
    assert len(only(as_json(ada, FORM_PATH, body))["CustomFormInputDetails"]) == len(kept(engine)[1]) == 15_000  # type: ignore[arg-type]  # a list
