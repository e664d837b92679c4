"""The answer: the whole Schedule, member for member."""

import json

import pytest
from sqlalchemy import Engine, update

from portal.api.schedule import MEMBERS
from portal.storage.engine import begin_write, sessions
from portal.storage.people import Patient
from portal.storage.schedule import Schedule
from tests.api.caller import Caller, members, told
from tests.clinic import NOW, Clinic
from tests.stored import rows
from tests.web.visitor import TUESDAY

LATER = "2027-03-03T15:00:00Z"
UNKNOWN = [
    "PreferredPharmacyId",
    "CancelReason",
    "RoomNo",
    "Option",
    "CallType",
    "CallRefId",
    "VisitCode",
    "PayConceptId",
    "PatientHummyurl",
    "EncounterId",
    "SessionId",
]
PARENT = "c0a80101-0000-4000-8000-00000000000a"


def test_8_2_3_and_15_3_1_it_has_all_members_in_order_and_no_more(ada: Caller, clinic: Clinic) -> None:
    assert tuple(told(ada.post(members(clinic)))) == MEMBERS
    assert len(MEMBERS) == 87


def test_it_says_what_was_booked(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = told(ada.post(members(clinic, Note="Since Monday", SecondaryAppointmentOn=LATER, Reasons=[{"ReasonId": clinic.reason("fever")}])))
    [row] = rows(engine, Schedule)
    assert {name: value for name, value in answer.items() if value not in (None, [])} == {
        "ID": str(row["id"]),
        "FacilityId": str(clinic.facility("harbour")),
        "ResourceID": str(clinic.provider("chen")),
        "AppointmentTypeId": str(clinic.encounter_type("examination")),
        "EncounterTypeModeDurationId": str(clinic.option("check-up")),
        "FromUserType": "P",
        "FromUserID": str(clinic.user("ada")),
        "UserId": str(clinic.user("ada")),
        "Title": "Examination",
        "Reason": "It hurts",
        "Type": "Appointment",
        "AppointmentOn": TUESDAY,
        "SecondaryAppointmentOn": LATER,
        "FromDate": TUESDAY,
        "Duration": 30,
        "Note": "Since Monday",
        "ToDate": "2027-03-02T15:30:00Z",
        "StatusId": 2,
        "AppointmentCount": 0,
        "EncounterTypeModeId": 1,
        "Location": "1 Harbour Road",
        "SpecialityId": str(clinic.speciality("family medicine")),
        "DoctorId": str(clinic.provider("chen")),
        "AppointmentOnUTC": TUESDAY,
        "SecondaryAppointmentOnUTC": LATER,
        "PaidAmount": 0.0,
        "AccountId": str(clinic.account_id),
        "PatientId": str(clinic.patient("ada")),
        "IsGuardian": 0,
        "ReferenceId": row["reference"],
        "VisitMode": "In person",
        "Doctor": "Dr Chen",
        "ReasonId": str(clinic.reason("fever")),
        "DoctorTimeZone": "America/New_York",
        "PatientTimeZone": "America/New_York",
        "DoctorOffset": -300,
        "PatientOffset": -300,
        "UserOffset": -300,
        "DoctorZoneDate": "2027-03-02T10:00:00",
        "PortalType": "Patient",
        "StatusName": "Booked",
        "EncounterTypeId": str(clinic.encounter_type("examination")),
        "ModifiedBy": str(clinic.user("ada")),
        "ModifiedOn": "2027-03-01T08:00:00Z",
    }


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_nobody_knows_is_written_as_null(name: str, ada: Caller, clinic: Clinic) -> None:
    assert f'"{name}":null' in ada.post(members(clinic)).body


@pytest.mark.parametrize("name", ["DocIds", "ScheduleDetails", "Members", "customFormModel"])
def test_a_collection_without_entries_is_written_as_one(name: str, ada: Caller, clinic: Clinic) -> None:
    assert f'"{name}":[]' in ada.post(members(clinic)).body


def test_it_is_compact_and_in_utf_8(ada: Caller, clinic: Clinic) -> None:
    answer = ada.post(members(clinic, Reason="schmerzt \u00e4rgerlich \U0001f642"))
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert '"Reason":"schmerzt \u00e4rgerlich \U0001f642"' in answer.body
    assert answer.body == json.dumps(json.loads(answer.body), ensure_ascii=False, separators=(",", ":"))


def test_members_that_are_only_sent_along_come_back(ada: Caller, clinic: Clinic) -> None:
    sent = {"ParentId": PARENT, "ReferredParentId": PARENT, "ServiceId": PARENT, "MethodId": 7, "DocIds": "a, b,,c"}
    answer = told(ada.post(members(clinic, **sent)))
    assert (answer["ParentId"], answer["ParentScheduleId"], answer["PatientReferralId"], answer["ServiceId"]) == (PARENT,) * 4
    assert (answer["MethodId"], answer["PayMethodId"], answer["DocIds"]) == (7, 7, ["a", "b", "c"])


def test_an_amount_that_was_paid_has_a_date(ada: Caller, clinic: Clinic) -> None:
    answer = told(ada.post(members(clinic, PaidAmount=40)))
    assert (answer["PaidAmount"], answer["PaidDate"]) == (40.0, NOW.isoformat().replace("+00:00", "Z"))


def test_a_guardian_is_named(maya: Caller, clinic: Clinic) -> None:
    answer = told(maya.post(members(clinic, "maya", PatientId=clinic.patient("leo"))))
    named = ("FromUserType", "IsGuardian", "GuardianName", "GuardianId", "PrimaryPatient")
    assert [answer[name] for name in named] == ["G", 1, "Maya Berg", str(clinic.user("maya")), "Maya Berg"]


def test_a_visit_elsewhere_is_told_in_both_zones(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Patient).where(Patient.id == clinic.patient("ada")).values(time_zone="Europe/Dublin"))
    there = {"ProviderId": clinic.provider("rao"), "EncounterTypeModeDurationId": clinic.option("video")}
    answer = told(ada.post(members(clinic, AppointmentOn="2027-03-02T04:10:00Z", **there)))
    assert (answer["DoctorTimeZone"], answer["DoctorOffset"], answer["DoctorZoneDate"]) == ("Asia/Kolkata", 330, "2027-03-02T09:40:00")
    assert (answer["PatientTimeZone"], answer["PatientOffset"]) == ("Europe/Dublin", 0)
    assert (answer["VisitMode"], answer["EncounterTypeModeId"], answer["Location"]) == ("Video", 2, None)


@pytest.mark.parametrize("media_type", ["text/json", "text/*"])
def test_programs_that_ask_for_the_old_media_type_get_it(media_type: str, ada: Caller, clinic: Clinic) -> None:
    assert ada.post(members(clinic), Accept=media_type).headers["Content-Type"] == "text/json; charset=utf-8"


def test_a_form_gets_the_same_answer(ada: Caller, clinic: Clinic) -> None:
    body = "&".join(f"{name}={str(value).replace(' ', '+')}" for name, value in members(clinic).items())
    answer = ada.post(body, Content_Type="application/x-www-form-urlencoded")
    assert (answer.status, told(answer)["Reason"]) == (200, "It hurts")
