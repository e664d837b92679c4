"""Requests: both times are held until the practice decides, then what is not needed is free."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, update

from portal.domain.audit import Door, Origin
from portal.domain.booking import Code, Field, Problem
from portal.domain.schedule import Happened, Status
from portal.services import deciding
from portal.services.booking import Refused
from portal.services.deciding import Decided
from portal.storage import history
from portal.storage.clinic import VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import NOW, Clinic
from tests.services.scene import TEN, WEDNESDAY, booked, cancel, stored
from tests.stored import assert_sound, rows

DESK = Origin(Door.COMMAND, name="Rosa")


@pytest.fixture
def requested(engine: Engine, clinic: Clinic) -> UUID:
    """A request of Ada's for Tuesday or else Wednesday."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(VisitOption).values(by_request=True))
    return booked(engine, clinic, second_choice=WEDNESDAY)


@pytest.fixture
def decide(engine: Engine) -> Callable[..., object]:
    def decided(call: Callable[..., object], *args: object, **options: object) -> object:
        with sessions(engine).begin() as session:
            begin_write(session)
            return call(session, *args, **options)

    return decided


def held(engine: Engine) -> int:
    return len(rows(engine, Occupancy))


def told(engine: Engine, schedule_id: UUID) -> list[str]:
    with sessions(engine)() as session:
        return [row.change for row in history.changes(session, schedule_id)]


@pytest.mark.parametrize("second", [False, True])
def test_a_confirmed_request_keeps_one_time(engine: Engine, requested: UUID, decide: Callable[..., object], second: bool) -> None:  # noqa: FBT001 - a column of the table
    assert stored(engine, requested)["status"] == Status.REQUESTED
    both = held(engine)
    assert decide(deciding.confirm, requested, DESK, NOW, second=second) == Decided(requested)
    row = stored(engine, requested)
    assert (row["status"], row["starts_at"]) == (Status.BOOKED, WEDNESDAY if second else TEN)
    assert held(engine) * 2 == both
    assert told(engine, requested) == [Happened.REQUESTED, Happened.CONFIRMED]
    assert_sound(engine)


def test_a_declined_request_holds_nothing_and_says_why(engine: Engine, requested: UUID, decide: Callable[..., object]) -> None:
    assert decide(deciding.decline, requested, DESK, "No such visit", NOW) == Decided(requested)
    assert (stored(engine, requested)["status"], stored(engine, requested)["cancel_reason"]) == (Status.DECLINED, "No such visit")
    assert held(engine) == 0


def test_a_cancelled_request_is_not_confirmed(engine: Engine, clinic: Clinic, requested: UUID, decide: Callable[..., object]) -> None:
    cancel(engine, clinic, requested)
    assert held(engine) == 0
    assert decide(deciding.confirm, requested, DESK, NOW + timedelta(minutes=1)) == Refused((Problem(Field.SCHEDULE, Code.CANCELLED),))
