from hashlib import sha256

import pytest

from portal.domain.passwords import LISTED_MAX, Weakness, asked_of_list, least_length, weakness
from portal.services.common_passwords import LIST, listed, weakness_of

OWN = ("ada@example.org", "Riverside Clinic")
ON_LIST = LIST.read_text().split()
# Three in a thousand, from all of the list.
SAMPLES = ON_LIST[:: len(ON_LIST) // 100][:100]
FOURTEEN = "vwkqtznbxrplmg"


def judged(password: str, least: int = 15) -> Weakness | None:
    return weakness_of(password, least, OWN)


def test_6_2_1_fourteen_characters_are_too_few_and_fifteen_enough() -> None:
    assert judged(FOURTEEN) is Weakness.TOO_SHORT
    assert judged(FOURTEEN + "c") is None


def test_6_2_1_twelve_are_enough_with_a_second_factor() -> None:
    least = least_length(second_factor=True)
    assert judged(FOURTEEN[:11], least) is Weakness.TOO_SHORT
    assert judged(FOURTEEN[:12], least) is None


def test_6_2_5_fifteen_lower_case_letters_are_accepted() -> None:
    assert judged("vwkqtznbxrplmgc") is None


@pytest.mark.parametrize("password", ["ü" * 64 + "ы" * 64, "\N{WHITE SMILING FACE}\N{SNOWMAN}" * 64, "zehn grüne Fässer rollen"])
def test_6_2_9_any_characters_count_and_128_are_allowed(password: str) -> None:
    assert judged(password) is None


def test_6_2_9_beyond_1024_characters_is_too_long() -> None:
    assert judged("ab3" * 341 + "c") is None
    assert judged("ab3" * 341 + "cd") is Weakness.TOO_LONG


def test_6_2_4_a_hundred_samples_of_the_list_are_refused() -> None:
    assert len(set(SAMPLES)) == 100
    assert [word for word in SAMPLES if judged(word) is None or judged(word.upper(), 1) is None] == []


def test_6_2_12_every_long_password_of_the_list_is_common() -> None:
    long = [word for word in ON_LIST if len(word) >= 15]
    assert len(long) > 20
    assert {judged(word) for word in long} == {Weakness.COMMON}


@pytest.mark.parametrize(
    "password", ["passwordpassword", "PasswordPassword", "monkeymonkeymon", "aaaaaaaaaaaaaaaaaaa", " " * 15, "123456123456123456"]
)
def test_6_2_4_a_common_one_again_and_again_is_refused(password: str) -> None:
    assert judged(password) is Weakness.COMMON


@pytest.mark.parametrize("password", ["password12345678", "sunshinebaseball", "Qwertyuiop123456"])
def test_6_2_4_two_common_ones_in_a_row_are_refused(password: str) -> None:
    assert judged(password) is Weakness.COMMON


@pytest.mark.parametrize(
    "password", ["ada@example.org", "ADA@example.ORG", "RiversideClinic", "riverside clinic", "riverside clinicriverside clinic"]
)
def test_6_2_4_the_own_address_and_the_name_of_the_practice_are_refused(password: str) -> None:
    assert judged(password) is Weakness.OWN_NAME


def test_an_address_with_more_around_it_is_accepted() -> None:
    assert judged("ada@example.org rides a bicycle") is None


def test_the_list_is_asked_about_a_bounded_number_of_words() -> None:
    assert len(asked_of_list("ab" * 512)) <= 2 * LISTED_MAX
    assert max(map(len, ON_LIST)) == LISTED_MAX


def test_the_list_answers_what_it_holds() -> None:
    assert listed(frozenset({"password", "zzzzzzzzq", "Password", ""})) == {"password"}


def test_6_2_4_the_list_is_larger_than_the_standard_asks() -> None:
    assert len(ON_LIST) == len(set(ON_LIST)) == 30_000


def test_a_weakness_needs_no_list_to_be_found_where_the_length_says_it() -> None:
    assert weakness("short", 15, OWN, frozenset()) is Weakness.TOO_SHORT


def test_the_list_is_the_one_whose_origin_is_told() -> None:
    assert f"`{sha256(LIST.read_bytes()).hexdigest()}`" in LIST.with_suffix(".md").read_text()
