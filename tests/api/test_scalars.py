"""Single values: what each spelling is read as, and what is refused although a parser of the language would take it."""

from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

import pytest

from portal.api.scalars import (
    boolean,
    decimal_field,
    decimal_literal,
    decimal_text,
    guid,
    integer_field,
    integer_literal,
    integer_text,
    number_literal,
    plain_text,
)

ID = "7e8c9f05-e295-482c-802e-ab1463a9f415"


def refuses(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("text", [ID, ID.upper(), ID.replace("-", ""), f"{{{ID}}}", f"({ID})", f"\xa0{ID}\u2003"])
def test_a_guid_has_five_spellings(text: str) -> None:
    assert guid(text) == UUID(ID)


@pytest.mark.parametrize("text", ["", f"urn:uuid:{ID}", f"{{{ID}", f"{{{ID})", f"{ID[:-1]}\u0665", ID.replace("-", "_"), f"{ID}\x1c", "0" * 50_000])
def test_a_guid_has_no_others(text: str) -> None:
    assert refuses(guid, text)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (decimal_literal, "5.00", "5.00"),
        (decimal_literal, "1e2", "100"),
        (decimal_literal, "1.50e1", "15.0"),
        (decimal_literal, "0x10", "16"),
        (decimal_literal, "010", "8"),
        (decimal_literal, "-0.0", "0.0"),
        (decimal_literal, "0.12345678901234567890123456785", "0.1234567890123456789012345678"),
        (decimal_literal, "0.00000000000000000000000000015", "2E-28"),
        (decimal_literal, "1e-999999999999", "0E-28"),
        (decimal_literal, "79228162514264337593543950335", "79228162514264337593543950335"),
        (decimal_literal, "7.9228162514264337593543950336", "7.922816251426433759354395034"),
        (decimal_text, " -1,234.5 ", "-1234.5"),
        (decimal_text, "5,5", "55"),
        (decimal_text, "5-", "-5"),
        (decimal_text, ".5", "0.5"),
        (decimal_field, "1e2", "100"),
    ],
)
def test_decimals_keep_their_scale(read: Callable[[str], Decimal], text: str, value: str) -> None:
    assert str(read(text)) == value


@pytest.mark.parametrize("text", ["", " ", ".", "1e2", "$5", "(5)", "0x10", "+5-", "NaN", "Infinity", "1_0", "\u0665", "5\xa0", ",5"])
def test_texts_that_are_no_decimals(text: str) -> None:
    assert refuses(decimal_text, text)


@pytest.mark.parametrize("text", ["5,5", "5-", "x"])
def test_forms_know_no_commas_and_no_trailing_sign(text: str) -> None:
    assert refuses(decimal_field, text)


@pytest.mark.parametrize("text", ["79228162514264337593543950336", "1e29", "1e999999999999", "9" * 50_000])
def test_decimals_have_96_bits(text: str) -> None:
    with pytest.raises(OverflowError):
        decimal_literal(text)


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (integer_literal, "0x1F", 31),
        (integer_literal, "0xFFFFFFFF", -1),
        (integer_literal, "010", 8),
        (integer_literal, "-2147483648", -(2**31)),
        (integer_text, " +1 ", 1),
        (integer_text, "0000000000000001", 1),
        (integer_field, "#10", 16),
        (integer_field, "0X10", 16),
        (integer_field, "&h1f", 31),
        (integer_field, " 7 ", 7),
    ],
)
def test_integers(read: Callable[[str], int], text: str, value: int) -> None:
    assert read(text) == value


@pytest.mark.parametrize(("read", "text"), [(integer_text, "2147483648"), (integer_literal, "-2147483649"), (integer_field, "#100000000")])
def test_integers_have_32_bits(read: Callable[[str], int], text: str) -> None:
    with pytest.raises(OverflowError):
        read(text)


@pytest.mark.parametrize(("read", "text"), [(integer_text, "1_0"), (integer_text, "\u0661"), (integer_text, "1.0"), (integer_literal, "08")])
def test_texts_that_are_no_integers(read: Callable[[str], int], text: str) -> None:
    assert refuses(read, text)


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("-0", 0), ("1.5", 1.5), (".5", 0.5), ("5.", 5.0), ("1E2", 100.0), ("0x7f", 127)])
def test_bare_numbers(text: str, value: float) -> None:
    assert number_literal(text) == value


@pytest.mark.parametrize("text", ["-", ".", "1e", "1-2", "1.2.3", "0b1", "1e400", "1" * 381])
def test_what_is_no_bare_number(text: str) -> None:
    with pytest.raises((ValueError, OverflowError)):
        number_literal(text)


@pytest.mark.parametrize(("value", "text"), [(7, "7"), (True, "True"), (-0.0, "0"), (0.1, "0.1"), (1e15, "1E+15"), (1e14, "100000000000000")])
def test_numbers_as_text(value: object, text: str) -> None:
    assert plain_text(value) == text


def test_booleans_are_words() -> None:
    assert (boolean(" TRUE "), boolean("false")) == (True, False)
    with pytest.raises(ValueError, match="1"):
        boolean("1")
