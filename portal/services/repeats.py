"""Answering the same call again: what was answered under an Idempotency-Key is kept with what it answers for."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.repeats import KEPT, repeat_id, request_digest
from portal.storage import repeats
from portal.storage.repeats import Answer, InFlightError


@dataclass(frozen=True, slots=True)
class Marked:
    """A request with a key: under which id its answer is kept, and a digest of what it asks."""

    id: str
    digest: str


@dataclass(frozen=True, slots=True)
class Changed:
    """The key was used with another request."""


@dataclass(frozen=True, slots=True)
class InFlight:
    """A request with this key has been under way for longer than this one can wait."""


def marked(holder: UUID, key: str, call: str, body: bytes) -> Marked:
    """Return what marks a request: its key belongs to the holder alone, a user or an account, whichever bearer key they use."""
    return Marked(repeat_id(holder, key), request_digest(call, body))


def find(session: Session, request: Marked, now: datetime) -> Answer | Changed | None:
    """Return what the same request was answered in the last 24 hours, or None."""
    found = repeats.find(session, request.id, now - KEPT)
    if found is None:
        return None
    return found.answer if found.request_digest == request.digest else Changed()


def claim(session: Session, request: Marked, now: datetime) -> Answer | Changed | InFlight | None:
    """Take the key for this transaction and return None; or return what another request has been answered meanwhile.

    Of requests that come together the others wait here for the first one's end. Answers that are too old are removed.
    """
    try:
        taken = repeats.claim(session, request.id, request.digest, now - KEPT, now)
    except InFlightError:
        return InFlight()
    if not taken:
        return find(session, request, now) or InFlight()
    repeats.remove_old(session, now - KEPT)
    return None


def keep(session: Session, request: Marked, answer: Answer) -> None:
    """Keep the answer of a request whose key this transaction has taken. Never commits."""
    repeats.keep(session, request.id, answer)
