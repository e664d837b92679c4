"""The booking call: the order of judgement, what absent members mean, retries, and refusals."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, update

from portal.domain.schedule import Status
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy, Schedule
from tests.api.caller import Caller, key_of, members, told
from tests.clinic import NOW, Clinic
from tests.conftest import ENGINES
from tests.stored import assert_sound, bookings, rows
from tests.web.visitor import TUESDAY

LATER = "2027-03-03T15:00:00Z"


def only(engine: Engine) -> dict[str, object]:
    [row] = rows(engine, Schedule)
    return row


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_booking_is_there_when_it_is_answered(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic))
    assert (answer.status, only(engine)["id"]) == (200, UUID(told(answer)["ID"]))
    assert_sound(engine)


def test_judgement_goes_from_the_key_to_the_rules(ada: Caller, clinic: Clinic) -> None:
    stranger = Caller(ada.app, None)
    wrong = members(clinic, UserId=uuid4(), Reason=" ", ProviderId=uuid4())
    forbidden = members(clinic, UserId=uuid4(), ProviderId=uuid4())
    refused = members(clinic, ProviderId=uuid4())
    ladder = [
        stranger.post("{", "/api/nope", Content_Type="text/plain"),
        stranger.post("{", Content_Type="text/plain"),
        ada.post("{", Content_Type="text/plain"),
        ada.post(wrong),
        ada.post(forbidden),
        ada.post(refused),
        ada.post(members(clinic)),
    ]
    assert [answer.status for answer in ladder] == [404, 401, 415, 400, 403, 400, 200]


def test_a_taken_time_is_told_with_the_nearest_free_ones(ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    practice.post(members(clinic, "omar"))
    answer = ada.post(members(clinic))
    assert answer.status == 409
    assert told(answer) == {
        "Message": "This time has been taken.",
        "ModelState": {"model.AppointmentOn": ["This time has been taken."]},
        "Code": "time_taken",
        "Alternatives": ["2027-03-02T14:00:00Z", "2027-03-02T14:15:00Z", "2027-03-02T15:45:00Z"],
    }
    assert len(rows(engine, Schedule)) == 1


def test_every_time_offered_instead_can_be_booked(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    practice.post(members(clinic, "omar"))
    [first, *_] = told(ada.post(members(clinic)))["Alternatives"]
    assert ada.post(members(clinic, AppointmentOn=first)).status == 200


def test_a_patient_who_is_elsewhere_is_told_so_by_a_code(ada: Caller, clinic: Clinic) -> None:
    ada.post(members(clinic))
    answer = ada.post(members(clinic, ProviderId=clinic.provider("novak")))
    assert (answer.status, told(answer)["Code"]) == (409, "patient_busy")


def test_without_a_patient_the_user_is_the_patient(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    ada.post(members(clinic))
    assert (only(engine)["patient_id"], only(engine)["guardian_link_id"]) == (clinic.patient("ada"), None)


def test_a_user_without_a_record_must_name_the_patient(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = practice.post(members(clinic, "grace"))
    assert (answer.status, list(told(answer)["ModelState"])) == (400, ["model.PatientId"])
    assert rows(engine, Schedule) == []


def test_the_guardian_is_taken_from_the_link_and_not_from_the_body(maya: Caller, clinic: Clinic, engine: Engine) -> None:
    forged = {"GuardianId": uuid4(), "IsGuardian": 0, "GuardianName": "Nobody", "StatusId": 4, "ID": uuid4(), "Duration": 5, "FromUserID": uuid4()}
    answer = told(maya.post(members(clinic, "maya", PatientId=clinic.patient("leo"), **forged)))
    assert only(engine)["guardian_link_id"] == clinic.link("maya", "leo")
    assert {name: answer[name] for name in ("GuardianId", "GuardianName", "IsGuardian", "StatusId", "Duration")} == {
        "GuardianId": str(clinic.user("maya")),
        "GuardianName": "Maya Berg",
        "IsGuardian": 1,
        "StatusId": 2,
        "Duration": 30,
    }
    assert answer["ID"] != str(forged["ID"])


@pytest.mark.parametrize(
    ("absent", "present", "option"),
    [
        ({"EncounterTypeModeDurationId": None}, {"EncounterTypeId": "examination"}, "check-up"),
        ({"EncounterTypeModeDurationId": None, "SpecialityId": None}, {}, "check-up"),
        ({"SpecialityId": None}, {}, "check-up"),
    ],
)
def test_a_kind_of_visit_that_is_not_named_is_the_default(
    absent: dict[str, None], present: dict[str, str], option: str, ada: Caller, clinic: Clinic, engine: Engine
) -> None:
    named = {name: clinic.encounter_type(value) for name, value in present.items()}
    assert ada.post(members(clinic, **absent, **named)).status == 200
    assert only(engine)["visit_option_id"] == clinic.option(option)


def test_a_kind_of_visit_without_a_default_must_be_said(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, EncounterTypeModeDurationId=None, EncounterTypeId=clinic.encounter_type("advice")))
    assert (answer.status, list(told(answer)["ModelState"])) == (400, ["model.EncounterTypeModeDurationId"])
    assert rows(engine, Schedule) == []


def test_without_a_clinician_the_one_with_most_room_of_the_speciality_is_booked(
    ada: Caller, practice: Caller, clinic: Clinic, engine: Engine
) -> None:
    practice.post(members(clinic, "omar", AppointmentOn="2027-03-02T19:00:00Z"))
    assert told(ada.post(members(clinic, ProviderId=None)))["DoctorId"] == str(clinic.provider("novak"))
    assert_sound(engine)


def test_nothing_that_decides_a_clinician_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, ProviderId=None, SpecialityId=None))
    assert (answer.status, list(told(answer)["ModelState"])) == (400, ["model.ProviderId"])
    assert rows(engine, Schedule) == []


@pytest.mark.parametrize(
    ("sent", "instant", "answered"),
    [
        ("2027-03-02T15:00:00Z", TUESDAY, "2027-03-02T15:00:00Z"),
        ("2027-03-02T10:00:00", TUESDAY, "2027-03-02T10:00:00"),
        ("2027-03-02T20:30:00+05:30", TUESDAY, "2027-03-02T10:00:00-05:00"),
        ("2027-03-15T09:00:00", "2027-03-15T13:00:00Z", "2027-03-15T09:00:00"),
        ("2027-03-15T13:00:00+00:00", "2027-03-15T13:00:00Z", "2027-03-15T09:00:00-04:00"),
    ],
)
def test_a_time_means_what_it_says_and_comes_back_in_the_same_form(
    sent: str, instant: str, answered: str, ada: Caller, clinic: Clinic, engine: Engine
) -> None:
    answer = told(ada.post(members(clinic, AppointmentOn=sent)))
    assert (answer["AppointmentOn"], answer["AppointmentOnUTC"]) == (answered, instant)
    assert only(engine)["starts_at"] == datetime.fromisoformat(instant)


def test_a_wall_time_is_that_of_the_clinicians_facility(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    there = {"ProviderId": clinic.provider("rao"), "EncounterTypeModeDurationId": clinic.option("video")}
    ada.post(members(clinic, AppointmentOn="2027-03-02T09:40:00", **there))
    assert only(engine)["starts_at"] == datetime.fromisoformat("2027-03-02T04:10:00Z")


def test_a_wall_time_that_the_clocks_skip_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, AppointmentOn="2027-03-14T02:30:00"))
    assert (answer.status, told(answer)["ModelState"]) == (400, {"model.AppointmentOn": ["The clocks of the facility skip this time."]})
    assert rows(engine, Schedule) == []


@pytest.mark.parametrize("sent", ["0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999Z"])
@pytest.mark.parametrize("member", ["AppointmentOn", "SecondaryAppointmentOn"])
def test_the_ends_of_the_calendar_are_refused(sent: str, member: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, **{member: sent}))
    assert (answer.status, list(told(answer)["ModelState"])) == (400, [f"model.{member}"])
    assert rows(engine, Schedule) == []


def test_the_second_choice_is_tried_when_the_first_is_taken(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    practice.post(members(clinic, "omar"))
    answer = told(ada.post(members(clinic, SecondaryAppointmentOn=LATER)))
    assert (answer["AppointmentOn"], answer["SecondaryAppointmentOn"]) == (LATER, TUESDAY)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_same_request_again_gets_the_schedule_that_is_there(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answers = [ada.post(members(clinic)) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert len({answer.body for answer in answers}) == 1
    assert len(rows(engine, Schedule)) == 1


def test_the_same_instant_in_another_form_is_the_same_request_in_the_domain(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    first, again = ada.post(members(clinic)), ada.post(members(clinic, SpecialityId=str(clinic.speciality("family medicine")).upper()))
    assert told(first)["ID"] == told(again)["ID"]
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("changes", [{"Reason": "Something else"}, {"Note": "More"}, {"PaidAmount": 5}, {"DocIds": "a"}], ids=str)
def test_another_request_for_the_same_time_is_refused(changes: dict[str, object], ada: Caller, clinic: Clinic, engine: Engine) -> None:
    ada.post(members(clinic))
    assert ada.post(members(clinic, **changes)).status == 409
    assert len(rows(engine, Schedule)) == 1


def test_the_same_request_after_its_schedule_was_cancelled_books_anew(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    first = told(ada.post(members(clinic)))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(status=Status.CANCELLED))
        session.execute(delete(Occupancy))
    again = ada.post(members(clinic))
    assert (again.status, told(again)["ID"] != first["ID"]) == (200, True)


def test_the_same_words_by_another_user_are_another_request(app: Flask, maya: Caller, clinic: Clinic, engine: Engine) -> None:
    leo = {"PatientId": clinic.patient("leo")}
    grace = Caller(app, key_of(engine, clinic, "grace", NOW))
    assert maya.post(members(clinic, "maya", **leo)).status == 200
    assert grace.post(members(clinic, "grace", **leo)).status == 409


def test_all_problems_are_told_at_once(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, ProviderId=uuid4(), EncounterTypeModeDurationId=uuid4(), Reasons=[{"ReasonId": uuid4()}]))
    assert set(told(answer)["ModelState"]) == {"model.ProviderId", "model.EncounterTypeModeDurationId", "model.Reasons"}
    assert bookings(engine) == [[], [], []]


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\0", "x\0y", "\u2028\u2029\u0085", "\U0010ffff", "\ufffe"], ids=ascii)
def test_a_text_that_a_database_cannot_hold_is_held_as_near_as_it_can(text: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = ada.post(members(clinic, Reason=f"It hurts {text}", Note=text, DocIds=text))
    kept = "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)
    assert answer.status == 200
    assert (only(engine)["reason"], only(engine)["note"], told(answer)["Reason"]) == (f"It hurts {kept}", kept, f"It hurts {kept}")


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("amount", ["0", "19.99", "5.00", "79228162514264337593543950335", "-5", "0.0000000000000000000000000001"])
def test_an_amount_keeps_every_digit(amount: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    body = members(clinic)
    text = "{" + ",".join(f'"{name}":"{value}"' for name, value in body.items()) + f',"PaidAmount":{amount}}}'
    answer = ada.post(text)
    assert answer.status == 200
    assert f'"PaidAmount":{amount if "." in amount else amount + ".0"}' in answer.body
    assert (only(engine)["paid_at"] == NOW) is (float(amount) > 0)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize(
    ("member", "value"),
    [("MethodId", 2147483647), ("MethodId", -2147483648), ("DocIds", "x" * 20_000), ("IsCustomFormFlow", "x" * 20_000)],
    ids=["greatest", "least", "long", "longer"],
)
def test_a_member_at_its_limit_is_kept(member: str, value: object, ada: Caller, clinic: Clinic) -> None:
    assert ada.post(members(clinic, **{member: value})).status == 200


@pytest.mark.parametrize("count", [1, 3, 1000])
def test_many_reasons_are_known_or_refused(count: int, ada: Caller, clinic: Clinic) -> None:
    reasons = [{"ReasonId": clinic.reason(("fever", "cough", "rash")[place % 3])} for place in range(count)]
    assert ada.post(members(clinic, Reasons=reasons)).status == 200


def test_a_request_sent_within_the_notice_period_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    soon = (NOW + timedelta(minutes=119)).isoformat()
    assert ada.post(members(clinic, AppointmentOn=soon)).status == 400
    assert rows(engine, Schedule) == []
