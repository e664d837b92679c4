"""The wait list on both databases: a freed time goes to one person at a time, and the chain goes on."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, update

from portal.domain.guardianship import LinkState
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest
from portal.domain.waiting import Days, OfferState, WaitCode, WaitState
from portal.services import booking, waiting
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.moving import Moved
from portal.services.waiting import NotPossible
from portal.storage import drafts, schedules
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink
from portal.storage.schedule import Draft, Occupancy, Schedule
from portal.storage.waiting import Offer, Waiting
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import TEN, WEDNESDAY, booked, cancel, move
from tests.stored import Row, assert_sound, rows

MINUTE = timedelta(minutes=1)
# Noon in Boston, outside the quiet hours.
NOON = datetime.fromisoformat("2027-03-01T17:00:00Z")
OFFERED = timedelta(hours=2)
WEEK = Days(date(2027, 3, 1), date(2027, 3, 5))


def wait(engine: Engine, clinic: Clinic, user: str, patient: str | None = None, days: Days = WEEK, now: datetime = NOW, **changes: Any) -> UUID:  # noqa: ANN401 - columns of the draft
    """Put somebody on the list for a check-up with Dr Chen, as the page does."""
    answers = {
        "speciality_id": clinic.speciality("family medicine"),
        "provider_id": clinic.provider("chen"),
        "visit_option_id": clinic.option("check-up"),
    }
    with sessions(engine).begin() as session:
        begin_write(session)
        row = Draft(
            id=uuid4(), user_id=clinic.user(user), patient_id=clinic.patient(patient or user), created_at=now, reason="It hurts", reason_ids=""
        )
        for name, value in {**answers, **changes}.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        read = drafts.draft(session, row.id, row.user_id, row.patient_id, lock=True)
        assert read is not None
        outcome = waiting.join(session, read[0], days, current_catalogue(session, clinic.account_id), now)
        assert isinstance(outcome, UUID)
        return outcome


def wait_earlier(
    engine: Engine, clinic: Clinic, user: str, schedule_id: UUID, days: Days = WEEK, now: datetime = NOW
) -> UUID | NotPossible | Forbidden:
    with sessions(engine).begin() as session:
        begin_write(session)
        schedule = schedules.view(session, schedule_id)
        assert schedule is not None
        return waiting.join_earlier(session, clinic.actor(user), schedule, days, now)


def offers(engine: Engine) -> list[Row]:
    """Return every offer, oldest first, the open one last."""
    return sorted(rows(engine, Offer), key=lambda row: (row["offered_at"], row["state"] == OfferState.OPEN))


def offered_to(engine: Engine) -> list[tuple[UUID, str]]:
    """Return whom times were offered to, and what became of it, in that order."""
    whose = {row["id"]: row["user_id"] for row in rows(engine, Waiting)}
    return [(whose[row["waiting_id"]], row["state"]) for row in offers(engine)]


def states(engine: Engine) -> dict[UUID, str]:
    return {row["id"]: row["state"] for row in rows(engine, Waiting)}


def answer(engine: Engine, clinic: Clinic, user: str, offer_id: UUID, now: datetime, way: Any = waiting.accept) -> Any:  # noqa: ANN401 - what the service answers
    """Accept or decline as the page does: what is refused is not committed."""
    with sessions(engine)() as session:
        begin_write(session)
        outcome = way(session, clinic.actor(user), offer_id, now)
        if not isinstance(outcome, (Refused, Forbidden)):
            session.commit()
        return outcome


def sweep(engine: Engine, now: datetime) -> int:
    """Sweep until there is nothing left; return how often there was something."""
    for times in range(20):
        with sessions(engine).begin() as session:
            begin_write(session)
            if not waiting.sweep(session, now):
                return times
    raise AssertionError("it never ends")


@pytest.fixture
def freed(engine: Engine, clinic: Clinic) -> UUID:
    """Omar and then Maya wait; Ada cancels ten o'clock at noon: it is offered to Omar."""
    schedule_id = booked(engine, clinic)
    wait(engine, clinic, "omar")
    wait(engine, clinic, "maya", now=NOW + MINUTE)
    cancel(engine, clinic, schedule_id, now=NOON)
    [offer] = offers(engine)
    made: UUID = offer["id"]
    return made


def test_a_cancelled_time_is_held_for_whoever_has_waited_longest(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    [offer] = offers(engine)
    assert (offer["id"], offered_to(engine)) == (freed, [(clinic.user("omar"), OfferState.OPEN)])
    assert (offer["starts_at"], offer["expires_at"]) == (TEN, NOON + OFFERED)
    held = {(row["draft_id"], row["expires_at"]) for row in rows(engine, Occupancy)}
    assert held == {(offer["draft_id"], NOON + OFFERED)}
    assert sorted(states(engine).values()) == [WaitState.OFFERED, WaitState.WAITING]


@pytest.mark.usefixtures("freed")
def test_nobody_else_can_book_it_meanwhile(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        outcome = booking.book(session, clinic.actor("ada"), clinic.request("ada", "ada", TEN), NOON)
    assert isinstance(outcome, Refused)
    assert TEN not in outcome.alternatives


def test_a_mail_tells_of_it_by_a_link_that_only_shows(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    [mail] = rows(engine, Mail)
    assert (mail["kind"], mail["to"], mail["try_at"]) == (Kind.WAIT_OFFER, clinic.email("omar"), NOON)
    facts = {"patient": "Omar", "path": f"/waiting/offers/{freed}", "held_until": (NOON + OFFERED).isoformat()}
    assert json.loads(mail["facts"]) == facts


def test_accepting_books_the_time_and_ends_the_waiting(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    outcome = answer(engine, clinic, "omar", freed, NOON)
    assert isinstance(outcome, Booked)
    [visit] = [row for row in rows(engine, Schedule) if row["id"] == outcome.schedule_id]
    assert (visit["patient_id"], visit["starts_at"], visit["reason"]) == (clinic.patient("omar"), TEN, "It hurts")
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.ACCEPTED)]
    assert sorted(states(engine).values()) == [WaitState.DONE, WaitState.WAITING]
    assert_sound(engine)


def test_accepting_twice_books_once(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    first, second = (answer(engine, clinic, "omar", freed, NOON) for _ in range(2))
    assert (second.schedule_id, second.replayed) == (first.schedule_id, True)


def test_what_is_declined_goes_to_the_next_and_not_back(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    assert answer(engine, clinic, "omar", freed, NOON, waiting.decline)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.DECLINED), (clinic.user("maya"), OfferState.OPEN)]
    answer(engine, clinic, "maya", offers(engine)[-1]["id"], NOON + MINUTE, waiting.decline)
    assert len(offers(engine)) == 2
    assert rows(engine, Occupancy) == []
    assert set(states(engine).values()) == {WaitState.WAITING}


@pytest.mark.parametrize(("late", "ended"), [(-MINUTE, 0), (timedelta(0), 1)])
@pytest.mark.usefixtures("freed")
def test_what_passes_goes_to_the_next(engine: Engine, clinic: Clinic, late: timedelta, ended: int) -> None:
    assert sweep(engine, NOON + OFFERED + late) == ended
    assert len(offered_to(engine)) == 1 + ended
    assert offered_to(engine)[0] == (clinic.user("omar"), OfferState.PASSED if ended else OfferState.OPEN)


def test_after_its_end_it_can_still_be_accepted_unless_somebody_has_it(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    sweep(engine, NOON + OFFERED)
    assert isinstance(answer(engine, clinic, "omar", freed, NOON + OFFERED), Refused)
    answer(engine, clinic, "maya", offers(engine)[-1]["id"], NOON + OFFERED, waiting.decline)
    assert isinstance(answer(engine, clinic, "omar", freed, NOON + OFFERED + MINUTE), Booked)
    assert_sound(engine)


def test_at_the_instant_of_its_end_either_the_sweep_or_the_person_has_it(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    instant = NOON + OFFERED

    def press(place: int) -> Any:  # noqa: ANN401 - of two kinds
        return sweep(engine, instant) if place else answer(engine, clinic, "omar", freed, instant)

    outcome, _ = together(2, press)
    kept = isinstance(outcome, Booked)
    assert offered_to(engine)[0] == (clinic.user("omar"), OfferState.ACCEPTED if kept else OfferState.PASSED)
    assert len(offers(engine)) == (1 if kept else 2)
    assert_sound(engine)


@pytest.mark.usefixtures("freed")
def test_two_sweeps_at_once_offer_it_on_once(engine: Engine, clinic: Clinic) -> None:
    together(2, lambda _: sweep(engine, NOON + OFFERED))
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.PASSED), (clinic.user("maya"), OfferState.OPEN)]


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
    assert rows(engine, Mail)[0]["try_at"] == morning


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


def test_anothers_offer_is_none(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    for way in (waiting.accept, waiting.decline):
        assert not answer(engine, clinic, "maya", freed, NOON, way) or isinstance(answer(engine, clinic, "maya", freed, NOON, way), Forbidden)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.OPEN)]


def test_who_waits_for_the_same_twice_keeps_their_place_with_the_newer_days(engine: Engine, clinic: Clinic) -> None:
    first = wait(engine, clinic, "omar")
    assert wait(engine, clinic, "omar", days=replace(WEEK, until=None), now=NOW + MINUTE) == first
    [entry] = rows(engine, Waiting)
    assert (entry["created_at"], entry["until_on"]) == (NOW, None)


def test_leaving_gives_the_offer_to_the_next(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    entry_id = next(row["waiting_id"] for row in rows(engine, Offer) if row["id"] == freed)
    assert answer(engine, clinic, "omar", entry_id, NOON, waiting.leave)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.DECLINED), (clinic.user("maya"), OfferState.OPEN)]
    assert states(engine)[entry_id] == WaitState.LEFT
    assert not answer(engine, clinic, "omar", uuid4(), NOON, waiting.leave)


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
