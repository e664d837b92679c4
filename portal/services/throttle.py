"""Keeping programs to their limits: counts in the database that hold for all processes, drawn in packs where calls are many."""

import threading
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from portal.domain.throttle import MAILS_TO_ADDRESS, Limit
from portal.storage import throttle

SUBJECTS_KEPT = 10_000
_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Pack:
    """Calls of a subject that a process may let through until `ends_at`; none left when its limit is reached."""

    subject: str
    calls: int
    ends_at: datetime


class Packs:
    """The packs of one process. All processes together hold no more than the limit, since each drew its packs from it.

    What is left in one process when a span ends is lost, so that the last packs of a limit may be refused a little early.
    """

    def __init__(self) -> None:
        self._packs: dict[str, Pack] = {}
        self._lock = threading.Lock()

    def take(self, subject: str, now: datetime) -> Pack | None:
        """Use one call of a subject and return its pack as it was before, or None when a new one must be drawn."""
        with self._lock:
            pack = self.peek(subject, now)
            if pack is None:
                return None
            if pack.calls == 1:
                del self._packs[subject]
            elif pack.calls:
                self._packs[subject] = Pack(subject, pack.calls - 1, pack.ends_at)
            return pack

    def peek(self, subject: str, now: datetime) -> Pack | None:
        """Return the pack of a subject, or None when there is none or its span is over."""
        pack = self._packs.get(subject)
        return None if pack is None or now >= pack.ends_at else pack

    def put(self, pack: Pack, now: datetime) -> None:
        """Add a pack that was drawn, and remember an empty one, so that nobody asks the database again before its end."""
        with self._lock:
            if len(self._packs) >= SUBJECTS_KEPT:
                self._packs = {subject: kept for subject, kept in self._packs.items() if now < kept.ends_at}
            kept = self._packs.get(pack.subject)
            calls = pack.calls + (kept.calls if pack.calls and kept and kept.ends_at == pack.ends_at else 0)
            self._packs[pack.subject] = Pack(pack.subject, calls, pack.ends_at)


@dataclass(frozen=True, slots=True)
class Mailing:
    """A mail to an address that somebody in a network has named, and how many of its kind a network may have sent."""

    what: str
    address: str
    network: str
    by_network: Limit


def draw(session: Session, subject: str, limit: Limit, now: datetime) -> Pack:
    """Count a pack of calls and return it, empty when the limit is reached; it may be used after the commit. Never commits."""
    if throttle.use(session, subject, limit, now):
        return Pack(subject, limit.pack, limit.span_end(now))
    return Pack(subject, 0, throttle.ends_at(session, subject) or limit.span_end(now))


def may_mail(session: Session, mailing: Mailing, now: datetime) -> bool:
    """Count a mail; False when there have been enough to its address or from its network. Never commits."""
    address = sha256(mailing.address.encode(errors="replace")).hexdigest()[:_DIGITS]
    limits = ((f"{mailing.what}:{mailing.network}", mailing.by_network), (f"{mailing.what}:{address}", MAILS_TO_ADDRESS))
    return all(draw(session, subject, limit, now).calls for subject, limit in limits)


def remove_ended(session: Session, now: datetime) -> None:
    """Remove counts of spans that are over. Never commits."""
    throttle.remove_ended(session, now)
