"""The same booking through both doors: the same outcome, the same problems, the same rows."""

from datetime import datetime

import pytest

from portal.domain.booking import Code, Field, Problem
from portal.domain.practice import VisitRules
from portal.web.booking.words import words_for
from tests.databases import Databases
from tests.doors.cases import CASES, ON_BOTH_DATABASES, Case
from tests.doors.doors import DOORS, LONG_SINCE, practice, set_rules
from tests.stored import Row

# Nothing is booked yet that could be closed to changes.
OF_A_CHANGE = {Code.CANCELLED, Code.DECLINED, Code.BEGUN, Code.TOO_LATE, Code.WITHDRAWN}


def run(databases: Databases, door: str, case: Case) -> list[list[Row]]:
    """Assert that the case ends as it should, and that it stored something exactly when it was booked; return what is stored."""
    with practice(databases, case.now) as place:
        if case.rules != VisitRules() or case.most is not None:
            set_rules(place, case)
        outcome = DOORS[door](place, case)
        assert outcome.agrees(case), outcome
        stored = place.stored()
    starts = [rival.start for rival in case.rivals] + ([case.given] if case.booked else [])
    before = [LONG_SINCE] if case.seen_before else []
    assert sorted(row["starts_at"] for row in stored[0]) == sorted([*before, *map(datetime.fromisoformat, starts)])
    return stored


@pytest.mark.parametrize("case", CASES, ids=str)
def test_both_doors_do_the_same(case: Case, sqlite: Databases) -> None:
    assert run(sqlite, "pages", case) == run(sqlite, "call", case)


@pytest.mark.parametrize("case", ON_BOTH_DATABASES, ids=str)
def test_both_doors_do_the_same_on_postgresql(case: Case, postgresql: Databases) -> None:
    assert run(postgresql, "pages", case) == run(postgresql, "call", case)


def test_the_table_meets_every_problem_that_both_doors_can_have() -> None:
    met = {code for case in CASES for _, code in case.problems}
    assert met == set(Code) - {Code.SKIPPED_TIME} - OF_A_CHANGE


@pytest.mark.parametrize("field", Field)
@pytest.mark.parametrize("code", Code)
def test_the_pages_have_words_for_every_problem(field: Field, code: Code) -> None:
    assert len(words_for(Problem(field, code)).split()) > 2
