"""The calls about booked appointments: what they list, read, cancel and move, and for whom."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable, update

from portal.api.appointments import TAKE_MAX
from portal.api.schedule import MEMBERS
from portal.domain.guardianship import Act, LinkState
from portal.domain.schedule import Status
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, GuardianLink, User
from portal.storage.schedule import Schedule
from tests.api.caller import Caller, key_of, members, told
from tests.clinic import NOW, Clinic, key, schedule
from tests.conftest import ENGINES
from tests.stored import assert_sound, bookings, rows
from tests.web.client import Clock
from tests.web.page import Answer
from tests.web.visitor import TUESDAY

CALENDAR = "/api/Calendar/"
LIST, ONE = f"{CALENDAR}PatientAppointments", f"{CALENDAR}PatientAppointment"
CANCEL, MOVE = f"{CALENDAR}PatientAppointmentCancel", f"{CALENDAR}PatientAppointmentReschedule"
ELEVEN = "2027-03-02T16:00:00Z"
WEDNESDAY = "2027-03-03T15:00:00Z"
FORBIDDEN = (403, {"Message": "Authorization has been denied for this request."})
ON_BOTH = pytest.mark.parametrize("databases", ENGINES, indirect=True)


def booked(caller: Caller, clinic: Clinic, user: str = "ada", /, **changes: object) -> str:
    answer = caller.post(members(clinic, user, **changes))
    assert answer.status == 200
    return str(told(answer)["ID"])


def ids(answer: Answer) -> list[str]:
    assert answer.status == 200
    found: Any = told(answer)
    return [one["ID"] for one in found]


def refused(answer: Answer) -> tuple[int, dict[str, list[str]]]:
    return answer.status, told(answer)["ModelState"]


def fill(engine: Engine, clinic: Clinic, count: int, **columns: object) -> None:
    """Store so many appointments of Ada's, an hour after each other."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add_all(schedule(clinic, NOW + timedelta(hours=number), **columns) for number in range(count))


@ON_BOTH
def test_what_was_booked_is_listed_and_read_as_it_was_answered(ada: Caller, clinic: Clinic) -> None:
    answers = [told(ada.post(members(clinic, AppointmentOn=start))) for start in (WEDNESDAY, TUESDAY)]
    assert tuple(answers[0]) == MEMBERS
    listed: Any = told(ada.get(LIST))
    assert listed == answers[::-1]
    assert [told(ada.get(ONE, ID=answer["ID"])) for answer in answers] == answers


def test_nothing_booked_is_an_empty_list(ada: Caller) -> None:
    assert ada.get(LIST).body == "[]"


def test_cancelled_and_past_ones_are_listed_too(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    past, off = booked(ada, clinic), booked(ada, clinic, AppointmentOn=WEDNESDAY)
    ada.post({"ID": off}, CANCEL)
    clock.passes(days=7)
    assert ids(ada.get(LIST)) == [past, off]
    assert [told(ada.get(ONE, ID=one))["StatusName"] for one in (past, off)] == ["Booked", "Cancelled"]


def test_a_guardian_sees_all_who_are_theirs_or_the_one_who_is_named(maya: Caller, ada: Caller, clinic: Clinic) -> None:
    leo = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    own = booked(maya, clinic, "maya", AppointmentOn=ELEVEN)
    booked(ada, clinic, AppointmentOn=WEDNESDAY)
    assert ids(maya.get(LIST)) == [leo, own]
    assert ids(maya.get(LIST, PatientId=clinic.patient("leo"))) == [leo]
    assert ids(maya.get(LIST, PatientId=clinic.patient("nia"))) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"From": "2027-03-01T10:00:00Z"}, [2, 3, 4]),
        ({"To": "2027-03-01T10:00:00Z"}, [0, 1]),
        ({"From": "2027-03-01T04:00:00", "To": "2027-03-01T06:00:00"}, [1, 2]),
        ({"From": "2027-03-01T14:30:00+05:30", "To": "2027-03-01T11:00:00Z"}, [1, 2]),
        ({"From": "2027-03-02"}, []),
        ({"From": "2027-03-01", "To": "2027-03-02"}, [0, 1, 2, 3, 4]),
        ({"From": "2027-03-02", "To": "2027-03-01"}, []),
        ({"From": "0001-01-01T00:00:00+14:00", "To": "9999-12-31T23:59:59-14:00"}, [0, 1, 2, 3, 4]),
        ({"Take": 2}, [0, 1]),
        ({"Skip": 2, "Take": 2}, [2, 3]),
        ({"Skip": 4, "Take": TAKE_MAX}, [4]),
        ({"Skip": 2**31 - 1}, []),
        ({"from": "2027-03-01T10:00:00Z", "take": "1"}, [2]),
    ],
    ids=str,
)
@ON_BOTH
def test_a_part_of_the_list_can_be_asked_for(query: dict[str, object], expected: list[int], ada: Caller, clinic: Clinic, engine: Engine) -> None:
    fill(engine, clinic, 5)
    whole = ids(ada.get(LIST))
    assert ids(ada.get(LIST, query)) == [whole[place] for place in expected]


def test_a_list_is_never_longer_than_it_may_be(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    fill(engine, clinic, TAKE_MAX + 1)
    assert (len(ids(ada.get(LIST))), len(ids(ada.get(LIST, Skip=TAKE_MAX)))) == (TAKE_MAX, 1)


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ({"Take": 0}, {"query.Take": ["The field Take must be between 1 and 200."]}),
        ({"Take": TAKE_MAX + 1}, {"query.Take": ["The field Take must be between 1 and 200."]}),
        ({"Skip": -1}, {"query.Skip": ["The field Skip must be 0 or more."]}),
        ({"From": "soon"}, {"query.From": ["The value 'soon' is not valid for From."]}),
        ({"PatientId": "me"}, {"query.PatientId": ["The value 'me' is not valid for PatientId."]}),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_is_refused(query: dict[str, object], state: dict[str, list[str]], ada: Caller) -> None:
    assert refused(ada.get(LIST, query)) == (400, state)


@pytest.mark.parametrize("query", [{}, {"ID": ""}, {"ID": "x"}], ids=str)
def test_to_read_one_its_id_is_needed(query: dict[str, object], ada: Caller) -> None:
    status, state = refused(ada.get(ONE, query))
    assert (status, "query.ID" in state) == (400, True)


@ON_BOTH
def test_a_cancelled_appointment_says_so_and_frees_its_time(ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(ada, clinic)
    answer = ada.post({"ID": schedule_id, "CancelReason": "Well again"}, CANCEL)
    said = told(answer)
    assert (answer.status, tuple(said)) == (200, MEMBERS)
    assert (said["ID"], said["StatusId"], said["StatusName"], said["CancelReason"]) == (schedule_id, 5, "Cancelled", "Well again")
    assert told(ada.get(ONE, ID=schedule_id)) == said
    assert booked(practice, clinic, "omar") != schedule_id
    assert_sound(engine)


def test_cancelling_again_answers_the_same(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(ada, clinic)
    first = ada.post({"ID": schedule_id, "CancelReason": "Well again"}, CANCEL)
    clock.passes(days=3)
    assert [ada.post({"ID": schedule_id, **more}, CANCEL).body for more in ({}, {"CancelReason": "Another"})] == [first.body] * 2


def test_the_same_booking_after_it_was_cancelled_is_a_new_one(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    first = booked(ada, clinic)
    ada.post({"ID": first}, CANCEL)
    assert booked(ada, clinic) != first
    assert_sound(engine)


@pytest.mark.parametrize(
    ("reason", "status"), [("x" * 250, 200), ("x" * 251, 400), ("\U0001f642" * 125, 200), ("\U0001f642" * 126, 400), (None, 200), ("", 200), (7, 200)]
)
def test_a_reason_has_its_length(reason: object, status: int, ada: Caller, clinic: Clinic) -> None:
    schedule_id = booked(ada, clinic)
    answer = ada.post({"ID": schedule_id, "CancelReason": reason}, CANCEL)
    assert answer.status == status
    if status == 400:
        text = "The field CancelReason must be a string with a maximum length of 250."
        assert told(answer)["ModelState"] == {"model.CancelReason": [text]}


@ON_BOTH
def test_a_moved_appointment_keeps_its_id_and_tells_where_it_was(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(ada, clinic, SecondaryAppointmentOn=WEDNESDAY)
    answer = ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE)
    said = told(answer)
    assert (answer.status, tuple(said)) == (200, MEMBERS)
    assert {name: said[name] for name in ("ID", "AppointmentOn", "AppointmentOnUTC", "ToDate", "SecondaryAppointmentOn", "StatusName")} == {
        "ID": schedule_id,
        "AppointmentOn": ELEVEN,
        "AppointmentOnUTC": ELEVEN,
        "ToDate": "2027-03-02T16:30:00Z",
        "SecondaryAppointmentOn": None,
        "StatusName": "Booked",
    }
    assert (said["OldAppointmentOn"], said["OldAppointmentOnUTC"], said["OldSecondaryAppointmentOnUTC"]) == (TUESDAY, TUESDAY, WEDNESDAY)
    assert told(ada.get(ONE, ID=schedule_id)) == said
    assert len(rows(engine, Schedule)) == 1
    assert_sound(engine)


def test_each_time_comes_back_in_the_form_in_which_it_was_sent(ada: Caller, clinic: Clinic) -> None:
    schedule_id = booked(ada, clinic, AppointmentOn="2027-03-02T10:00:00")
    said = told(ada.post({"ID": schedule_id, "AppointmentOn": "2027-03-15T18:30:00+05:30"}, MOVE))
    assert (said["AppointmentOn"], said["AppointmentOnUTC"]) == ("2027-03-15T09:00:00-04:00", "2027-03-15T13:00:00Z")
    assert (said["OldAppointmentOn"], said["OldAppointmentOnUTC"]) == ("2027-03-02T10:00:00", TUESDAY)


def test_the_second_choice_is_given_when_the_first_is_taken(ada: Caller, practice: Caller, clinic: Clinic) -> None:
    schedule_id, _ = booked(ada, clinic), booked(practice, clinic, "omar", AppointmentOn=ELEVEN)
    said = told(ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN, "SecondaryAppointmentOn": "2027-03-03T10:00:00"}, MOVE))
    assert (said["AppointmentOn"], said["SecondaryAppointmentOn"], said["AppointmentOnUTC"]) == ("2027-03-03T10:00:00", ELEVEN, WEDNESDAY)


@ON_BOTH
def test_a_taken_time_keeps_the_old_and_tells_the_nearest(ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id, _ = booked(ada, clinic), booked(practice, clinic, "omar", AppointmentOn=ELEVEN)
    before = bookings(engine)
    answer = ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE)
    assert (answer.status, told(answer)) == (
        409,
        {
            "Message": "This time has been taken.",
            "ModelState": {"model.AppointmentOn": ["This time has been taken."]},
            "Code": "time_taken",
            "Alternatives": ["2027-03-02T14:30:00Z", "2027-03-02T14:45:00Z", "2027-03-02T15:15:00Z"],
        },
    )
    assert bookings(engine) == before
    assert [ada.post({"ID": schedule_id, "AppointmentOn": one}, MOVE).status for one in told(answer)["Alternatives"]] == [200] * 3


def test_the_same_move_again_answers_the_same(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    schedule_id = booked(ada, clinic)
    first = ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE)
    clock.passes(hours=1)
    assert ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE).body == first.body


def test_all_that_is_wrong_with_the_times_is_told_at_once(ada: Caller, clinic: Clinic) -> None:
    schedule_id = booked(ada, clinic)
    times = {"AppointmentOn": "2027-02-01T15:00:00Z", "SecondaryAppointmentOn": "2027-03-07T15:00:00Z"}
    assert refused(ada.post({"ID": schedule_id, **times}, MOVE)) == (
        400,
        {"model.AppointmentOn": ["This time has passed."], "model.SecondaryAppointmentOn": ["The provider does not work at this time."]},
    )


def test_what_is_cancelled_or_past_is_refused_in_plain_words(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    off, past = booked(ada, clinic), booked(ada, clinic, AppointmentOn=WEDNESDAY)
    ada.post({"ID": off}, CANCEL)
    assert refused(ada.post({"ID": off, "AppointmentOn": ELEVEN}, MOVE)) == (400, {"model.ID": ["This appointment has been cancelled."]})
    clock.now = datetime.fromisoformat(WEDNESDAY)
    over = (400, {"model.ID": ["This appointment has begun or is over."]})
    assert refused(ada.post({"ID": past, "AppointmentOn": "2027-03-04T15:00:00Z"}, MOVE)) == over
    assert refused(ada.post({"ID": past}, CANCEL)) == over


@pytest.mark.parametrize(
    ("path", "body", "keys"),
    [
        (CANCEL, {}, {"model"}),
        (CANCEL, {"ID": "x"}, {"model.ID"}),
        (MOVE, {"ID": str(uuid4())}, {"model"}),
        (MOVE, {"ID": str(uuid4()), "AppointmentOn": "soon"}, {"model.AppointmentOn", "model"}),
        (MOVE, {"ID": None, "AppointmentOn": WEDNESDAY, "SecondaryAppointmentOn": "x"}, {"model.ID", "model.SecondaryAppointmentOn"}),
    ],
)
def test_a_body_is_judged_as_everywhere(path: str, body: dict[str, object], keys: set[str], ada: Caller) -> None:
    status, state = refused(ada.post(body, path))
    assert (status, set(state)) == (400, keys)


def test_a_form_does_the_same(ada: Caller, clinic: Clinic) -> None:
    schedule_id, form = booked(ada, clinic), "application/x-www-form-urlencoded"
    moved = ada.post(f"id={schedule_id}&AppointmentOn=3%2F2%2F2027+11:00:00+AM", MOVE, Content_Type=form)
    assert (moved.status, told(moved)["AppointmentOnUTC"]) == (200, ELEVEN)
    cancelled = ada.post(f"ID={schedule_id}&CancelReason=Well+again", CANCEL, Content_Type=form)
    assert (cancelled.status, told(cancelled)["CancelReason"]) == (200, "Well again")


def everything(caller: Caller, schedule_id: object, **who: object) -> list[tuple[int, object]]:
    """Return what reading, cancelling and moving one appointment come to."""
    answers = [
        caller.get(ONE, {"ID": schedule_id, **who}),
        caller.post({"ID": schedule_id, "AppointmentOn": ELEVEN, **who}, MOVE),
        caller.post({"ID": schedule_id, **who}, CANCEL),
    ]
    return [(answer.status, told(answer)) for answer in answers]


def test_anothers_appointment_looks_like_one_that_is_not_there(app: Flask, ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    theirs, own = booked(practice, clinic, "omar"), booked(ada, clinic, AppointmentOn=WEDNESDAY)
    zoe = Caller(app, key_of(engine, clinic, "zoe", NOW, key("account", "elsewhere")))
    before = bookings(engine)
    assert [everything(ada, theirs), everything(ada, uuid4()), everything(zoe, own)] == [[FORBIDDEN] * 3] * 3
    assert bookings(engine) == before


def test_another_patient_is_refused_whether_they_exist_or_not(ada: Caller, clinic: Clinic) -> None:
    answers = [ada.get(LIST, PatientId=patient) for patient in (clinic.patient("omar"), clinic.patient("leo"), clinic.patient("zoe"), uuid4())]
    assert [(answer.status, told(answer)) for answer in answers] == [FORBIDDEN] * 4


def test_a_key_of_the_account_must_say_for_whom(practice: Caller, ada: Caller, clinic: Clinic) -> None:
    schedule_id = booked(ada, clinic)
    assert everything(practice, schedule_id) == [FORBIDDEN] * 3
    assert practice.get(LIST).status == 403
    assert ids(practice.get(LIST, UserId=clinic.user("ada"))) == [schedule_id]
    assert [status for status, _ in everything(practice, schedule_id, UserId=clinic.user("ada"), AccountId=clinic.account_id)] == [200, 200, 200]


@pytest.mark.parametrize("who", ["another user", "nobody", "a user of another account", "another account"])
def test_a_key_acts_for_nobody_else(who: str, ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(ada, clinic)
    before = bookings(engine)
    named: dict[str, dict[str, object]] = {
        "another user": {"UserId": clinic.user("omar")},
        "nobody": {"UserId": uuid4()},
        "a user of another account": {"UserId": clinic.user("zoe")},
        "another account": {"UserId": clinic.user("ada"), "AccountId": key("account", "elsewhere")},
    }
    for caller in (ada, practice):
        assert [*everything(caller, schedule_id, **named[who])] == [FORBIDDEN] * 3
    assert ada.get(LIST, named[who]).status == 403
    assert bookings(engine) == before


@pytest.mark.parametrize(
    ("acts", "statuses"),
    [
        ((Act.SEE,), [200, 403, 403]),
        ((Act.SEE, Act.BOOK), [200, 200, 403]),
        ((Act.SEE, Act.CANCEL), [200, 403, 200]),
        ((Act.BOOK, Act.CANCEL), [403, 403, 403]),
        (tuple(Act), [200, 200, 200]),
    ],
    ids=str,
)
def test_a_guardian_does_what_the_link_allows(acts: tuple[Act, ...], statuses: list[int], maya: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).values(scopes=" ".join(acts)))
    assert ids(maya.get(LIST)) == ([schedule_id] if Act.SEE in acts else [])
    assert [status for status, _ in everything(maya, schedule_id)] == statuses


MEANWHILE: dict[str, tuple[Executable, int]] = {
    "the key has been revoked": (update(ApiKey).values(revoked_at=NOW), 401),
    "the user has been shut out": (update(User).values(active=False), 403),
    "the guardian's link has ended": (update(GuardianLink).values(state=LinkState.ENDED), 403),
    "the appointment has been cancelled": (update(Schedule).values(status=Status.CANCELLED), 400),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_moves_when_in_that_moment(what: str, maya: Caller, clinic: Clinic, engine: Engine, meanwhile: Callable[[Executable], None]) -> None:
    schedule_id = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    change, status = MEANWHILE[what]
    meanwhile(change)
    assert maya.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE).status == status
    assert [row["starts_at"] for row in rows(engine, Schedule)] == [datetime.fromisoformat(TUESDAY)]


@pytest.mark.parametrize("path", [LIST, ONE, CANCEL, MOVE])
def test_another_method_is_refused(path: str, ada: Caller) -> None:
    answer = ada.post({}, path) if path in (LIST, ONE) else ada.get(path)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET" if path in (LIST, ONE) else "POST")
