import random
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.cells import cells_between
from portal.domain.openings import window_of
from portal.storage.engine import begin_write, sessions
from portal.storage.occupancy import held, held_by, is_taken, move, release, take
from portal.storage.schedule import Occupancy, Schedule
from tests.clinic import NOW, Clinic, schedule
from tests.racing import together
from tests.storage.conftest import hold

WRITERS = 8


def try_to_hold(engine: Engine, row: Schedule, spans: dict[UUID, range]) -> str:
    """Store a schedule with its cells, as a door would, and tell how it went."""
    with sessions(engine)() as session:
        try:
            begin_write(session)
            session.add(row)
            session.flush()
            take(session, row.id, spans)
            session.commit()
        except IntegrityError as error:
            return "taken" if is_taken(error) else str(error)
    return "booked"


def test_cells_that_are_held_are_read_by_resource(session: Session, clinic: Clinic, booked: Schedule) -> None:
    window = window_of(booked.starts_at.date(), 1)
    cells = ",".join(map(str, cells_between(booked.starts_at, booked.ends_at)))
    asked = [clinic.provider("chen"), clinic.provider("rao"), clinic.patient("ada")]
    assert held(session, asked, window, NOW) == {clinic.provider("chen"): cells, clinic.patient("ada"): cells}
    assert held(session, [], window, NOW) == {}


def test_the_cells_of_a_schedule_that_is_moving_are_not_read(session: Session, clinic: Clinic, booked: Schedule) -> None:
    other = schedule(clinic, booked.ends_at, patient_id=clinic.patient("omar"))
    session.add(other)
    session.flush()
    hold(session, other)
    window, asked = window_of(booked.starts_at.date(), 1), [clinic.provider("chen"), clinic.patient("ada")]
    assert held(session, asked, window, NOW, (booked.id, None)) == {
        clinic.provider("chen"): ",".join(map(str, cells_between(other.starts_at, other.ends_at)))
    }


def test_a_schedule_lets_go_of_its_own_cells_alone(session: Session, clinic: Clinic, booked: Schedule) -> None:
    other = schedule(clinic, booked.ends_at, patient_id=clinic.patient("omar"))
    session.add(other)
    session.flush()
    hold(session, other)
    resources, window = (booked.provider_id, booked.patient_id), window_of(booked.starts_at.date(), 1)
    mine = held_by(session, booked.id, resources, window)
    cells = list(cells_between(booked.starts_at, booked.ends_at))
    assert mine == {booked.provider_id: cells, booked.patient_id: cells}
    release(session, other.id, mine)
    assert held_by(session, booked.id, resources, window) == mine
    release(session, booked.id, mine)
    assert held_by(session, booked.id, resources, window) == {booked.provider_id: [], booked.patient_id: []}
    assert session.scalar(select(func.count()).where(Occupancy.schedule_id == other.id)) == 2 * len(cells)


@pytest.mark.parametrize("minutes", [-30, -5, 0, 5, 30, 24 * 60])
def test_a_move_ends_with_the_new_cells_and_no_others(session: Session, booked: Schedule, minutes: int) -> None:
    start = booked.starts_at + timedelta(minutes=minutes)
    spans = dict.fromkeys((booked.provider_id, booked.patient_id), cells_between(start, start + timedelta(minutes=45)))
    window = window_of(booked.starts_at.date(), 2)
    move(session, booked.id, held_by(session, booked.id, spans, window), spans)
    assert held_by(session, booked.id, spans, window) == {resource: list(cells) for resource, cells in spans.items()}


def test_a_move_onto_another_lets_go_of_nothing(session: Session, clinic: Clinic, booked: Schedule) -> None:
    other = schedule(clinic, booked.ends_at, patient_id=clinic.patient("omar"))
    session.add(other)
    session.flush()
    hold(session, other)
    window = window_of(booked.starts_at.date(), 1)
    mine = held_by(session, booked.id, (booked.provider_id, booked.patient_id), window)
    overlapping = cells_between(booked.starts_at + timedelta(minutes=5), booked.ends_at + timedelta(minutes=5))
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        move(session, booked.id, mine, dict.fromkeys(mine, overlapping))
    assert is_taken(caught.value)
    assert held_by(session, booked.id, mine, window) == mine


def test_cells_outside_the_window_are_not_read(session: Session, clinic: Clinic, booked: Schedule) -> None:
    later = window_of(booked.starts_at.date() + timedelta(days=4), 1)
    assert held(session, [clinic.provider("chen")], later, NOW) == {}


def test_one_question_whatever_the_number_of_resources(session: Session, engine: Engine, clinic: Clinic, now: datetime) -> None:
    session.connection()
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    held(session, [clinic.provider(str(number)) for number in range(200)], window_of(now.date(), 14), now)
    assert len(asked) == 1


def test_reading_walks_the_key_and_not_the_table(sqlite_engine: Engine) -> None:
    question = "EXPLAIN QUERY PLAN SELECT cell FROM occupancy WHERE resource_id IN ('a', 'b') AND cell >= 1 AND cell < 9"
    with sqlite_engine.connect() as connection:
        plan = [str(row) for row in connection.execute(text(question))]
    assert ["SEARCH" in step and "PRIMARY KEY (resource_id=? AND cell>? AND cell<?)" in step for step in plan] == [True]


def test_a_cell_that_is_taken_cannot_be_taken_again(session: Session, clinic: Clinic, booked: Schedule) -> None:
    other = schedule(clinic, booked.starts_at + timedelta(days=1), patient_id=clinic.patient("omar"))
    session.add(other)
    session.flush()
    overlapping = cells_between(booked.ends_at - timedelta(minutes=5), booked.ends_at + timedelta(minutes=25))
    with pytest.raises(IntegrityError) as caught, session.begin_nested():
        take(session, other.id, {other.provider_id: overlapping, other.patient_id: overlapping})
    assert is_taken(caught.value)
    assert session.scalar(select(func.count()).where(Occupancy.schedule_id == other.id)) == 0
    following = cells_between(booked.ends_at, booked.ends_at + timedelta(minutes=30))
    take(session, other.id, {other.provider_id: following, other.patient_id: following})


def test_another_fault_is_not_taken_for_a_taken_cell(session: Session, clinic: Clinic, now: datetime) -> None:
    session.add(schedule(clinic, now, status=9))
    with pytest.raises(IntegrityError) as caught:
        session.flush()
    assert not is_taken(caught.value)


def test_a_cell_of_no_schedule_is_not_taken_for_a_taken_cell(session: Session, clinic: Clinic) -> None:
    with pytest.raises(IntegrityError) as caught:
        take(session, UUID(int=0), {clinic.provider("chen"): range(1, 2)})
    assert not is_taken(caught.value)


def test_of_many_who_want_one_time_one_gets_it(engine: Engine, clinic: Clinic, now: datetime) -> None:
    cells = cells_between(now, now + timedelta(minutes=30))

    def book(number: int) -> str:
        row = schedule(clinic, now + timedelta(minutes=number))
        return try_to_hold(engine, row, {row.provider_id: cells, row.patient_id: cells})

    assert sorted(together(WRITERS, book)) == ["booked"] + ["taken"] * (WRITERS - 1)
    with sessions(engine)() as session:
        assert session.scalar(select(func.count()).select_from(Occupancy)) == 2 * len(cells)
        assert session.scalar(select(func.count()).select_from(Schedule)) == 1


def test_spans_of_different_lengths_in_any_order_never_overlap_and_never_deadlock(engine: Engine, clinic: Clinic, now: datetime) -> None:
    chance = random.Random(1)  # noqa: S311 - the same tries in each run
    resources = [clinic.provider("chen"), clinic.provider("novak"), clinic.patient("ada"), clinic.patient("leo")]
    wishes = [
        {resource: cells_between(now + start, now + start + length) for resource in chance.sample(resources, 2)}
        for start, length in [(timedelta(minutes=5 * chance.randrange(24)), timedelta(minutes=5 * chance.randint(1, 8))) for _ in range(WRITERS * 6)]
    ]

    def book(number: int) -> str:
        tries = [
            try_to_hold(engine, schedule(clinic, now + timedelta(minutes=place)), wishes[place]) for place in range(number, len(wishes), WRITERS)
        ]
        assert set(tries) <= {"booked", "taken"}
        return f"{tries.count('booked')}"

    booked = sum(int(count) for count in together(WRITERS, book))
    with sessions(engine)() as session:
        assert session.scalar(select(func.count()).select_from(Schedule)) == booked > 0
        assert session.scalar(select(func.count(func.distinct(Occupancy.schedule_id)))) == booked
