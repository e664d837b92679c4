"""Offers of the wait list on both databases: a freed time goes to one person at a time."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine

from portal.domain.mail import Kind
from portal.domain.waiting import OfferState, WaitState
from portal.services import booking, waiting
from portal.services.booking import Booked, Forbidden, Refused
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.schedule import Occupancy, Schedule
from portal.storage.waiting import Offer
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import TEN, booked, cancel
from tests.services.waits import MINUTE, NOON, OFFERED, answer, offered_to, offers, states, sweep, wait
from tests.stored import assert_sound, rows


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
    [mail] = [row for row in rows(engine, Mail) if row["kind"] == Kind.WAIT_OFFER]
    assert (mail["to"], mail["try_at"]) == (clinic.email("omar"), NOON)
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


def test_anothers_offer_is_none(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    for way in (waiting.accept, waiting.decline):
        assert not answer(engine, clinic, "maya", freed, NOON, way) or isinstance(answer(engine, clinic, "maya", freed, NOON, way), Forbidden)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.OPEN)]


def test_leaving_gives_the_offer_to_the_next(engine: Engine, clinic: Clinic, freed: UUID) -> None:
    entry_id = next(row["waiting_id"] for row in rows(engine, Offer) if row["id"] == freed)
    assert answer(engine, clinic, "omar", entry_id, NOON, waiting.leave)
    assert offered_to(engine) == [(clinic.user("omar"), OfferState.DECLINED), (clinic.user("maya"), OfferState.OPEN)]
    assert states(engine)[entry_id] == WaitState.LEFT
    assert not answer(engine, clinic, "omar", uuid4(), NOON, waiting.leave)
