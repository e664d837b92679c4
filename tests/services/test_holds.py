from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.openings import Asked
from portal.services import booking, drafts, holds, waiting
from portal.services.openings import Search, times
from portal.storage import drafts as stored
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft, Occupancy
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import ELEVEN, TEN
from tests.stored import rows

TEN_MINUTES = timedelta(minutes=10)


def draft_of(session: Session, clinic: Clinic, user: str, patient: str | None = None) -> UUID:
    """Write a draft of a check-up with Dr Chen that lacks its time."""
    row = Draft(id=uuid4(), user_id=clinic.user(user), patient_id=clinic.patient(patient or user), created_at=NOW, reason="It hurts")
    row.speciality_id, row.provider_id, row.visit_option_id = clinic.speciality("family medicine"), clinic.provider("chen"), clinic.option("check-up")
    session.add(row)
    session.flush()
    return row.id


def choose(
    session: Session, clinic: Clinic, draft_id: UUID, user: str, when: tuple[datetime, datetime] = (TEN, NOW), patient: str | None = None
) -> list[Code]:
    """Choose a time as the page does; return why it cannot be had."""
    read = stored.draft(session, draft_id, clinic.user(user), clinic.patient(patient or user), lock=True)
    assert read is not None
    first, now = when
    problems = drafts.choose_times(session, read[0], drafts.Choices(first, None), current_catalogue(session, clinic.account_id), now)
    return [problem.code for problem in problems]


def offered(session: Session, clinic: Clinic, now: datetime = NOW, besides: UUID | None = None) -> bool:
    """Tell whether ten o'clock with Dr Chen is on offer for Omar."""
    catalogue = current_catalogue(session, clinic.account_id)
    asked = Asked(catalogue.visit_options[clinic.option("check-up")], now)
    search = Search((catalogue.providers[clinic.provider("chen")],), asked, clinic.patient("omar"), besides)
    return TEN in times(session, search, TEN.date(), 1)[0].starts()


def test_a_held_time_is_offered_to_nobody_else_until_its_minutes_are_over(session: Session, clinic: Clinic) -> None:
    draft_id = draft_of(session, clinic, "ada")
    assert choose(session, clinic, draft_id, "ada") == []
    tick = timedelta(microseconds=1)
    assert [offered(session, clinic, NOW + TEN_MINUTES - tick), offered(session, clinic, NOW + TEN_MINUTES)] == [False, True]
    assert offered(session, clinic, besides=draft_id)


def test_nobody_else_can_hold_or_book_it_meanwhile(session: Session, clinic: Clinic) -> None:
    choose(session, clinic, draft_of(session, clinic, "ada"), "ada")
    other = draft_of(session, clinic, "omar")
    assert choose(session, clinic, other, "omar", (TEN, NOW)) == [Code.TIME_TAKEN]
    outcome = booking.book(session, clinic.actor("omar"), clinic.request("omar", "omar", TEN), NOW)
    assert isinstance(outcome, booking.Refused)
    assert TEN not in outcome.alternatives


@pytest.mark.parametrize("way", ["hold", "book"])
def test_the_next_writer_clears_what_has_expired(way: str, session: Session, clinic: Clinic) -> None:
    choose(session, clinic, draft_of(session, clinic, "ada"), "ada")
    later = NOW + TEN_MINUTES
    if way == "hold":
        assert choose(session, clinic, draft_of(session, clinic, "omar"), "omar", (TEN, later)) == []
    else:
        assert isinstance(booking.book(session, clinic.actor("omar"), clinic.request("omar", "omar", TEN), later), booking.Booked)


def test_another_choice_frees_the_first(session: Session, clinic: Clinic) -> None:
    draft_id = draft_of(session, clinic, "ada")
    choose(session, clinic, draft_id, "ada")
    assert choose(session, clinic, draft_id, "ada", (ELEVEN, NOW)) == []
    assert offered(session, clinic)


def test_a_user_holds_one_time_whatever_the_number_of_drafts(session: Session, clinic: Clinic) -> None:
    first, second = draft_of(session, clinic, "maya", "leo"), draft_of(session, clinic, "maya", "nia")
    choose(session, clinic, first, "maya", (TEN, NOW), "leo")
    assert choose(session, clinic, second, "maya", (ELEVEN, NOW), "nia") == []
    assert offered(session, clinic)
    assert {row.draft_id for row in session.query(Occupancy)} == {second}


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=15)])
def test_what_a_user_holds_by_an_older_draft_is_theirs_to_choose_again(later: timedelta, session: Session, clinic: Clinic) -> None:
    older, newer = draft_of(session, clinic, "ada"), draft_of(session, clinic, "ada")
    choose(session, clinic, older, "ada")
    assert choose(session, clinic, newer, "ada", (TEN + later, NOW)) == []
    assert {row.draft_id for row in session.query(Occupancy)} == {newer}


def test_a_guardian_can_give_the_time_they_hold_for_one_child_to_the_other(session: Session, clinic: Clinic) -> None:
    older, newer = draft_of(session, clinic, "maya", "leo"), draft_of(session, clinic, "maya", "nia")
    choose(session, clinic, older, "maya", (TEN, NOW), "leo")
    assert choose(session, clinic, newer, "maya", (TEN, NOW), "nia") == []
    assert {row.draft_id for row in session.query(Occupancy)} == {newer}


def test_an_older_draft_is_booked_though_a_newer_one_holds_its_time(session: Session, clinic: Clinic) -> None:
    older, newer = draft_of(session, clinic, "ada"), draft_of(session, clinic, "ada")
    choose(session, clinic, older, "ada")
    choose(session, clinic, newer, "ada")
    read = stored.draft(session, older, clinic.user("ada"), clinic.patient("ada"), lock=True)
    assert read is not None
    outcome = drafts.book(session, clinic.actor("ada"), read[0], current_catalogue(session, clinic.account_id), NOW)
    assert isinstance(outcome, booking.Booked)
    assert {(row.draft_id, row.schedule_id) for row in session.query(Occupancy)} == {(None, outcome.schedule_id)}


def test_the_hold_becomes_the_booking(session: Session, clinic: Clinic) -> None:
    draft_id = draft_of(session, clinic, "ada")
    choose(session, clinic, draft_id, "ada")
    read = stored.draft(session, draft_id, clinic.user("ada"), clinic.patient("ada"), lock=True)
    assert read is not None
    outcome = drafts.book(session, clinic.actor("ada"), read[0], current_catalogue(session, clinic.account_id), NOW)
    assert isinstance(outcome, booking.Booked)
    assert {(row.draft_id, row.schedule_id) for row in session.query(Occupancy)} == {(None, outcome.schedule_id)}


def test_a_hold_that_is_over_can_still_be_booked_unless_somebody_came(session: Session, clinic: Clinic) -> None:
    draft_id = draft_of(session, clinic, "ada")
    choose(session, clinic, draft_id, "ada")
    read = stored.draft(session, draft_id, clinic.user("ada"), clinic.patient("ada"), lock=True)
    assert read is not None
    outcome = drafts.book(session, clinic.actor("ada"), read[0], current_catalogue(session, clinic.account_id), NOW + 2 * TEN_MINUTES)
    assert isinstance(outcome, booking.Booked)


def test_a_sweep_takes_away_what_is_over_and_nothing_else(session: Session, clinic: Clinic) -> None:
    choose(session, clinic, draft_of(session, clinic, "ada"), "ada")
    kept = draft_of(session, clinic, "omar")
    choose(session, clinic, kept, "omar", (ELEVEN, NOW + TEN_MINUTES))
    swept = [waiting.sweep(session, NOW + TEN_MINUTES) for _ in range(2)]
    assert swept == [True, False]
    assert {row.draft_id for row in session.query(Occupancy)} == {kept}


def test_of_many_who_choose_one_time_at_once_one_holds_it(engine: Engine, clinic: Clinic) -> None:
    names = ("ada", "omar", "maya")

    def press(name: str) -> list[Code]:
        with sessions(engine).begin() as session:
            begin_write(session)
            return choose(session, clinic, draft_of(session, clinic, name), name)

    outcomes = together(len(names), lambda place: press(names[place]))
    assert sorted(map(tuple, outcomes)) == [(), (Code.TIME_TAKEN,), (Code.TIME_TAKEN,)]
    assert len({row["draft_id"] for row in rows(engine, Occupancy)}) == 1


def test_two_tabs_of_one_person_at_once_leave_one_hold(engine: Engine, clinic: Clinic) -> None:
    def press(patient: str) -> list[Code]:
        with sessions(engine).begin() as session:
            begin_write(session)
            start = TEN if patient == "leo" else ELEVEN
            return choose(session, clinic, draft_of(session, clinic, "maya", patient), "maya", (start, NOW), patient)

    assert together(2, lambda place: press(("leo", "nia")[place])) == [[], []]
    holders = [row for row in rows(engine, Draft) if row["held_until"]]
    assert len(holders) == 1
    assert {row["draft_id"] for row in rows(engine, Occupancy)} == {holders[0]["id"]}


def test_two_tabs_that_choose_again_at_once_do_not_wait_for_each_other(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        opened = [draft_of(session, clinic, "ada") for _ in range(2)]
        choose(session, clinic, opened[0], "ada")

    def press(place: int) -> list[Code]:
        with sessions(engine).begin() as session:
            begin_write(session)
            stored.wait_for_others(session, clinic.user("ada"))
            return choose(session, clinic, opened[place], "ada", ((TEN, ELEVEN)[place], NOW))

    for _ in range(5):
        assert together(2, press) == [[], []]


def test_giving_up_twice_changes_nothing(session: Session, clinic: Clinic) -> None:
    choose(session, clinic, draft_of(session, clinic, "ada"), "ada")
    for _ in range(2):
        holds.give_up_all(session, clinic.user("ada"))
        assert offered(session, clinic)
