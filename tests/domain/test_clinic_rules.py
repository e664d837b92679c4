"""The rules that a clinic file may set: what is read, what is usual, and what cannot be meant, with its line."""

import pytest

from portal.domain.practice import PracticeRules, VisitRules
from tests.domain.test_clinic import GOOD, errors, read, with_account

ROOM = 'key = "room"'


def with_option(*lines: str) -> str:
    return GOOD.replace(ROOM, "\n".join([ROOM, *lines]), 1)


def test_a_file_that_says_nothing_of_rules_has_the_usual_ones() -> None:
    clinic = read(GOOD)
    assert clinic.account.rules == PracticeRules()
    assert [option.rules for option in clinic.encounter_types[0].options] == [VisitRules(), VisitRules()]


def test_a_practice_keeps_what_the_file_says() -> None:
    said = {"hold_minutes": 5, "offer_minutes": 60, "cancel_notice_minutes": 1440, "move_notice_minutes": 720, "coming_visits_max": 3}
    lines = [f"{name} = {value}" for name, value in said.items()]
    rules = read(with_account("\n".join([*lines, 'quiet_hours = "22:30-06:05"']))).account.rules
    assert rules == PracticeRules(**said, quiet_from_minute=22 * 60 + 30, quiet_until_minute=6 * 60 + 5)


def test_an_option_keeps_what_the_file_says_of_its_rules() -> None:
    option = read(with_option("by_request = true", "age_from = 2", "age_below = 12", 'patients = "known"', "repeat_days = 30")).encounter_types[0]
    assert option.options[0].rules == VisitRules(by_request=True, age_from=2, age_below=12, known_patients=True, repeat_days=30)


@pytest.mark.parametrize(("word", "meant"), [("any", None), ("known", True), ("new", False)])
def test_patients_are_any_known_or_new(word: str, meant: bool | None) -> None:  # noqa: FBT001 - a column of the table
    assert read(with_option(f'patients = "{word}"')).encounter_types[0].options[0].rules.known_patients is meant


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("hold_minutes = 0", "hold_minutes: expected a whole number from 1 to 60, got 0"),
        ("hold_minutes = 61", "hold_minutes: expected a whole number from 1 to 60, got 61"),
        ("offer_minutes = 4", "offer_minutes: expected a whole number from 5 to 10080, got 4"),
        ('quiet_hours = "9-17"', "quiet_hours: expected times such as 21:00-08:00, got '9-17'"),
        ('quiet_hours = "24:00-08:00"', "quiet_hours: expected times such as 21:00-08:00, got '24:00-08:00'"),
        ("cancel_notice_minutes = -1", "cancel_notice_minutes: expected a whole number from 0 to 43200, got -1"),
        ('move_notice_minutes = "1 day"', "move_notice_minutes: expected a whole number from 0 to 43200, got '1 day'"),
        ("coming_visits_max = 0", "coming_visits_max: expected a whole number from 1 to 100, got 0"),
    ],
)
def test_a_rule_of_the_practice_that_cannot_be_meant_is_told_with_its_line(line: str, says: str) -> None:
    content = with_account(line)
    number = content[: content.index(line)].count("\n") + 1
    assert errors(content) == [f"hill.toml:{number}: {says}"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (("by_request = 1",), "by_request: expected true or false, got 1"),
        (("age_from = -1",), "age_from: expected a whole number from 0 to 130, got -1"),
        (("age_below = 0",), "age_below: expected a whole number from 1 to 130, got 0"),
        (("age_from = 12", "age_below = 12"), "age_below: expected an age above 12, got 12"),
        (('patients = "old"',), "patients: expected one of any, known, new, got 'old'"),
        (("repeat_days = 367",), "repeat_days: expected a whole number from 0 to 366, got 367"),
    ],
)
def test_a_rule_of_an_option_that_cannot_be_meant_is_told_with_its_line(lines: tuple[str, ...], says: str) -> None:
    content = with_option(*lines)
    number = content[: content.index(lines[-1])].count("\n") + 1
    assert errors(content) == [f"hill.toml:{number}: {says}"]
