"""The log of what matters to whoever guards the portal: one JSON line for each event, without secrets and without words about health."""

import json
import logging
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

_log = logging.getLogger("portal.events")
TEXT_MAX = 120


class Event(StrEnum):
    """What has happened."""

    SIGN_IN = "sign_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_IN_THROTTLED = "sign_in_throttled"
    SECOND_STEP_FAILED = "second_step_failed"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session_ended"
    SIGNED_UP = "signed_up"
    RESET_ASKED = "reset_asked"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of an event
    EMAIL_CHANGED = "email_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    KEY_ISSUED = "key_issued"
    KEY_REVOKED = "key_revoked"
    KEY_REFUSED = "key_refused"
    CALENDAR_MADE = "calendar_made"
    CALENDAR_REVOKED = "calendar_revoked"
    ACCESS_DENIED = "access_denied"
    CODE_REFUSED = "code_refused"
    LINK_CHANGED = "link_changed"
    FAILURE_RATE = "failure_rate"


def note(event: Event, now: datetime, outcome: str = "done", **who: UUID | str | int | None) -> None:
    """Write one event: `who` says actor, subject, object and address, as far as they are known.

    A line is JSON with every control character escaped, so no text that somebody sent can look like a second line.
    """
    told = {name: str(value)[:TEXT_MAX] for name, value in who.items() if value is not None}
    _log.info(json.dumps({"at": now.astimezone(UTC).isoformat(), "event": event.value, "outcome": outcome, **told}))


def show() -> None:
    """Write each event of the log as the one line that it is, to the standard error, and no line twice."""
    _log.setLevel(logging.INFO)
    _log.propagate = False
    if not _log.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("%(message)s"))
        _log.addHandler(handler)
