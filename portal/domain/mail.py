"""Mail that waits to be sent: what it tells of, to whom, and when it is tried again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

RETRY_FIRST = timedelta(minutes=1)
RETRY_MAX = timedelta(hours=4)
TRIES_MAX = 12


class Kind(StrEnum):
    """What a mail tells of, and so the name of its template."""

    SIGN_UP = "sign_up"
    ALREADY_SIGNED_UP = "already_signed_up"
    RESET = "reset"
    NO_ACCOUNT = "no_account"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a template
    CONFIRM_EMAIL = "confirm_email"
    EMAIL_CHANGED = "email_changed"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    NEW_DEVICE = "new_device"
    JOINED = "joined"
    LINK_REQUESTED = "link_requested"
    LINK_CHANGED = "link_changed"
    LINK_NARROWS = "link_narrows"
    PROXY_OFFERED = "proxy_offered"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to one address. `facts` are texts for its template; a link in it is the path `facts["path"]` of the portal."""

    kind: Kind
    account_id: UUID
    to: str
    language: str
    facts: Mapping[str, str] = field(default_factory=dict)
    user_id: UUID | None = None
    patient_id: UUID | None = None
    due_at: datetime | None = None


def next_try(tries: int, now: datetime) -> datetime | None:
    """Return when to try again after so many tries have failed: the waits double; None when it is to be given up."""
    return None if tries >= TRIES_MAX else now + min(RETRY_FIRST * 2 ** (tries - 1), RETRY_MAX)
