"""Changes at the same moment: nobody loses a time, nobody shares one, and nobody waits for ever."""

from datetime import timedelta
from threading import Thread
from uuid import UUID

from sqlalchemy import Engine

from portal.domain.moving import MoveRequest
from portal.domain.schedule import Status
from portal.services import cancelling, moving
from portal.services.booking import Booked, Refused
from portal.services.cancelling import Cancelled
from portal.services.moving import Moved
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, book, booked, cancel, move, stored
from tests.stored import assert_sound, rows

ROUNDS = 8
WAIT_SECONDS = 0.2
PEOPLE = ("ada", "omar", "maya")
HOUR = timedelta(hours=1)


def test_of_many_who_move_to_one_time_one_gets_it(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, person, TEN + place * HOUR - HOUR) for place, person in enumerate(PEOPLE)]
    outcomes = together(3, lambda number: move(engine, clinic, MoveRequest(ids[number], WEDNESDAY), PEOPLE[number]))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Moved", "Refused", "Refused"]
    assert sum(row["starts_at"] == WEDNESDAY for row in rows(engine, Schedule)) == 1
    assert_sound(engine)


def test_a_booking_and_moves_to_one_time_have_one_winner(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, person, TEN + place * HOUR) for place, person in enumerate(PEOPLE[:2])]

    def act(number: int) -> object:
        if number == 2:
            return book(engine, clinic, "maya", "maya", WEDNESDAY)
        return move(engine, clinic, MoveRequest(ids[number], WEDNESDAY), PEOPLE[number])

    outcomes = together(3, act)
    assert sum(isinstance(outcome, Moved | Booked) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 2
    assert_sound(engine)


def test_two_who_want_each_others_time_keep_their_own(engine: Engine, clinic: Clinic) -> None:
    ids = booked(engine, clinic, "ada", TEN), booked(engine, clinic, "omar", ELEVEN)
    for _ in range(ROUNDS):
        outcomes = together(2, lambda number: move(engine, clinic, MoveRequest(ids[number], (ELEVEN, TEN)[number]), PEOPLE[number]))
        assert [type(outcome) for outcome in outcomes] == [Refused, Refused]
    assert [stored(engine, one)["starts_at"] for one in ids] == [TEN, ELEVEN]
    assert_sound(engine)


def test_moves_in_a_ring_never_deadlock(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, person, TEN + place * HOUR - HOUR) for place, person in enumerate(PEOPLE)]
    for turn in range(ROUNDS):
        times = [TEN + ((place + turn) % 4 - 1) * HOUR for place in range(3)]
        outcomes = together(3, lambda number, times=times: move(engine, clinic, MoveRequest(ids[number], times[number]), PEOPLE[number]))  # type: ignore[misc]  # the round's own times
        assert {type(outcome) for outcome in outcomes} <= {Moved, Refused}
        assert len(outcomes) == 3
        assert_sound(engine)


def test_the_same_move_by_many_at_once_is_made_once(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    outcomes = together(4, lambda _: move(engine, clinic, MoveRequest(schedule_id, WEDNESDAY)))
    assert sorted(outcome.replayed for outcome in outcomes if isinstance(outcome, Moved)) == [False, True, True, True]
    assert stored(engine, schedule_id)["old_starts_at"] == TEN
    assert_sound(engine)


def test_many_who_cancel_at_once_cancel_once(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    outcomes = together(4, lambda _: cancel(engine, clinic, schedule_id))
    assert sorted(outcome.replayed for outcome in outcomes if isinstance(outcome, Cancelled)) == [False, True, True, True]


def during(engine: Engine, clinic: Clinic, schedule_id: UUID, *, cancelled_first: bool) -> list[object]:
    """Let one change wait for another that is made but not committed, and return what both come to."""
    request = MoveRequest(schedule_id, WEDNESDAY)
    outcomes: list[object] = []

    def follow() -> None:
        outcomes.append(move(engine, clinic, request) if cancelled_first else cancel(engine, clinic, schedule_id))

    follower = Thread(target=follow)
    with sessions(engine).begin() as session:
        begin_write(session)
        actor = clinic.actor("ada")
        first = cancelling.cancel(session, actor, schedule_id, None, NOW) if cancelled_first else moving.move(session, actor, request, NOW)
        follower.start()
        follower.join(WAIT_SECONDS)
        assert follower.is_alive()
    follower.join()
    return [first, *outcomes]


def test_a_cancellation_waits_for_the_move_and_frees_the_new_time(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert during(engine, clinic, schedule_id, cancelled_first=False) == [Moved(schedule_id), Cancelled(schedule_id)]
    assert (stored(engine, schedule_id)["status"], stored(engine, schedule_id)["starts_at"]) == (Status.CANCELLED, WEDNESDAY)
    assert_sound(engine)


def test_a_move_waits_for_the_cancellation_and_is_refused(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    first, second = during(engine, clinic, schedule_id, cancelled_first=True)
    assert (first, type(second)) == (Cancelled(schedule_id), Refused)
    assert stored(engine, schedule_id)["starts_at"] == TEN
    assert_sound(engine)
