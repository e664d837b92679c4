"""What is written down of each change: whose, by whom, for whom, of what; and nothing where nothing was changed."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.domain.audit import Deed, Door, Origin
from portal.domain.custom_forms import FormAnswers
from portal.domain.guardianship import Act
from portal.domain.moving import MoveRequest
from portal.domain.payments import PaymentReport
from portal.domain.programs import Program
from portal.services import audit, booking, custom_forms, payments
from portal.services.audit import Done
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.clinic import NOW, Clinic, key
from tests.racing import together
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, allow, book, booked, cancel, move, write
from tests.stored import assert_chained, assert_sound, audit_rows, rows

CANARY = "canary-haemorrhoids"
PEOPLE = ("ada", "omar", "maya")
ROUNDS = 6
HOUR = timedelta(hours=1)


def told(engine: Engine, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in audit_rows(engine)]


def test_16_2_1_a_booking_says_who_what_when_and_from_where(engine: Engine, clinic: Clinic) -> None:
    actor = replace(clinic.actor("ada"), origin=Origin(Door.CALL, "203.0.113.7", "k4t9wz2m"))
    with sessions(engine).begin() as session:
        begin_write(session)
        outcome = booking.book(session, actor, clinic.request("ada", "ada", TEN), NOW)
    assert isinstance(outcome, booking.Booked)
    [row] = audit_rows(engine)
    assert (row["patient_id"], row["number"], row["at"]) == (clinic.patient("ada"), 1, NOW)
    assert (row["actor_id"], row["link_id"], row["deed"], row["object_id"]) == (clinic.user("ada"), None, "booked", outcome.schedule_id)
    assert (row["door"], row["address"], row["key_id"]) == ("call", "203.0.113.7", "k4t9wz2m")
    assert_chained(engine)


def test_what_a_guardian_does_names_the_link(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN), "maya")
    cancel(engine, clinic, schedule_id, "maya")
    link = clinic.link("maya", "leo")
    assert told(engine, "deed", "link_id", "detail") == [("booked", link, ""), ("moved", link, ELEVEN.isoformat()), ("cancelled", link, "")]
    assert_chained(engine)


def test_what_changes_nothing_adds_no_row(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    book(engine, clinic, "ada", "ada", TEN)
    for _ in range(2):
        move(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    for _ in range(2):
        cancel(engine, clinic, schedule_id)
    assert told(engine, "deed") == [("booked",), ("moved",), ("cancelled",)]


def test_what_is_refused_adds_no_row(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    before = audit_rows(engine)
    book(engine, clinic, "omar", "omar", TEN)
    book(engine, clinic, "omar", "ada", ELEVEN)
    cancel(engine, clinic, schedule_id, "omar")
    allow(engine, clinic, Act.SEE)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN), "maya")
    assert audit_rows(engine) == before


@pytest.mark.parametrize("user", [None, "maya"])
def test_a_program_is_written_down_as_its_user_or_as_the_practice(user: str | None, engine: Engine, clinic: Clinic) -> None:
    schedule_id, origin = booked(engine, clinic, "leo"), Origin(Door.CALL, "203.0.113.7", "k4t9wz2m")
    program = Program(clinic.account_id, replace(clinic.actor(user), origin=origin) if user else None, origin)
    report = PaymentReport(currency="USD", status="Paid", type="Card", transaction_no="T-1")
    form = FormAnswers(key("custom form", "intake"), schedule_id, clinic.patient("leo"), (), CANARY, None, None, None, 1, None, 1, 0)
    with sessions(engine).begin() as session:
        begin_write(session)
        for _ in range(2):
            payments.record(session, program, schedule_id, report, NOW)
        custom_forms.save(session, program, form, None, NOW)
    by = (clinic.user("maya"), clinic.link("maya", "leo")) if user else (None, None)
    expected = [(deed, schedule_id, *by, "k4t9wz2m") for deed in ("recorded_payment", "saved_form")]
    assert told(engine, "deed", "object_id", "actor_id", "link_id", "key_id")[1:] == expected


def test_16_2_5_no_words_about_health_are_written_down(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, reason=CANARY, note=CANARY)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    cancel(engine, clinic, schedule_id, reason=CANARY)
    assert len(audit_rows(engine)) == 3
    assert CANARY not in str(audit_rows(engine))


def test_a_private_appointment_is_written_down_as_private(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    write(engine, private=True)
    cancel(engine, clinic, schedule_id)
    assert told(engine, "deed", "private") == [("booked", False), ("cancelled", True)]


def test_a_booking_that_is_undone_leaves_no_row(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine)() as session:
        begin_write(session)
        booking.book(session, clinic.actor("ada"), clinic.request("ada", "ada", TEN), NOW)
        session.rollback()
    assert audit_rows(engine) == []


def seen(engine: Engine, clinic: Clinic, user: str, *names: str) -> None:
    """Write down that somebody has seen some patients, as a page would."""
    with sessions(engine).begin() as session:
        begin_write(session)
        audit.record_all(session, clinic.actor(user), [Done(clinic.patient(name), Deed.SAW_LIST) for name in names], NOW)


def test_reads_and_writes_about_one_patient_at_once_make_one_whole_chain(engine: Engine, clinic: Clinic) -> None:
    def act(number: int) -> object:
        for turn in range(ROUNDS):
            if number % 2:
                seen(engine, clinic, "maya", "leo")
            else:
                book(engine, clinic, "maya", "leo", TEN + HOUR * (number // 2) + timedelta(days=turn))
        return None

    together(6, act)
    deeds = Counter(row["deed"] for row in audit_rows(engine))
    assert deeds == {"saw_list": 3 * ROUNDS, "booked": len(rows(engine, Schedule))}
    assert deeds["booked"] > ROUNDS
    assert_chained(engine)
    assert_sound(engine)


def test_whoever_sees_several_patients_never_waits_in_a_circle(engine: Engine, clinic: Clinic) -> None:
    orders = [("leo", "nia", "ada"), ("ada", "nia", "leo"), ("nia", "ada", "leo"), ("leo", "ada", "nia")]

    def act(number: int) -> None:
        for _ in range(ROUNDS):
            seen(engine, clinic, "maya", *orders[number])

    together(4, act)
    assert len(audit_rows(engine)) == 4 * 3 * ROUNDS
    assert_chained(engine)


def test_bookings_moves_and_reads_that_cross_each_other_all_end(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, person, TEN + place * HOUR - HOUR) for place, person in enumerate(PEOPLE)]

    def act(number: int) -> object:
        if number < 3:
            return [
                type(move(engine, clinic, MoveRequest(ids[number], WEDNESDAY + HOUR * ((number + turn) % 3)), PEOPLE[number]))
                for turn in range(ROUNDS)
            ]
        if number < 5:
            start = WEDNESDAY + HOUR * (3 + number % 2)
            return [type(book(engine, clinic, person, person, start)) for person in (PEOPLE if number == 3 else PEOPLE[::-1])]
        seen(engine, clinic, "maya", *(PEOPLE if number == 5 else PEOPLE[::-1]))
        return None

    outcomes = together(7, act)
    assert len(outcomes) == 7
    assert_chained(engine)
    assert_sound(engine)
