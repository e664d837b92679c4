"""Cancelling: the time is free again, once, by those who may."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine

from portal.domain.booking import Code, Field, Problem
from portal.domain.guardianship import Act
from portal.domain.schedule import CANCEL_REASON_MAX, Status
from portal.services.booking import Forbidden, Refused
from portal.services.cancelling import Cancelled
from portal.storage.schedule import Occupancy
from tests.clinic import NOW, Clinic
from tests.services.scene import TEN, WEDNESDAY, allow, booked, cancel, stored, write
from tests.stored import assert_sound, bookings, rows

MINUTE = timedelta(minutes=1)


def test_a_cancelled_visit_says_why_and_when_and_holds_nothing(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert cancel(engine, clinic, schedule_id, now=NOW + MINUTE) == Cancelled(schedule_id)
    row = stored(engine, schedule_id)
    assert (row["status"], row["cancel_reason"], row["cancelled_at"], row["modified_at"]) == (
        *(Status.CANCELLED, "Well again"),
        *(NOW + MINUTE, NOW + MINUTE),
    )
    assert rows(engine, Occupancy) == []


def test_the_others_keep_what_they_hold(engine: Engine, clinic: Clinic) -> None:
    mine, other, childs = booked(engine, clinic), booked(engine, clinic, "omar", WEDNESDAY), booked(engine, clinic, "leo", TEN - timedelta(hours=1))
    assert cancel(engine, clinic, mine) == Cancelled(mine)
    assert {row["schedule_id"] for row in rows(engine, Occupancy)} == {other, childs}
    assert_sound(engine)


def test_the_time_is_free_for_others_at_once(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    cancel(engine, clinic, schedule_id)
    assert booked(engine, clinic, "omar") != schedule_id
    assert booked(engine, clinic, start=WEDNESDAY) != schedule_id
    assert_sound(engine)


def test_cancelling_again_changes_nothing(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    cancel(engine, clinic, schedule_id)
    before = bookings(engine)
    assert cancel(engine, clinic, schedule_id, reason="Another", now=TEN + timedelta(days=9)) == Cancelled(schedule_id, replayed=True)
    assert bookings(engine) == before


@pytest.mark.parametrize(
    ("status", "code"),
    [(Status.ARRIVED, Code.BEGUN), (Status.FULFILLED, Code.BEGUN), (Status.NO_SHOW, Code.BEGUN), (Status.DECLINED, Code.DECLINED)],
)
def test_a_state_that_is_closed_is_refused(engine: Engine, clinic: Clinic, status: Status, code: Code) -> None:
    schedule_id = booked(engine, clinic)
    write(engine, status=status)
    before = bookings(engine)
    assert cancel(engine, clinic, schedule_id) == Refused((Problem(Field.SCHEDULE, code),))
    assert bookings(engine) == before


def test_a_visit_that_has_begun_is_refused(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert cancel(engine, clinic, schedule_id, now=TEN) == Refused((Problem(Field.SCHEDULE, Code.BEGUN),))
    assert isinstance(cancel(engine, clinic, schedule_id, now=TEN - MINUTE), Cancelled)


@pytest.mark.parametrize(("reason", "kept"), [(None, None), ("", ""), ("a\0b", "a\ufffdb"), ("\U0001f642" * 125, "\U0001f642" * 125)], ids=ascii)
def test_a_reason_is_optional_and_kept_as_near_as_can_be(engine: Engine, clinic: Clinic, reason: str | None, kept: str | None) -> None:
    schedule_id = booked(engine, clinic)
    cancel(engine, clinic, schedule_id, reason=reason)
    assert stored(engine, schedule_id)["cancel_reason"] == kept


def test_a_reason_too_long_is_refused_with_all_else(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    outcome = cancel(engine, clinic, schedule_id, reason="x" * (CANCEL_REASON_MAX + 1), now=TEN)
    assert outcome == Refused((Problem(Field.SCHEDULE, Code.BEGUN), Problem(Field.CANCEL_REASON, Code.TOO_LONG)))


def test_a_stranger_and_an_unknown_visit_look_the_same(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    before = bookings(engine)
    assert [cancel(engine, clinic, one, user) for one, user in ((schedule_id, "omar"), (schedule_id, "zoe"), (uuid4(), "ada"))] == [Forbidden()] * 3
    assert bookings(engine) == before


@pytest.mark.parametrize(
    ("acts", "allowed"), [((Act.SEE, Act.CANCEL), True), ((Act.SEE, Act.BOOK), False), ((Act.CANCEL,), False), ((), False)], ids=str
)
def test_a_guardian_cancels_by_the_scope_of_the_link(engine: Engine, clinic: Clinic, acts: tuple[Act, ...], allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    schedule_id = booked(engine, clinic, "leo")
    allow(engine, clinic, *acts)
    assert isinstance(cancel(engine, clinic, schedule_id, "maya"), Cancelled if allowed else Forbidden)
    assert (stored(engine, schedule_id)["status"] == Status.CANCELLED) is allowed


def test_the_other_guardian_may_cancel_what_one_has_booked(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    assert cancel(engine, clinic, schedule_id, "grace") == Cancelled(schedule_id)
    assert (stored(engine, schedule_id)["user_id"], stored(engine, schedule_id)["modified_by"]) == (clinic.user("maya"), clinic.user("grace"))
