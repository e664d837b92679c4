from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portal.domain.booking import Code
from portal.domain.practice import PracticeRules, VisitRules
from portal.domain.rules import NearVisit, acquaintance_problem, age_problem, near, number_problem, repeat_problem

ZONE = "America/New_York"
TEN = datetime(2027, 3, 2, 15, tzinfo=UTC)


def visit(starts_at: datetime) -> NearVisit:
    return NearVisit(uuid4(), starts_at, "Dr Chen", ZONE)


@pytest.mark.parametrize(("age", "code"), [(1, Code.AGE), (2, None), (11, None), (12, Code.AGE)])
def test_an_age_counts_from_the_first_bound_up_to_before_the_second(age: int, code: Code | None) -> None:
    assert age_problem(VisitRules(age_from=2, age_below=12), [age]) is code


def test_one_age_that_fits_is_enough_while_the_day_is_open() -> None:
    rules = VisitRules(age_from=2)
    assert (age_problem(rules, [1, 2]), age_problem(VisitRules(), [130])) == (None, None)


@pytest.mark.parametrize(
    ("rule", "known", "code"),
    [(None, True, None), (None, False, None), (True, True, None), (True, False, Code.KNOWN_ONLY), (False, False, None), (False, True, Code.NEW_ONLY)],
)
def test_a_visit_is_for_those_who_were_seen_before_or_were_not(rule: bool | None, known: bool, code: Code | None) -> None:  # noqa: FBT001 - columns of the table
    assert acquaintance_problem(VisitRules(known_patients=rule), is_known=known) is code


@pytest.mark.parametrize(("most", "coming", "code"), [(None, 1000, None), (2, 1, None), (2, 2, Code.TOO_MANY), (2, 3, Code.TOO_MANY)])
def test_a_patient_has_so_many_visits_ahead_at_most(most: int | None, coming: int, code: Code | None) -> None:
    assert number_problem(PracticeRules(coming_visits_max=most), coming) is code


def test_days_between_visits_are_those_of_the_calendar() -> None:
    late, next_morning = datetime(2027, 3, 4, 4, 30, tzinfo=UTC), datetime(2027, 3, 4, 14, tzinfo=UTC)
    visits = [visit(late), visit(next_morning), visit(TEN - timedelta(days=1)), visit(TEN - timedelta(days=2))]
    assert near(VisitRules(repeat_days=1), visits, [TEN], ZONE) == [visits[0], visits[2]]


def test_a_visit_near_either_choice_is_near() -> None:
    visits = [visit(TEN), visit(TEN + timedelta(days=9))]
    assert near(VisitRules(repeat_days=2), visits, [TEN, TEN + timedelta(days=10)], ZONE) == visits


def test_only_a_visit_that_nobody_has_settled_is_asked_about() -> None:
    visits = [visit(TEN), visit(TEN)]
    settled = {visits[0].id}
    assert (repeat_problem(visits, settled), repeat_problem(visits[:1], settled), repeat_problem([], ())) == (Code.REPEATED, None, None)
