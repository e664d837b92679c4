import threading
import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type

from portal.services import passwords
from portal.services.passwords import TooManySignInsError, hash_password, needs_rehash, verify, verify_nobody

WORDS = "correct horse battery staple"


def test_a_password_matches_its_hash_alone() -> None:
    stored = hash_password(WORDS)
    assert verify(stored, WORDS)
    assert not verify(stored, WORDS + " ")


def test_11_4_2_hashes_have_the_parameters_of_the_security_standard() -> None:
    stored = hash_password(WORDS)
    parameters = extract_parameters(stored)
    assert (parameters.type, parameters.memory_cost, parameters.time_cost, parameters.parallelism) == (Type.ID, 19456, 2, 1)
    assert not needs_rehash(stored)


def test_a_hash_with_other_parameters_needs_another() -> None:
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(WORDS))


def test_the_whole_of_a_long_password_counts() -> None:
    assert not verify(hash_password("x" * 200), "x" * 199)


@pytest.mark.parametrize("password", ["ünïcödé " * 20, "\0nul", "lone \ud800 surrogate", ""])
def test_any_text_is_a_password(password: str) -> None:
    assert verify(hash_password(password), password)


@pytest.mark.parametrize("stored", ["!", "", "no hash", "$argon2id$v=19$m=19456,t=2,p=1$$"])
def test_what_is_no_hash_matches_nothing(stored: str) -> None:
    assert not verify(stored, stored)


@pytest.mark.parametrize("stored", [None, "!"])
def test_an_unknown_user_takes_as_long_as_a_wrong_password(stored: str | None) -> None:
    known = hash_password(WORDS)
    wrong, unknown = [], []
    for _ in range(7):
        started = time.perf_counter()
        verify(known, "something else")
        between = time.perf_counter()
        verify_nobody("something else") if stored is None else verify(stored, "something else")
        wrong.append(between - started)
        unknown.append(time.perf_counter() - between)
    assert min(unknown) == pytest.approx(min(wrong), rel=0.5)


def test_a_hash_too_many_is_refused_and_the_next_one_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(passwords, "_TURNS", threading.BoundedSemaphore(1))
    with passwords._turn(), pytest.raises(TooManySignInsError):  # noqa: SLF001 - holds the only turn, as a slow sign-in would
        verify_nobody(WORDS)
    verify_nobody(WORDS)
