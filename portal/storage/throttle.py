"""Counting calls so that all processes together keep to a limit."""

from datetime import datetime

from sqlalchemy import Integer, bindparam, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.domain.throttle import Limit
from portal.storage.calls import CallCount
from portal.storage.prepared import Prepared
from portal.storage.types import UtcDateTime

REMOVED_AT_ONCE = 100
_NOW = bindparam("now", type_=UtcDateTime())
_CALLS = bindparam("calls", type_=Integer())
_LIMIT = bindparam("limit", type_=Integer())
_OVER = CallCount.ends_at <= _NOW
_ADD = insert(CallCount).values(subject=bindparam("subject"), used=_CALLS, ends_at=bindparam("ends_at"))
# PostgreSQL's form of the statement; SQLite has the same one.
_USE = Prepared(
    _ADD.on_conflict_do_update(
        index_elements=[CallCount.subject],
        set_={
            "used": case((_OVER, _ADD.excluded.used), else_=CallCount.used + _ADD.excluded.used),
            "ends_at": case((_OVER, _ADD.excluded.ends_at), else_=CallCount.ends_at),
        },
        where=or_(_OVER, CallCount.used + _ADD.excluded.used <= _LIMIT),
    )
)
_ENDS_AT = Prepared(select(CallCount.ends_at).where(CallCount.subject == bindparam("subject")))
# Who counts at this moment holds their row, and is left alone.
_ENDED = select(CallCount.subject).where(_OVER).order_by(CallCount.ends_at).limit(REMOVED_AT_ONCE).with_for_update(skip_locked=True)
_REMOVE = Prepared(delete(CallCount).where(CallCount.subject.in_(_ENDED)))


def use(session: Session, subject: str, limit: Limit, now: datetime) -> bool:
    """Count a pack of calls of a subject, in the span that runs or else in a new one; False, and nothing counted, beyond the limit.

    The statement itself decides, so that writers who come together stay within the limit.
    """
    values = {"subject": subject, "calls": limit.pack, "limit": limit.calls, "ends_at": limit.span_end(now), "now": now}
    return _USE.write(session, values) > 0


def ends_at(session: Session, subject: str) -> datetime | None:
    """Return when the last span of a subject ends, or None when it has none."""
    row = _ENDS_AT.one(session, {"subject": subject})
    return None if row is None else row[0]


def remove_ended(session: Session, now: datetime) -> None:
    """Remove counts that mean nothing any more, some at a time."""
    _REMOVE.write(session, {"now": now})
