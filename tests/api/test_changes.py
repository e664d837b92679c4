"""Cancelling and moving by the call: the whole Schedule, once, or why not."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, update

from portal.api.schedule import MEMBERS
from portal.storage.clinic import Account
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule, ScheduleChange
from tests.api.appointments import CANCEL, ELEVEN, MOVE, ON_BOTH, ONE, WEDNESDAY, booked, refused
from tests.api.caller import Caller, told
from tests.clinic import Clinic
from tests.stored import assert_sound, bookings, rows
from tests.web.client import Clock
from tests.web.visitor import TUESDAY


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


def test_both_write_the_history_that_people_read(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(ada, clinic)
    ada.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE)
    for _ in range(2):
        ada.post({"ID": schedule_id, "CancelReason": "Well again"}, CANCEL)
    made = sorted(rows(engine, ScheduleChange), key=lambda row: int(row["number"]))
    told_of = [(row["change"], row["starts_at"].isoformat(), row["changed_by"], row["reason"]) for row in made]
    ten, eleven, user = TUESDAY.replace("Z", "+00:00"), ELEVEN.replace("Z", "+00:00"), clinic.user("ada")
    assert told_of == [("booked", ten, user, None), ("moved", eleven, user, None), ("cancelled", eleven, user, "Well again")]


@pytest.mark.parametrize(
    ("path", "more", "rule"), [(CANCEL, {}, "cancel_notice_minutes"), (MOVE, {"AppointmentOn": WEDNESDAY}, "move_notice_minutes")]
)
def test_the_notice_that_the_practice_wants_is_kept(
    path: str, more: dict[str, object], rule: str, ada: Caller, clinic: Clinic, engine: Engine, clock: Clock
) -> None:
    schedule_id = booked(ada, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Account).values({"revision": Account.revision + 1, rule: 120}))
    before = bookings(engine)
    clock.now = datetime.fromisoformat(TUESDAY) - timedelta(minutes=119)
    said = "It is too late to change this appointment by a program; call the practice."
    assert refused(ada.post({"ID": schedule_id, **more}, path)) == (400, {"model.ID": [said]})
    assert bookings(engine) == before
    clock.now = datetime.fromisoformat(TUESDAY) - timedelta(minutes=120)
    assert ada.post({"ID": schedule_id, **more}, path).status == 200
