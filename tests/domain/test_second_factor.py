from datetime import UTC, datetime, timedelta

import pytest

from portal.domain.second_factor import Place, SecondFactor, is_required, newest_step, passkey_place, plain_recovery_code, recovery_code, step_at

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


def test_a_step_is_thirty_seconds() -> None:
    assert step_at(NOON + timedelta(seconds=29)) == step_at(NOON) == step_at(NOON + timedelta(seconds=30)) - 1


def test_a_code_is_read_as_people_type_it_and_only_after_the_last_one() -> None:
    codes = {4: "123456", 5: "123456", 6: "000000"}
    assert newest_step(codes, " 123 456", 3) == 5
    assert newest_step(codes, "123-456", 5) is None
    assert newest_step(codes, "", 0) is None


@pytest.mark.parametrize("random", [bytes(10), bytes([255] * 10), bytes(range(10))])
def test_a_recovery_code_is_read_back_as_it_was_written(random: bytes) -> None:
    written = recovery_code(random)
    assert (len(written), plain_recovery_code(written.lower().replace("-", " "))) == (19, written.replace("-", ""))


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    assert plain_recovery_code("oO00-iI11-lL11-ABCD") == "000011111111ABCD"


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-ABCD-ABCD-ABCU", "ABCD-ABCD-ABCD-ABCD-A", "\u0660" * 16])
def test_what_cannot_be_a_recovery_code_is_none(typed: str) -> None:
    assert plain_recovery_code(typed) is None


@pytest.mark.parametrize("guardian", [True, False])
@pytest.mark.parametrize("setting", SecondFactor)
def test_who_must_have_a_second_factor(setting: SecondFactor, guardian: bool) -> None:  # noqa: FBT001 - a column of the table
    asked = setting is SecondFactor.ALL or (setting is SecondFactor.GUARDIANS and guardian)
    assert is_required(setting, "person", guardian=guardian) is asked
    assert is_required(setting, "staff", guardian=guardian)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Portal.Example.org", Place("portal.example.org", "https://portal.example.org", "A")),
        ("https://portal.example.org:443", Place("portal.example.org", "https://portal.example.org", "A")),
        ("https://portal.example.org:8443", Place("portal.example.org", "https://portal.example.org:8443", "A")),
        ("http://localhost:8000", Place("localhost", "http://localhost:8000", "A")),
        ("http://portal.example.org", None),
        ("http://127.0.0.1:8000", None),
        ("https://[::1]", None),
    ],
)
def test_where_passkeys_are_used(url: str, place: Place | None) -> None:
    assert passkey_place(url, "A") == place
