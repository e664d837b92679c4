import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.schedule import LIVE, REFERENCE_LENGTH, REFERENCE_LETTERS, Status, read_reference, reference_of, shown_reference


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


@pytest.mark.parametrize("text", ["ABCD2345", "abcd2345", " ABCD-2345 ", "abcd-2345\n"])
def test_a_reference_is_read_as_people_write_it(text: str) -> None:
    assert read_reference(text) == "ABCD2345"


@pytest.mark.parametrize("text", ["", "-", "ABCD234", "ABCD23456", "ABCD2341", "ABCDO345", "\xdfBCD2345", "ABCD\u00a02345", "ABCD 2345", "\0" * 8])
def test_other_texts_are_no_reference(text: str) -> None:
    assert read_reference(text) is None
