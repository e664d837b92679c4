"""Every way in which a time is let go of offers it to whoever waits, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from portal.domain.moving import MoveRequest
from portal.domain.waiting import OfferState
from portal.services import cancelling, deciding, drafts, moving, nearby
from portal.services.booking import Booked
from portal.services.drafts import Whom
from portal.services.nearby import Decided, Ready
from portal.storage import drafts as stored
from portal.storage.catalogue import current_catalogue
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, book, booked, cancel
from tests.services.test_deciding import DESK
from tests.services.test_holds import choose, draft_of
from tests.services.test_moving import chosen
from tests.services.waits import MINUTE, NOON, OFFERED, answer, offered_to, offers, sweep, wait
from tests.stored import assert_sound

Way = Callable[[Session, Clinic, UUID], object]


def ready(session: Session, clinic: Clinic, draft_id: UUID) -> Ready:
    read = stored.draft(session, draft_id, clinic.user("ada"), clinic.patient("ada"), lock=True)
    assert read is not None
    return Ready(read[0], current_catalogue(session, clinic.account_id))


def choose_another_clinician(session: Session, clinic: Clinic, draft_id: UUID) -> bool:
    found = ready(session, clinic, draft_id)
    return drafts.choose_provider(
        session, found.draft, Whom(clinic.speciality("family medicine"), clinic.provider("novak"), None), found.catalogue, NOON
    )


def choose_another_visit(session: Session, clinic: Clinic, draft_id: UUID) -> bool:
    found = ready(session, clinic, draft_id)
    return drafts.choose_visit(session, found.draft, clinic.option("phone"), found.catalogue, NOON)


def give_up(session: Session, clinic: Clinic, draft_id: UUID) -> None:
    found = ready(session, clinic, draft_id)
    drafts.give_up(session, found.draft, found.catalogue, NOON)


OF_DRAFTS: dict[str, Way] = {
    "give it up": give_up,
    "choose another time": lambda session, clinic, draft_id: choose(session, clinic, draft_id, "ada", (ELEVEN, NOON)),
    "choose in another tab": lambda session, clinic, _: choose(session, clinic, draft_of(session, clinic, "ada"), "ada", (ELEVEN, NOON)),
    "choose another clinician": choose_another_clinician,
    "choose another visit": choose_another_visit,
}
OF_VISITS: dict[str, Way] = {
    "cancel": lambda session, clinic, visit: cancelling.cancel(session, clinic.actor("ada"), visit, None, NOON),
    "move": lambda session, clinic, visit: moving.move(session, clinic.actor("ada"), MoveRequest(visit, ELEVEN), NOON),
}
OF_REQUESTS: dict[str, tuple[Way, list[object]]] = {
    "confirm the first": (lambda session, _, visit: deciding.confirm(session, visit, DESK, NOON), [WEDNESDAY]),
    "confirm the second": (lambda session, _, visit: deciding.confirm(session, visit, DESK, NOON, second=True), [TEN]),
    "decline": (lambda session, _, visit: deciding.decline(session, visit, DESK, "Away", NOON), [TEN, WEDNESDAY]),
    "cancel": (OF_VISITS["cancel"], [TEN, WEDNESDAY]),
    "move": (OF_VISITS["move"], [TEN, WEDNESDAY]),
}


def do(engine: Engine, clinic: Clinic, way: Way, what: UUID) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        way(session, clinic, what)


def let(engine: Engine, table: type[Account | VisitOption], **columns: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(table).values(**columns))


@pytest.mark.parametrize("way", OF_DRAFTS)
def test_a_time_that_a_draft_held_is_offered_when_people(way: str, engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = draft_of(session, clinic, "ada")
        assert choose(session, clinic, draft_id, "ada", (TEN, NOON)) == []
    wait(engine, clinic, "omar")
    do(engine, clinic, OF_DRAFTS[way], draft_id)
    assert [(row["starts_at"], row["state"]) for row in offers(engine)] == [(TEN, OfferState.OPEN)]


@pytest.mark.parametrize("way", OF_VISITS)
def test_a_time_that_a_visit_had_is_offered_when_people(way: str, engine: Engine, clinic: Clinic) -> None:
    visit = booked(engine, clinic)
    wait(engine, clinic, "omar")
    do(engine, clinic, OF_VISITS[way], visit)
    assert [row["starts_at"] for row in offers(engine)] == [TEN]


def test_a_time_held_for_a_move_that_got_another_is_offered(engine: Engine, clinic: Clinic) -> None:
    visit = booked(engine, clinic)
    assert isinstance(chosen(engine, clinic, MoveRequest(visit, ELEVEN)), moving.Chosen)
    wait(engine, clinic, "omar")
    wait(engine, clinic, "maya")
    assert chosen(engine, clinic, MoveRequest(visit, WEDNESDAY), moving.move_chosen) == moving.Moved(visit)
    assert {row["starts_at"] for row in offers(engine)} == {TEN, ELEVEN}


@pytest.mark.parametrize("way", OF_REQUESTS)
def test_what_a_request_needs_no_more_is_offered_when_it_is_to(way: str, engine: Engine, clinic: Clinic) -> None:
    let(engine, VisitOption, by_request=True)
    visit = booked(engine, clinic, second_choice=WEDNESDAY)
    wait(engine, clinic, "omar")
    wait(engine, clinic, "maya", now=NOW + MINUTE)
    act, freed = OF_REQUESTS[way]
    do(engine, clinic, act, visit)
    assert sorted(row["starts_at"] for row in offers(engine)) == freed


def test_the_visit_that_another_stands_in_for_is_offered(engine: Engine, clinic: Clinic) -> None:
    let(engine, VisitOption, repeat_days=7)
    visit = booked(engine, clinic)
    wait(engine, clinic, "omar")
    with sessions(engine).begin() as session:
        begin_write(session)
        draft_id = draft_of(session, clinic, "ada")
        assert choose(session, clinic, draft_id, "ada", (WEDNESDAY, NOON)) == []
        outcome = nearby.book(session, clinic.actor("ada"), ready(session, clinic, draft_id), Decided(frozenset({visit}), replace=True), NOON)
        assert isinstance(outcome, Booked)
    assert [row["starts_at"] for row in offers(engine)] == [TEN]


def test_who_has_found_such_a_visit_in_another_way_is_passed_over(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar", now=NOW - MINUTE)
    wait(engine, clinic, "maya")
    booked(engine, clinic, "omar", WEDNESDAY)
    cancel(engine, clinic, first, now=NOON)
    assert offered_to(engine) == [(clinic.user("maya"), OfferState.OPEN)]


def test_who_has_as_many_visits_ahead_as_the_practice_allows_is_passed_over(engine: Engine, clinic: Clinic) -> None:
    let(engine, Account, coming_visits_max=1)
    first = booked(engine, clinic)
    assert isinstance(book(engine, clinic, "omar", "omar", WEDNESDAY, visit_option_id=clinic.option("phone")), Booked)
    wait(engine, clinic, "omar")
    cancel(engine, clinic, first, now=NOON)
    assert offers(engine) == []


def test_a_visit_that_was_waited_for_stands_beside_another_of_its_type(engine: Engine, clinic: Clinic) -> None:
    let(engine, VisitOption, repeat_days=7)
    first, _ = booked(engine, clinic), booked(engine, clinic, "omar", WEDNESDAY)
    wait(engine, clinic, "omar", now=NOW + timedelta(seconds=1))
    cancel(engine, clinic, first, now=NOON)
    assert isinstance(answer(engine, clinic, "omar", offers(engine)[0]["id"], NOON), Booked)
    assert_sound(engine)


def test_a_passed_offer_and_another_booking_race_for_one_time(engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar")
    cancel(engine, clinic, first, now=NOON)
    offer_id = offers(engine)[0]["id"]
    assert sweep(engine, NOON + OFFERED) == 1

    def press(place: int) -> object:
        return answer(engine, clinic, "omar", offer_id, NOON + OFFERED) if place else book(engine, clinic, "maya", "maya", TEN)

    assert sum(isinstance(outcome, Booked) for outcome in together(2, press)) == 1
    assert_sound(engine)


@pytest.mark.parametrize("way", ["book", "hold"])
def test_a_time_that_is_freed_goes_to_one_of_who_waits_and_who_takes_it(way: str, engine: Engine, clinic: Clinic) -> None:
    first = booked(engine, clinic)
    wait(engine, clinic, "omar")

    def take() -> object:
        if way == "book":
            return isinstance(book(engine, clinic, "maya", "maya", TEN), Booked)
        with sessions(engine).begin() as session:
            begin_write(session)
            return choose(session, clinic, draft_of(session, clinic, "maya"), "maya", (TEN, NOON)) == []

    outcomes = together(2, lambda place: take() if place else cancel(engine, clinic, first, now=NOON))
    assert (True in outcomes) is (offers(engine) == [])
    assert_sound(engine)
