"""Counting tries at passwords, exactly, however many processes count: each statement locks the row that it decides by."""

from datetime import datetime

from sqlalchemy import Integer, String, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.domain.sign_in_tries import LOCKED_AFTER, Tries
from portal.storage.calls import CallCount
from portal.storage.core import run
from portal.storage.prepared import Prepared
from portal.storage.proofs import SignInTries
from portal.storage.types import UtcDateTime

REMOVED_AT_ONCE = 100
_NOW = bindparam("now", type_=UtcDateTime())
_SUBJECT = bindparam("of", type_=String())
_ADD = insert(SignInTries).values(subject=_SUBJECT, failures=0, tried_at=_NOW, next_at=_NOW)
# A change of nothing: it locks the row that is there, and so the next to try waits for what this one writes.
_LOCK = _ADD.on_conflict_do_update(index_elements=[SignInTries.subject], set_={"failures": SignInTries.failures}).returning(
    SignInTries.failures, SignInTries.next_at
)
_OWN = SignInTries.subject == _SUBJECT
_WRITE = Prepared(
    update(SignInTries)
    .where(_OWN)
    .values(failures=bindparam("count", type_=Integer()), tried_at=_NOW, next_at=bindparam("then", type_=UtcDateTime()))
)
_GIVE_BACK = Prepared(
    update(SignInTries)
    .where(_OWN, SignInTries.failures > 0)
    .values(failures=SignInTries.failures - 1, next_at=bindparam("then", type_=UtcDateTime()))
)
_FORGET = Prepared(delete(SignInTries).where(_OWN))
_STALE = (
    select(SignInTries.subject)
    .where(SignInTries.tried_at < bindparam("before", type_=UtcDateTime()), SignInTries.failures < LOCKED_AFTER)
    .limit(REMOVED_AT_ONCE)
)
_REMOVE = Prepared(delete(SignInTries).where(SignInTries.subject.in_(_STALE.with_for_update(skip_locked=True))))
_UNCOUNT = Prepared(update(CallCount).where(CallCount.subject == _SUBJECT, CallCount.used > 0).values(used=CallCount.used - 1))
_FIRST, _RECENT, _LAST = (bindparam(name, type_=String()) for name in ("first", "recent", "last"))
_COUNTS = Prepared(
    select(
        func.coalesce(func.sum(case((CallCount.subject >= _RECENT, CallCount.used), else_=0)), 0),
        func.coalesce(func.sum(case((CallCount.subject < _RECENT, CallCount.used), else_=0)), 0),
    ).where(CallCount.subject >= _FIRST, CallCount.subject <= _LAST)
)


def locked(session: Session, subject: str, now: datetime) -> Tries:
    """Return the tries of a subject, and let nobody else read them here until the transaction ends."""
    return Tries(*run(session, _LOCK, {"of": subject, "now": now}).one())


def write(session: Session, subject: str, tries: Tries, now: datetime) -> None:
    """Keep the tries of a subject, the last of them made at `now`."""
    _WRITE.write(session, {"of": subject, "count": tries.failures, "then": tries.next_at, "now": now})


def give_back(session: Session, subject: str, next_at: datetime) -> None:
    """Take back one try of a subject that came to nothing."""
    _GIVE_BACK.write(session, {"of": subject, "then": next_at})


def forget(session: Session, subject: str) -> None:
    """Remove what is kept of a subject: its failures are no longer in a row."""
    _FORGET.write(session, {"of": subject})


def uncount(session: Session, subject: str) -> None:
    """Take back one count of calls."""
    _UNCOUNT.write(session, {"of": subject})


def remove_stale(session: Session, before: datetime) -> None:
    """Remove subjects not tried since, some at a time; not those that only a mail may open again."""
    _REMOVE.write(session, {"before": before})


def counts(session: Session, first: str, recent: str, last: str) -> tuple[int, int]:
    """Return the sums of counts whose subjects lie from `recent` to `last`, and from `first` up to `recent`."""
    row = _COUNTS.one(session, {"first": first, "recent": recent, "last": last})
    return (0, 0) if row is None else (int(row[0]), int(row[1]))
