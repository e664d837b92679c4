"""The rules of a practice when several book at once, and what a refusal leaves."""

import pytest
from sqlalchemy import Engine, update

from portal.domain.booking import Code
from portal.services.booking import Booked, Refused
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Occupancy, Schedule
from tests.clinic import Clinic
from tests.racing import together
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, book, booked
from tests.stored import assert_sound, rows


def rule(engine: Engine, clinic: Clinic, most: int | None = None, days: int = 0) -> None:
    """Let patients have so many visits ahead, and check-ups so many days apart."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Account).where(Account.id == clinic.account_id).values(coming_visits_max=most, revision=Account.revision + 1))
        session.execute(update(VisitOption).where(VisitOption.id == clinic.option("check-up")).values(repeat_days=days))


@pytest.mark.parametrize(("most", "days", "code"), [(1, 0, Code.TOO_MANY), (None, 2, Code.REPEATED)])
def test_of_two_who_book_for_one_child_at_once_one_is_refused(most: int | None, days: int, code: Code, engine: Engine, clinic: Clinic) -> None:
    rule(engine, clinic, most, days)
    wishes = [("maya", TEN, "chen"), ("grace", WEDNESDAY, "novak")]

    def press(place: int) -> Booked | Refused:
        user, start, provider = wishes[place]
        outcome = book(engine, clinic, user, "leo", start, provider_id=clinic.provider(provider))
        assert isinstance(outcome, Booked | Refused)
        return outcome

    outcomes = together(2, press)
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert [problem.code for outcome in refused for problem in outcome.problems] == [code]
    assert len(rows(engine, Schedule)) == 1
    assert_sound(engine)


def test_a_refusal_by_a_rule_leaves_nothing(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    rule(engine, clinic, most=1)
    before = rows(engine, Occupancy)
    assert isinstance(book(engine, clinic, "ada", "ada", WEDNESDAY), Refused)
    assert (len(rows(engine, Schedule)), rows(engine, Occupancy)) == (1, before)


def test_the_same_request_again_breaks_no_rule(engine: Engine, clinic: Clinic) -> None:
    rule(engine, clinic, most=1, days=30)
    first = booked(engine, clinic)
    assert book(engine, clinic, "ada", "ada", TEN) == Booked(first, replayed=True)


def test_what_a_guardian_may_not_see_does_not_count_for_them(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic, "leo")
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(private=True))
    rule(engine, clinic, most=1, days=30)
    assert isinstance(book(engine, clinic, "maya", "leo", ELEVEN), Booked)


def test_one_visit_of_a_patient_counts_for_that_patient_alone(engine: Engine, clinic: Clinic) -> None:
    rule(engine, clinic, most=1, days=30)
    booked(engine, clinic, "leo")
    assert isinstance(book(engine, clinic, "maya", "nia", ELEVEN), Booked)
