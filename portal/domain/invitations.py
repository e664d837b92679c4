"""Codes that the practice hands out: how they are written, read and limited."""

from datetime import timedelta
from enum import StrEnum
from hashlib import sha256

# No letter that is read as a digit or as another one, and none that makes words.
LETTERS = "23456789CDFGHJKMNPQRTVWXY"
LENGTH = 16
GROUP = 4
LIFETIME = timedelta(days=14)
TRIES_MAX = 5
# Room for what people add when they copy a code.
TYPED_MAX = 60


class Role(StrEnum):
    """For whom a code is: the patient, or somebody who cares for them."""

    SELF = "self"
    GUARDIAN = "guardian"


class Refusal(StrEnum):
    """Why a code brings nothing about. UNKNOWN says no more, so that nothing about a patient can be found out by trying."""

    UNKNOWN = "unknown"
    HAS_RECORD = "has_record"
    OWN_RECORD = "own_record"
    RECORD_TAKEN = "record_taken"
    IS_GUARDIAN = "is_guardian"
    GUARDIANS_ADDRESS = "guardians_address"
    TOO_YOUNG = "too_young"
    ALREADY_LINKED = "already_linked"


def shown(code: str) -> str:
    """Return a code in groups that can be read out."""
    return "-".join(code[start : start + GROUP] for start in range(0, len(code), GROUP))


def digest(typed: str) -> str:
    """Return the SHA-256 by which a code is found, however its letters and groups were typed."""
    code = "".join(letter for letter in typed.upper() if letter in LETTERS)
    return sha256(code.encode()).hexdigest()
