"""Moving: another time for the same appointment, or the one it has."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, delete, update
from sqlalchemy.orm import Session

from portal.domain.booking import Code, Field, Problem
from portal.domain.guardianship import Act, Actor
from portal.domain.moving import MoveRequest
from portal.domain.schedule import Status
from portal.services import moving
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.moving import Moved
from portal.storage import clinic as tables
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy
from tests.clinic import NOW, Clinic
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, allow, book, booked, cancel, move, stored, write
from tests.stored import assert_sound, bookings, rows

MINUTE = timedelta(minutes=1)
TAKEN = Problem(Field.FIRST_CHOICE, Code.TIME_TAKEN)


Step = Callable[[Session, Actor, MoveRequest, datetime], object]


def chosen(engine: Engine, clinic: Clinic, request: MoveRequest, act: Step = moving.choose, user: str = "ada") -> object:
    """Choose a time, or take it, as the pages do; a refusal is not written."""
    with sessions(engine)() as session:
        begin_write(session)
        outcome = act(session, clinic.actor(user), request, NOW)
        if not isinstance(outcome, Refused):
            session.commit()
        return outcome


def stands(engine: Engine, schedule_id: UUID) -> tuple[datetime, datetime | None, bool]:
    row = stored(engine, schedule_id)
    return row["starts_at"], row["other_choice_at"], row["first_choice_given"]


def test_a_moved_visit_keeps_its_id_and_remembers_where_it_was(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    before = stored(engine, schedule_id)
    assert move(engine, clinic, MoveRequest(schedule_id, ELEVEN), now=NOW + MINUTE) == Moved(schedule_id)
    after = stored(engine, schedule_id)
    assert {name: value for name, value in after.items() if value != before[name]} == {
        "starts_at": ELEVEN,
        "ends_at": ELEVEN + 30 * MINUTE,
        "other_choice_at": None,
        "old_starts_at": TEN,
        "old_other_choice_at": WEDNESDAY,
        "old_form": "utc",
        "modified_at": NOW + MINUTE,
        "sequence": 1,
    }
    assert_sound(engine)


def test_the_old_time_is_free_and_the_new_one_is_not(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    cells = len(rows(engine, Occupancy))
    move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY))
    assert len(rows(engine, Occupancy)) == cells
    other = booked(engine, clinic, "omar")
    refused = move(engine, clinic, MoveRequest(other, WEDNESDAY), "omar")
    assert isinstance(refused, Refused)
    assert refused.problems == (TAKEN,)
    assert_sound(engine)


@pytest.mark.parametrize("minutes", [-45, -30, -15, -5, 0, 5, 15, 30, 45])
def test_its_own_cells_never_stand_in_its_way(engine: Engine, clinic: Clinic, minutes: int) -> None:
    schedule_id = booked(engine, clinic)
    cells = len(rows(engine, Occupancy))
    assert move(engine, clinic, MoveRequest(schedule_id, TEN + minutes * MINUTE)) == Moved(schedule_id)
    assert (stands(engine, schedule_id)[0], len(rows(engine, Occupancy))) == (TEN + minutes * MINUTE, cells)
    assert_sound(engine)


def test_cells_held_by_older_rules_are_let_go_of_as_well(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(tables.VisitOption).values(buffer_before_minutes=0, buffer_after_minutes=0))
        session.get_one(tables.Account, clinic.account_id).revision += 1
    move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY))
    assert len(rows(engine, Occupancy)) == 12
    assert_sound(engine)


def test_a_wall_time_is_that_of_the_facility(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, MoveRequest(schedule_id, datetime(2027, 3, 15, 9), first_choice_form="unspecified"))  # noqa: DTZ001 - a wall time has no zone
    assert stands(engine, schedule_id)[0] == datetime.fromisoformat("2027-03-15T13:00:00Z")


def test_the_second_choice_is_given_when_the_first_is_taken(engine: Engine, clinic: Clinic) -> None:
    schedule_id, _ = booked(engine, clinic), booked(engine, clinic, "omar", ELEVEN)
    assert move(engine, clinic, MoveRequest(schedule_id, ELEVEN, WEDNESDAY)) == Moved(schedule_id)
    assert stands(engine, schedule_id) == (WEDNESDAY, ELEVEN, False)
    assert_sound(engine)


def test_the_first_choice_is_given_when_both_are_free(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN, WEDNESDAY))
    assert stands(engine, schedule_id) == (ELEVEN, WEDNESDAY, True)


def test_a_refused_move_leaves_everything_where_it_is_and_tells_times_that_can_be_had(engine: Engine, clinic: Clinic) -> None:
    schedule_id, _, _ = booked(engine, clinic), booked(engine, clinic, "omar", ELEVEN), booked(engine, clinic, "maya", WEDNESDAY)
    before = bookings(engine)
    outcome = move(engine, clinic, MoveRequest(schedule_id, ELEVEN, WEDNESDAY))
    assert isinstance(outcome, Refused)
    assert outcome.problems == (TAKEN, Problem(Field.SECOND_CHOICE, Code.TIME_TAKEN))
    assert outcome.taken
    assert bookings(engine) == before
    assert TEN not in outcome.alternatives
    assert outcome.alternatives == tuple(ELEVEN + minutes * MINUTE for minutes in (-90, -75, -45))
    assert [move(engine, clinic, MoveRequest(schedule_id, one)) for one in outcome.alternatives] == [Moved(schedule_id)] * 3


def test_a_patient_who_is_elsewhere_is_told_so(engine: Engine, clinic: Clinic) -> None:
    schedule_id, _ = booked(engine, clinic), booked(engine, clinic, start=WEDNESDAY, provider_id=clinic.provider("novak"))
    outcome = move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY))
    assert isinstance(outcome, Refused)
    assert outcome.problems == (Problem(Field.FIRST_CHOICE, Code.PATIENT_BUSY),)


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ("2027-03-01T07:00:00Z", None, Problem(Field.FIRST_CHOICE, Code.IN_PAST)),
        ("2027-03-01T09:00:00Z", None, Problem(Field.FIRST_CHOICE, Code.TOO_SOON)),
        ("2027-05-10T15:00:00Z", None, Problem(Field.FIRST_CHOICE, Code.TOO_FAR)),
        ("2027-03-07T15:00:00Z", None, Problem(Field.FIRST_CHOICE, Code.OUTSIDE_HOURS)),
        ("2027-03-14T02:30:00", None, Problem(Field.FIRST_CHOICE, Code.SKIPPED_TIME)),
        ("2027-03-03T15:00:00Z", "2027-03-07T15:00:00Z", Problem(Field.SECOND_CHOICE, Code.OUTSIDE_HOURS)),
        ("2027-03-03T15:00:00Z", "2027-03-03T10:00:00", Problem(Field.SECOND_CHOICE, Code.SAME_TIME)),
        ("0001-01-01T00:00:00+14:00", None, Problem(Field.FIRST_CHOICE, Code.IN_PAST)),
        ("9999-12-31T23:59:59-14:00", None, Problem(Field.FIRST_CHOICE, Code.TOO_FAR)),
    ],
)
def test_a_new_time_keeps_the_rules_of_a_booking(engine: Engine, clinic: Clinic, first: str, second: str | None, problem: Problem) -> None:
    schedule_id = booked(engine, clinic)
    before = bookings(engine)
    request = MoveRequest(schedule_id, datetime.fromisoformat(first), datetime.fromisoformat(second) if second else None)
    assert move(engine, clinic, request) == Refused((problem,))
    assert bookings(engine) == before


def test_the_same_move_again_changes_nothing(engine: Engine, clinic: Clinic) -> None:
    schedule_id, other = booked(engine, clinic), booked(engine, clinic, "omar", ELEVEN)
    request = MoveRequest(schedule_id, ELEVEN, WEDNESDAY)
    move(engine, clinic, request)
    cancel(engine, clinic, other, "omar")
    before = bookings(engine)
    assert move(engine, clinic, request, now=NOW + MINUTE) == Moved(schedule_id, replayed=True)
    assert move(engine, clinic, request, now=WEDNESDAY + MINUTE) == Moved(schedule_id, replayed=True)
    assert bookings(engine) == before


def test_a_visit_can_go_back_to_where_it_was(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    outcomes = [move(engine, clinic, MoveRequest(schedule_id, start)) for start in (ELEVEN, TEN, ELEVEN)]
    assert outcomes == [Moved(schedule_id)] * 3
    assert (stands(engine, schedule_id)[0], stored(engine, schedule_id)["old_starts_at"]) == (ELEVEN, TEN)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.ARRIVED, Code.BEGUN),
        (Status.FULFILLED, Code.BEGUN),
        (Status.CANCELLED, Code.CANCELLED),
        (Status.NO_SHOW, Code.BEGUN),
        (Status.DECLINED, Code.DECLINED),
    ],
)
def test_a_state_that_is_closed_is_refused_even_the_same_move_again(engine: Engine, clinic: Clinic, status: Status, code: Code) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    write(engine, status=status)
    before = bookings(engine)
    assert [move(engine, clinic, MoveRequest(schedule_id, one)) for one in (ELEVEN, WEDNESDAY)] == [Refused((Problem(Field.SCHEDULE, code),))] * 2
    assert bookings(engine) == before


def test_a_visit_that_has_begun_is_refused(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY), now=TEN) == Refused((Problem(Field.SCHEDULE, Code.BEGUN),))
    assert move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY), now=TEN - MINUTE) == Moved(schedule_id)


def test_a_visit_that_is_not_offered_any_more_is_refused(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(delete(tables.VisitOptionProvider).where(tables.VisitOptionProvider.provider_id == clinic.provider("chen")))
        session.get_one(tables.Account, clinic.account_id).revision += 1
    assert move(engine, clinic, MoveRequest(schedule_id, ELEVEN)) == Refused((Problem(Field.SCHEDULE, Code.WITHDRAWN),))


def test_a_stranger_and_an_unknown_visit_look_the_same(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    before = bookings(engine)
    tries = ((schedule_id, "omar"), (schedule_id, "zoe"), (uuid4(), "ada"))
    assert [move(engine, clinic, MoveRequest(one, ELEVEN), user) for one, user in tries] == [Forbidden()] * 3
    assert bookings(engine) == before


@pytest.mark.parametrize(
    ("acts", "allowed"), [((Act.SEE, Act.BOOK), True), ((Act.SEE, Act.CANCEL), False), ((Act.BOOK,), False), ((), False)], ids=str
)
def test_a_guardian_moves_by_the_scope_of_the_link(engine: Engine, clinic: Clinic, acts: tuple[Act, ...], allowed: bool) -> None:  # noqa: FBT001 - a column of the table
    schedule_id = booked(engine, clinic, "leo")
    allow(engine, clinic, *acts)
    assert isinstance(move(engine, clinic, MoveRequest(schedule_id, ELEVEN), "maya"), Moved if allowed else Forbidden)
    assert (stands(engine, schedule_id)[0] == ELEVEN) is allowed


def test_a_chosen_time_is_held_and_nothing_moves_until_it_is_taken(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    request = MoveRequest(schedule_id, ELEVEN)
    assert chosen(engine, clinic, request) == moving.Chosen(NOW + 10 * MINUTE)
    assert stands(engine, schedule_id)[0] == TEN
    assert isinstance(book(engine, clinic, "omar", "omar", ELEVEN), Refused)
    assert chosen(engine, clinic, request, moving.move_chosen) == Moved(schedule_id)
    assert {row["draft_id"] for row in rows(engine, Occupancy)} == {None}
    assert_sound(engine)


def test_a_refused_move_leaves_the_hold_and_the_old_time(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    chosen(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    booked(engine, clinic, "omar", WEDNESDAY)
    before = bookings(engine)
    assert isinstance(chosen(engine, clinic, MoveRequest(schedule_id, WEDNESDAY), moving.move_chosen), Refused)
    assert bookings(engine) == before
    assert isinstance(book(engine, clinic, "maya", "leo", ELEVEN), Refused)


def test_to_choose_gives_up_what_else_is_held(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    chosen(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    chosen(engine, clinic, MoveRequest(schedule_id, WEDNESDAY))
    assert isinstance(book(engine, clinic, "omar", "omar", ELEVEN), Booked)


@pytest.mark.parametrize("act", [moving.choose, moving.move_chosen])
def test_who_may_not_move_may_not_choose(engine: Engine, clinic: Clinic, act: Step) -> None:
    schedule_id = booked(engine, clinic, "leo")
    assert chosen(engine, clinic, MoveRequest(schedule_id, ELEVEN), act, "omar") == Forbidden()
    assert chosen(engine, clinic, MoveRequest(uuid4(), ELEVEN), act, "omar") == Forbidden()


def test_a_request_may_choose_the_other_time_that_it_holds(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(tables.VisitOption).values(by_request=True))
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    request = MoveRequest(schedule_id, WEDNESDAY)
    assert isinstance(chosen(engine, clinic, request), moving.Chosen)
    assert chosen(engine, clinic, request, moving.move_chosen) == Moved(schedule_id)
    assert_sound(engine)
