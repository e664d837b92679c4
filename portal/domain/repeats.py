"""Calls that carry an Idempotency-Key: what a key may look like, when two requests are the same, and how long an answer is kept."""

from datetime import timedelta
from hashlib import sha256
from uuid import UUID

KEY_LENGTH_MAX = 255
KEPT = timedelta(hours=24)


def is_well_formed(key: str) -> bool:
    """Tell whether a text can be a key: printable ASCII, not only blanks, 255 characters at most."""
    return bool(key.strip()) and len(key) <= KEY_LENGTH_MAX and key.isascii() and key.isprintable()


def repeat_id(holder: UUID, key: str) -> str:
    """Return under what a holder's key is kept; two holders never share one, whatever keys they choose."""
    return sha256(f"{holder} {key}".encode()).hexdigest()


def request_digest(call: str, body: bytes) -> str:
    """Return what two requests share exactly when they send the same bytes to the same call."""
    return sha256(call.encode() + b"\0" + body).hexdigest()
