"""What counts as a second factor: who must have one, how codes are written and read, how long each proof holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import urlsplit

SECRET_BYTES = 20  # RFC 4226 recommends a secret of 160 bits
STEP_SECONDS = 30  # the time step of RFC 6238, which every app uses
# A code of the step before or after is taken too: clocks differ, and people type slowly.
WINDOW = 1
CODES = 10
CODE_BYTES = 10
SECOND_STEP_LIFE = timedelta(minutes=10)
PASSKEY_LIFE = timedelta(minutes=5)
TRIES_MAX = 5
NAME_MAX = 60
PASSKEYS_MAX = 20
CREDENTIAL_ID_MAX = 1023  # bytes; WebAuthn's own limit
GROUP = 4
# Crockford's letters: none of them is taken for another when it is read from paper.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011")
_CODE_LENGTH = CODE_BYTES * 8 // 5
_PORTS = {"http": 80, "https": 443}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
STAFF = "staff"


class SecondFactor(StrEnum):
    """Of whom a second factor is required at sign-in; staff need one in any case."""

    OPTIONAL = "none"
    GUARDIANS = "guardians"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Place:
    """Where passkeys are used: the host they belong to, the origin that pages have there, and the portal's name."""

    host: str
    origin: str
    name: str


class Change(StrEnum):
    """What happened to somebody's second factor, as mail and the log of events name it."""

    APP_ADDED = "app_added"
    APP_REMOVED = "app_removed"
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
    CODES_MADE = "recovery_made"
    CODE_USED = "recovery_used"


def is_required(setting: SecondFactor, role: str, *, guardian: bool) -> bool:
    """Tell whether somebody must have a second factor."""
    return role == STAFF or setting is SecondFactor.ALL or (setting is SecondFactor.GUARDIANS and guardian)


def step_at(now: datetime) -> int:
    """Return the time step of an instant: how many STEP_SECONDS have passed since 1970."""
    return (now - _EPOCH) // timedelta(seconds=STEP_SECONDS)


def steps_around(now: datetime) -> range:
    """Return the time steps whose codes are taken at an instant."""
    step = step_at(now)
    return range(step - WINDOW, step + WINDOW + 1)


def newest_step(codes: Mapping[int, str], typed: str, last_step: int) -> int | None:
    """Return the newest step after `last_step` whose code was typed, or None."""
    code = re.sub(r"[\s-]", "", typed)
    return max((step for step, right in codes.items() if step > last_step and right == code), default=None)


def recovery_code(random: bytes) -> str:
    """Return CODE_BYTES random bytes as a code that people can copy by hand, in groups."""
    number = int.from_bytes(random)
    letters = "".join(_LETTERS[number >> 5 * place & 31] for place in reversed(range(_CODE_LENGTH)))
    return grouped(letters, "-")


def plain_recovery_code(typed: str) -> str | None:
    """Return the letters of a recovery code as it was typed, or None for what cannot be one."""
    letters = re.sub(r"[\s-]", "", typed).upper().translate(_MISREAD)
    return letters if len(letters) == _CODE_LENGTH and set(letters) <= set(_LETTERS) else None


def grouped(text: str, between: str = " ") -> str:
    """Return a text in groups of GROUP characters."""
    return between.join(text[start : start + GROUP] for start in range(0, len(text), GROUP))


def passkey_place(public_url: str, name: str) -> Place | None:
    """Return where passkeys of the portal at an address are used, or None where browsers allow none.

    They want a name, not a number, and TLS everywhere but on a machine of one's own.
    """
    parts = urlsplit(public_url)
    host = parts.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        local = host == "localhost" or host.endswith(".localhost")
        usual = _PORTS.get(parts.scheme)
        port = "" if parts.port in (None, usual) else f":{parts.port}"
        return Place(host, f"{parts.scheme}://{host}{port}", name) if host and (parts.scheme == "https" or local) else None
    return None
