"""Hashing and verifying passwords with argon2id, a few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# The least that OWASP and ASVS 11.4.2 ask of argon2id with two passes.
MEMORY_KIB = 19_456
PASSES = 2
HASHES_AT_ONCE = 2
WAIT_SECONDS = 1.0
# Stands in place of a hash for people who cannot sign in yet; it matches no password.
NO_PASSWORD = "!"  # noqa: S105 - not a password
_HASHER = PasswordHasher(time_cost=PASSES, memory_cost=MEMORY_KIB, parallelism=1)
_TURNS = BoundedSemaphore(HASHES_AT_ONCE)
_DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$8HqHt/SAxwNoLG5HdtCV6w$l/1JSaMPXc0M+LU/tMmkxkW8L712/BDWotfAu1QqcVs"


class TooManySignInsError(Exception):
    """More passwords than the machine can hash are waiting; the same request a moment later will do."""


def hash_password(password: str) -> str:
    """Return the hash to store for a password of any length, as typed; raises TooManySignInsError."""
    with _turn():
        return _HASHER.hash(_bytes(password))


def verify(stored: str, password: str) -> bool:
    """Tell whether a password is the one whose hash is stored; raises TooManySignInsError."""
    if stored == NO_PASSWORD:
        verify_nobody(password)
        return False
    with _turn():
        return _matches(stored, password)


def verify_nobody(password: str) -> None:
    """Take as long as a wrong password takes, so that an answer's time does not tell whether an address is known."""
    with _turn():
        _matches(_DUMMY_HASH, password)


def needs_rehash(stored: str) -> bool:
    """Tell whether a stored hash was made with other parameters than those in use."""
    return _HASHER.check_needs_rehash(stored)


def _matches(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False


def _bytes(password: str) -> bytes:
    return password.encode(errors="surrogatepass")


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=WAIT_SECONDS):
        raise TooManySignInsError
    try:
        yield
    finally:
        _TURNS.release()
