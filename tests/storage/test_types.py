from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.clinic import Clinic, schedule

EAST = timezone(timedelta(hours=5, minutes=45))


def stored(engine: Engine, row: Schedule) -> Schedule:
    """Write a row in one session and read it in another."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(row)
    with sessions(engine)() as session:
        return session.get_one(Schedule, row.id)


def test_a_naive_time_is_refused(session: Session, clinic: Clinic, now: datetime) -> None:
    session.add(schedule(clinic, now, created_at=now.replace(tzinfo=None)))
    with pytest.raises(StatementError, match="naive"):
        session.flush()


def test_a_naive_time_is_refused_in_a_question_too(session: Session, now: datetime) -> None:
    with pytest.raises(StatementError, match="naive"):
        session.execute(select(Schedule.id).where(Schedule.starts_at > now.replace(tzinfo=None)))


@pytest.mark.parametrize(
    "instant",
    [
        datetime(2027, 3, 1, 9, 15, 30, 123456, tzinfo=UTC),
        datetime(2027, 3, 1, 9, 15, tzinfo=EAST),
        datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2300, 1, 1, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_as_utc_to_the_microsecond(engine: Engine, clinic: Clinic, instant: datetime) -> None:
    row = stored(engine, schedule(clinic, instant))
    assert row.starts_at == instant
    assert row.starts_at.tzinfo is UTC
    assert row.other_choice_at is None


def test_instants_are_compared_as_instants_however_they_are_written(engine: Engine, clinic: Clinic, now: datetime) -> None:
    stored(engine, schedule(clinic, now))
    with sessions(engine)() as session:
        found = session.scalars(select(Schedule.id).where(Schedule.starts_at == now.astimezone(EAST))).all()
        assert len(found) == 1
        assert session.scalar(select(func.max(Schedule.starts_at))) == now


@pytest.mark.parametrize("text", ["0", "0.00", "40.00", "40", "0.10", "12345678901234567890.123456789", "-1.50", "0.0000001"])
def test_a_decimal_keeps_its_digits_and_its_scale(engine: Engine, clinic: Clinic, now: datetime, text: str) -> None:
    assert str(stored(engine, schedule(clinic, now, paid_amount=Decimal(text))).paid_amount) == str(Decimal(text))


def test_a_decimal_with_an_exponent_is_written_out(engine: Engine, clinic: Clinic, now: datetime) -> None:
    assert str(stored(engine, schedule(clinic, now, paid_amount=Decimal("1E+3"))).paid_amount) == "1000"
