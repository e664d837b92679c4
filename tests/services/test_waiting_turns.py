"""Which freed times are offered to whom, on both databases, and how the chain goes on."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine, update

from portal.domain.guardianship import LinkState
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest
from portal.domain.waiting import Days, OfferState, WaitCode, WaitState
from portal.services import waiting
from portal.services.booking import Booked, Forbidden
from portal.services.moving import Moved
from portal.services.waiting import NotPossible
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink
from portal.storage.schedule import Draft, Occupancy, Schedule
from portal.storage.waiting import Waiting
from tests.clinic import NOW, Clinic
from tests.services.scene import TEN, WEDNESDAY, booked, cancel, move
from tests.services.waits import MINUTE, NOON, OFFERED, WEEK, answer, offered_to, offers, states, sweep, wait, wait_earlier
from tests.stored import assert_sound, rows


def test_moving_to_an_earlier_time_frees_the_later_one_for_the_next(engine: Engine, clinic: Clinic) -> None:
    first, later = booked(engine, clinic), booked(engine, clinic, "omar", WEDNESDAY)
    wait_earlier(engine, clinic, "omar", later)
    wait(engine, clinic, "maya", days=Days(date(2027, 3, 3), date(2027, 3, 3)))
    cancel(engine, clinic, first, now=NOON)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.OPEN)]
    assert answer(engine, clinic, "omar", offers(engine)[0]["id"], NOON) == Moved(later)
    assert offered_to(engine)[1:] == [(clinic.user("maya"), OfferState.OPEN)]
    assert offers(engine)[1]["starts_at"] == WEDNESDAY
    assert isinstance(answer(engine, clinic, "maya", offers(engine)[1]["id"], NOON + MINUTE), Booked)
    assert_sound(engine)


def test_who_has_no_visit_comes_before_who_has_one(engine: Engine, clinic: Clinic) -> None:
    first, later = booked(engine, clinic), booked(engine, clinic, "omar", WEDNESDAY)
    wait_earlier(engine, clinic, "omar", later)
    wait(engine, clinic, "maya", now=NOW + MINUTE)
    cancel(engine, clinic, first, now=NOON)
    assert offered_to(engine) == [(clinic.user("maya"), OfferState.OPEN)]


def test_a_time_that_is_moved_away_from_is_offered(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar")
    move(engine, clinic, MoveRequest(first, WEDNESDAY), now=NOON)
    assert offers(engine)[0]["starts_at"] == TEN


def test_a_hold_that_ends_by_itself_is_offered(engine: Engine, clinic: Clinic) -> None:
    wait(engine, clinic, "omar")
    with sessions(engine).begin() as session:
        begin_write(session)
        row = Draft(id=uuid4(), user_id=clinic.user("ada"), patient_id=clinic.patient("ada"), created_at=NOON, reason_ids="")
        row.first_choice_at, row.held_until, row.held_provider_id = TEN, NOON, clinic.provider("chen")
        session.add(row)
    assert sweep(engine, NOON - MINUTE) == 0
    assert sweep(engine, NOON) == 1
    assert offers(engine)[0]["starts_at"] == TEN


def test_at_night_it_is_held_up_to_hours_after_the_mail_of_the_morning(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic, start=WEDNESDAY)
    wait(engine, clinic, "omar")
    night, morning = datetime.fromisoformat("2027-03-02T02:30:00Z"), datetime.fromisoformat("2027-03-02T13:00:00Z")
    cancel(engine, clinic, first, now=night)
    assert offers(engine)[0]["expires_at"] == morning + OFFERED
    assert [row["try_at"] for row in rows(engine, Mail) if row["kind"] == Kind.WAIT_OFFER] == [morning]


def test_a_time_that_would_be_over_by_the_morning_is_offered_to_nobody(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar")
    cancel(engine, clinic, first, now=datetime.fromisoformat("2027-03-02T12:30:00Z"))
    assert (offers(engine), rows(engine, Occupancy)) == ([], [])


@pytest.mark.parametrize("column", [{"state": LinkState.ENDED}, {"scopes": "see"}, {"ends_at": NOON}])
def test_a_guardian_who_may_not_book_any_more_is_passed_over(engine: Engine, clinic: Clinic, column: dict[str, Any]) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "maya", "leo")
    wait(engine, clinic, "omar", now=NOW + MINUTE)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "leo")).values(**column))
    cancel(engine, clinic, first, now=NOON)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.OPEN)]


def test_whoever_is_busy_then_is_passed_over(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    booked(engine, clinic, "omar", TEN + 15 * MINUTE, provider_id=clinic.provider("novak"))
    wait(engine, clinic, "omar")
    wait(engine, clinic, "maya", now=NOW + MINUTE)
    cancel(engine, clinic, first, now=NOON)
    assert offered_to(engine) == [(clinic.user("maya"), OfferState.OPEN)]


def test_what_was_private_stays_so(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar", private=True)
    cancel(engine, clinic, first, now=NOON)
    outcome = answer(engine, clinic, "omar", offers(engine)[0]["id"], NOON)
    assert [row["private"] for row in rows(engine, Schedule) if row["id"] == outcome.schedule_id] == [True]


def test_who_waits_for_the_same_twice_keeps_their_place_with_the_newer_days(engine: Engine, clinic: Clinic) -> None:
    first = wait(engine, clinic, "omar")
    assert wait(engine, clinic, "omar", days=replace(WEEK, until=None), now=NOW + MINUTE) == first
    [entry] = rows(engine, Waiting)
    assert (entry["created_at"], entry["until_on"]) == (NOW, None)


def test_an_earlier_time_can_be_waited_for_by_who_may_move_the_visit_alone(engine: Engine, clinic: Clinic) -> None:
    later = booked(engine, clinic, "omar", WEDNESDAY)
    assert wait_earlier(engine, clinic, "ada", later) == Forbidden()
    assert wait_earlier(engine, clinic, "omar", later, Days(date(2027, 3, 4), None)) == NotPossible((WaitCode.NOT_EARLIER,))
    cancel(engine, clinic, later, "omar")
    assert wait_earlier(engine, clinic, "omar", later) == Forbidden()


def test_the_list_is_left_when_the_days_are_over_or_the_visit_is_off(engine: Engine, clinic: Clinic) -> None:
    later = booked(engine, clinic, "omar", WEDNESDAY)
    wait_earlier(engine, clinic, "omar", later, replace(WEEK, until=None))
    wait(engine, clinic, "maya", days=replace(WEEK, until=date(2027, 3, 2)))
    cancel(engine, clinic, later, "omar", now=NOON)
    with sessions(engine).begin() as session:
        begin_write(session)
        assert waiting.tidy(session, NOON) == 1
        assert waiting.tidy(session, NOON + timedelta(days=3)) == 1
    assert set(states(engine).values()) == {WaitState.LEFT}
