from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.booking import Code
from portal.domain.practice import PracticeRules
from portal.domain.schedule import (
    ALLOWED,
    LIVE,
    REFERENCE_LENGTH,
    REFERENCE_LETTERS,
    Change,
    Status,
    change_problem,
    read_reference,
    reference_of,
    shown_reference,
)
from tests.domain.samples import SCHEDULE, at

MICROSECOND = timedelta(microseconds=1)
RULES = PracticeRules()


def test_letters_that_look_alike_in_print_are_left_out() -> None:
    assert set("01OIL").isdisjoint(REFERENCE_LETTERS)
    assert len(set(REFERENCE_LETTERS)) == len(REFERENCE_LETTERS) == 30


@given(st.integers(0, 2**128 - 1))
def test_a_reference_has_eight_of_them(number: int) -> None:
    reference = reference_of(number)
    assert len(reference) == REFERENCE_LENGTH
    assert set(reference) <= set(REFERENCE_LETTERS)


@given(st.integers(0, 30**8 - 2))
def test_numbers_next_to_each_other_have_different_references(number: int) -> None:
    assert reference_of(number) != reference_of(number + 1)


def test_people_read_a_reference_in_two_groups() -> None:
    assert shown_reference("7KQ2M4XP") == "7KQ2-M4XP"


def test_a_schedule_that_is_over_or_called_off_is_not_live() -> None:
    assert {Status.REQUESTED, Status.BOOKED, Status.ARRIVED} == LIVE
    assert [status.value for status in Status] == list(range(1, 8))


def test_only_a_schedule_that_is_live_may_be_changed() -> None:
    assert set(ALLOWED) == set(Status)
    assert {status for status, changes in ALLOWED.items() if changes} == LIVE


@pytest.mark.parametrize("change", [Change.CANCEL, Change.MOVE])
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.REQUESTED, None),
        (Status.BOOKED, None),
        (Status.ARRIVED, Code.BEGUN),
        (Status.FULFILLED, Code.BEGUN),
        (Status.CANCELLED, Code.CANCELLED),
        (Status.NO_SHOW, Code.BEGUN),
        (Status.DECLINED, Code.DECLINED),
    ],
)
def test_a_state_allows_a_change_or_says_why_not(change: Change, status: Status, code: Code | None) -> None:
    assert change_problem(replace(SCHEDULE, status=status), change, at("2027-03-01T08:00"), RULES) == code


@pytest.mark.parametrize("change", [Change.CANCEL, Change.MOVE])
def test_a_change_is_possible_until_the_visit_begins(change: Change) -> None:
    assert change_problem(SCHEDULE, change, SCHEDULE.starts_at - MICROSECOND, RULES) is None
    assert change_problem(SCHEDULE, change, SCHEDULE.starts_at, RULES) is Code.BEGUN
    assert change_problem(SCHEDULE, change, SCHEDULE.ends_at, RULES) is Code.BEGUN


@pytest.mark.parametrize("change", [Change.CANCEL, Change.MOVE])
def test_a_notice_ends_it_earlier(change: Change) -> None:
    notice = PracticeRules(**{f"{change}_notice_minutes": 24 * 60})
    last = SCHEDULE.starts_at - timedelta(hours=24)
    assert change_problem(SCHEDULE, change, last, notice) is None
    assert change_problem(SCHEDULE, change, last + MICROSECOND, notice) is Code.TOO_LATE
    assert change_problem(SCHEDULE, change, SCHEDULE.starts_at, notice) is Code.BEGUN


def test_the_choices_are_told_as_they_were_asked_for() -> None:
    second = replace(SCHEDULE, first_choice_given=False, other_choice_at=at("2027-03-03T15:00"), first_choice_form="utc", second_choice_form="local")
    assert (SCHEDULE.choices, SCHEDULE.given_form) == ((SCHEDULE.starts_at, None), "utc")
    assert (second.choices, second.given_form) == ((at("2027-03-03T15:00"), SCHEDULE.starts_at), "local")


@pytest.mark.parametrize("text", ["ABCD2345", "abcd2345", " ABCD-2345 ", "abcd-2345\n"])
def test_a_reference_is_read_as_people_write_it(text: str) -> None:
    assert read_reference(text) == "ABCD2345"


@pytest.mark.parametrize("text", ["", "-", "ABCD234", "ABCD23456", "ABCD2341", "ABCDO345", "\xdfBCD2345", "ABCD\u00a02345", "ABCD 2345", "\0" * 8])
def test_other_texts_are_no_reference(text: str) -> None:
    assert read_reference(text) is None
