"""What an account offers, as programs read it: the entries of their pickers, and the open times of some days."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, update

from portal.api.model import Kind, Model
from portal.api.offer_answers import AVAILABLE_TIMES, BOOKING_OPTIONS
from portal.storage.engine import begin_write, sessions
from portal.storage.people import User
from tests.api.caller import Caller, key_of, members, told
from tests.clinic import NOW, ZONES, Clinic, key
from tests.conftest import ENGINES
from tests.web.visitor import TUESDAY

OPTIONS = "/api/Calendar/BookingOptions"
TIMES = "/api/Calendar/AvailableTimes"


def wanted(clinic: Clinic, **changes: object) -> dict[str, object]:
    """Return a question for Dr Chen's times on a Tuesday, changed as wanted; None leaves a member out."""
    plain = {
        "ProviderId": clinic.provider("chen"),
        "EncounterTypeModeDurationId": clinic.option("check-up"),
        "From": "2027-03-02",
        "To": "2027-03-02",
    }
    return {**plain, **changes}


def days(caller: Caller, question: dict[str, object]) -> list[dict[str, Any]]:
    answer = caller.get(TIMES, question)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = told(answer)["Days"]
    return found


def starts(caller: Caller, question: dict[str, object]) -> list[str]:
    return [time["AppointmentOnUTC"] for day in days(caller, question) for time in day["Times"]]


def assert_shaped(value: object, model: Model) -> None:
    """Assert that an object has exactly the members of its description, all the way down."""
    assert isinstance(value, dict)
    assert list(value) == [member.name for member in model.members]
    for member in model.members:
        assert member.nullable or value[member.name] is not None
        if member.kind is Kind.COLLECTION and member.model and member.model.members:
            assert value[member.name]
            for item in value[member.name]:
                assert_shaped(item, member.model)


def refused_for(caller: Caller, question: dict[str, object] | str) -> list[str]:
    answer = caller.get(TIMES, question)
    assert answer.status == 400
    return list(told(answer)["ModelState"])


@pytest.mark.parametrize("whose", ["ada", "practice"])
def test_options_are_those_of_the_account(whose: str, request: pytest.FixtureRequest, clinic: Clinic) -> None:
    answer = told(request.getfixturevalue(whose).get(OPTIONS))
    assert_shaped(answer, BOOKING_OPTIONS)
    assert (answer["AccountId"], answer["AccountName"]) == (str(clinic.account_id), "Riverside")
    assert [facility["TimeZone"] for facility in answer["Facilities"]] == list(ZONES.values())
    assert [reason["Code"] for reason in answer["Reasons"]] == ["R1", "R2", "R3"]
    assert answer["Providers"][1] == {
        "Id": str(clinic.provider("novak")),
        "Name": "Dr Novak",
        "FacilityId": str(clinic.facility("harbour")),
        "SpecialityIds": [str(clinic.speciality("paediatrics")), str(clinic.speciality("family medicine"))],
        "DefaultEncounterTypeModeDurationId": str(clinic.option("check-up")),
    }
    assert [kind["DefaultEncounterTypeModeDurationId"] for kind in answer["EncounterTypes"]] == [str(clinic.option("check-up")), None]
    assert answer["EncounterTypeModeDurations"][0] == {
        "Id": str(clinic.option("check-up")),
        "EncounterTypeId": str(clinic.encounter_type("examination")),
        "EncounterTypeModeId": 1,
        "VisitMode": "In person",
        "Duration": 30,
        "Fee": 40.00,
        "NoticeMinutes": 120,
        "HorizonDays": 60,
        "ProviderIds": [str(clinic.provider(name)) for name in ("chen", "novak", "rao", "byrne")],
    }


def test_a_fee_keeps_its_scale(ada: Caller) -> None:
    assert '"Fee":40.00' in ada.get(OPTIONS).body


def test_another_account_has_nothing_of_this_one(app: Flask, clinic: Clinic, engine: Engine) -> None:
    theirs = Caller(app, key_of(engine, clinic, None, NOW, key("account", "elsewhere")))
    answer = told(theirs.get(OPTIONS))
    assert (answer["AccountName"], answer["Providers"], answer["Facilities"], answer["Reasons"]) == ("Elsewhere", [], [], [])
    assert refused_for(theirs, wanted(clinic)) == ["query.EncounterTypeModeDurationId", "query.ProviderId"]
    assert refused_for(theirs, wanted(clinic, ProviderId=None, SpecialityId=clinic.speciality("paediatrics"))) == [
        "query.EncounterTypeModeDurationId",
        "query.SpecialityId",
    ]


@pytest.mark.parametrize("path", [OPTIONS, TIMES])
def test_a_user_who_was_shut_out_learns_nothing(path: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).values(active=False))
    assert ada.get(path, wanted(clinic)).status == 403


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_day_has_its_times_as_instants_and_on_the_facilitys_clock(ada: Caller, clinic: Clinic) -> None:
    answer = told(ada.get(TIMES, wanted(clinic)))
    assert_shaped(answer, AVAILABLE_TIMES)
    assert (answer["EncounterTypeModeDurationId"], answer["Duration"]) == (str(clinic.option("check-up")), 30)
    [day] = answer["Days"]
    assert (day["Date"], day["State"], len(day["Times"])) == ("2027-03-02T00:00:00", "Open", 26)
    assert day["Times"][0] == {
        "AppointmentOn": "2027-03-02T09:00:00",
        "AppointmentOnUTC": "2027-03-02T14:00:00Z",
        "FacilityId": str(clinic.facility("harbour")),
        "ProviderIds": [str(clinic.provider("chen"))],
    }


def test_every_time_offered_can_be_booked_as_it_is_written(practice: Caller, clinic: Clinic) -> None:
    times = days(practice, wanted(clinic, PatientId=clinic.patient("ada")))[0]["Times"]
    for user, time, name in (("ada", times[0], "AppointmentOnUTC"), ("omar", times[-1], "AppointmentOn")):
        answer = practice.post(members(clinic, user, AppointmentOn=time[name]))
        assert (answer.status, told(answer)["AppointmentOnUTC"]) == (200, time["AppointmentOnUTC"])


def test_what_is_booked_is_not_offered(practice: Caller, clinic: Clinic) -> None:
    assert TUESDAY in starts(practice, wanted(clinic))
    practice.post(members(clinic, "omar"))
    assert TUESDAY not in starts(practice, wanted(clinic))


def test_a_speciality_is_answered_with_who_has_each_time(practice: Caller, clinic: Clinic) -> None:
    practice.post(members(clinic, "omar"))
    question = wanted(clinic, ProviderId=None, SpecialityId=clinic.speciality("family medicine"))
    found = {time["AppointmentOnUTC"]: time for time in days(practice, question)[0]["Times"]}
    assert list(found) == sorted(found)
    assert found[TUESDAY]["ProviderIds"] == [str(clinic.provider("novak"))]
    assert found["2027-03-02T16:30:00Z"]["ProviderIds"] == [str(clinic.provider(name)) for name in ("chen", "novak")]
    in_pune = found["2027-03-02T03:30:00Z"]
    assert (in_pune["ProviderIds"], in_pune["AppointmentOn"]) == ([str(clinic.provider("rao"))], "2027-03-02T09:00:00")


def test_one_instant_at_two_facilities_is_two_times(practice: Caller, clinic: Clinic) -> None:
    question = wanted(clinic, ProviderId=None, SpecialityId=clinic.speciality("paediatrics"))
    found = [time for time in days(practice, question)[0]["Times"] if time["AppointmentOnUTC"] == TUESDAY]
    assert {(time["FacilityId"], time["AppointmentOn"]) for time in found} == {
        (str(clinic.facility("harbour")), "2027-03-02T10:00:00"),
        (str(clinic.facility("quay")), "2027-03-02T15:00:00"),
    }


def test_a_patients_own_bookings_count_when_the_patient_is_named(maya: Caller, practice: Caller, clinic: Clinic) -> None:
    practice.post(members(clinic, "grace", PatientId=clinic.patient("leo"), ProviderId=clinic.provider("novak")))
    assert TUESDAY in starts(maya, wanted(clinic))
    assert TUESDAY in starts(maya, wanted(clinic, PatientId=clinic.patient("nia")))
    for caller in (maya, practice):
        assert TUESDAY not in starts(caller, wanted(clinic, PatientId=clinic.patient("leo")))


def test_another_patient_is_refused_whether_they_exist_or_not(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    for caller, patients in ((ada, ("leo", "omar", "zoe")), (practice, ("zoe",))):
        for patient in (*map(clinic.patient, patients), uuid4()):
            answer = caller.get(TIMES, wanted(clinic, PatientId=patient))
            assert (answer.status, list(told(answer))) == (403, ["Message"])


def test_a_visit_that_is_not_named_is_the_default(ada: Caller, clinic: Clinic) -> None:
    answer = told(ada.get(TIMES, wanted(clinic, ProviderId=clinic.provider("rao"), EncounterTypeModeDurationId=None)))
    assert (answer["EncounterTypeModeDurationId"], answer["Duration"]) == (str(clinic.option("video")), 20)


def test_names_are_read_in_any_case_and_others_ignored(ada: Caller, clinic: Clinic) -> None:
    question = {name.lower(): value for name, value in wanted(clinic).items()}
    assert len(starts(ada, {**question, "Nonsense": "1"})) == 26


def test_a_day_says_why_it_has_no_times(ada: Caller, clinic: Clinic) -> None:
    states = {day["Date"][:10]: day["State"] for day in days(ada, wanted(clinic, From="2027-02-28", To="2027-03-08"))}
    assert [states[day] for day in ("2027-02-28", "2027-03-01", "2027-03-06", "2027-03-08")] == ["TooSoon", "Open", "Off", "Open"]
    assert {day["State"] for day in days(ada, wanted(clinic, From="2027-05-01", To="2027-05-31"))} == {"TooFar"}


@pytest.mark.parametrize(("length", "status"), [(1, 200), (31, 200), (32, 400), (10_000, 400)])
def test_at_most_31_days_are_answered(length: int, status: int, ada: Caller, clinic: Clinic) -> None:
    last = date(2027, 3, 2) + timedelta(days=length - 1)
    answer = ada.get(TIMES, wanted(clinic, To=last.isoformat()))
    assert answer.status == status
    if status == 200:
        assert len(told(answer)["Days"]) == length
    else:
        assert told(answer)["ModelState"] == {"query.To": ["At most 31 days can be asked for at a time."]}


def test_instants_ask_for_the_times_between_them(ada: Caller, clinic: Clinic) -> None:
    between = wanted(clinic, From="2027-03-02T15:00:00Z", To="2027-03-02T10:30:00-05:00")
    assert starts(ada, between) == ["2027-03-02T15:00:00Z", "2027-03-02T15:15:00Z", "2027-03-02T15:30:00Z"]


def test_days_follow_the_facilitys_clock_through_a_change(ada: Caller, clinic: Clinic) -> None:
    found = days(ada, wanted(clinic, From="2027-03-12", To="2027-03-15"))
    assert [day["Times"][0]["AppointmentOnUTC"][11:] for day in found if day["Times"]] == ["14:00:00Z", "13:00:00Z"]
    assert {day["Times"][0]["AppointmentOn"][11:] for day in found if day["Times"]} == {"09:00:00"}


QUESTIONS: dict[str, tuple[dict[str, object], list[str]]] = {
    "no days": ({"From": None, "To": None}, ["query.From", "query.To"]),
    "an empty day": ({"From": ""}, ["query.From"]),
    "a day that is none": ({"From": "2027-02-30"}, ["query.From"]),
    "a day with lone bytes": ({"To": "\ufffd\0"}, ["query.To"]),
    "the days in the wrong order": ({"To": "2027-03-01"}, ["query.To"]),
    "nobody": ({"ProviderId": None}, ["query.ProviderId"]),
    "nobody, for nothing": ({"ProviderId": None, "EncounterTypeModeDurationId": None}, ["query.ProviderId"]),
    "an unknown clinician": ({"ProviderId": key("provider", "nobody")}, ["query.ProviderId"]),
    "an unknown speciality": ({"ProviderId": None, "SpecialityId": key("speciality", "none")}, ["query.SpecialityId"]),
    "an unknown visit": ({"EncounterTypeModeDurationId": key("visit_option", "none")}, ["query.EncounterTypeModeDurationId"]),
    "an id that is none": ({"ProviderId": "\u0661" * 32}, ["query.ProviderId"]),
    "all of time": ({"From": "0001-01-01T00:00:00Z", "To": "9999-12-31T23:59:59.9999999Z"}, ["query.To"]),
}


@pytest.mark.parametrize("what", QUESTIONS)
def test_a_question_is_refused_for(what: str, ada: Caller, clinic: Clinic) -> None:
    changes, state = QUESTIONS[what]
    assert refused_for(ada, wanted(clinic, **changes)) == state


@pytest.mark.parametrize("query", ["", "&&=&", "%", "From=%ff%00&To=[", "From[0]=1&To[]=2", "x" * 5000])
def test_a_query_that_asks_nothing_is_refused(query: str, ada: Caller) -> None:
    assert refused_for(ada, query)


@pytest.mark.parametrize("zone", ["", "Z", "+14:00", "-14:00"])
@pytest.mark.parametrize("day", ["0001-01-01", "0001-01-02", "9999-12-30", "9999-12-31"])
def test_the_ends_of_the_calendar_have_no_times(day: str, zone: str, ada: Caller, clinic: Clinic) -> None:
    moment = f"{day}T12:00:00{zone}"
    assert [found["Times"] for found in days(ada, wanted(clinic, From=moment, To=moment))] == [[]]


def test_a_longer_time_goes_by_and_the_same_days_are_past(ada: Caller, clinic: Clinic) -> None:
    assert starts(ada, wanted(clinic, From="2027-03-01T00:00:00", To="2027-03-01T23:59:59"))[0] == "2027-03-01T14:00:00Z"
    soon = datetime.fromisoformat("2027-03-01T16:00:00Z")
    assert all(datetime.fromisoformat(start) <= soon for start in starts(ada, wanted(clinic, From="2027-03-01", To=soon.isoformat())))
