"""Keeping what calls with an Idempotency-Key were answered."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.storage.calls import Repeat
from portal.storage.prepared import Prepared
from portal.storage.types import UtcDateTime

REMOVED_AT_ONCE = 100


class InFlightError(Exception):
    """Whoever has taken the id holds it for longer than a statement may wait."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call was answered."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class RepeatFacts:
    """A call that was answered: the digest of its request, and the answer."""

    request_digest: str
    answer: Answer


_STALE = bindparam("stale", type_=UtcDateTime())
_FIND = Prepared(
    select(Repeat.request_digest, Repeat.status, Repeat.media_type, Repeat.body).where(
        Repeat.id == bindparam("repeat"), Repeat.created_at > _STALE, Repeat.status.is_not(None)
    )
)
_ADD = insert(Repeat).values(id=bindparam("repeat"), request_digest=bindparam("digest"), created_at=bindparam("now"))
# PostgreSQL's form of the statement; SQLite has the same one.
_CLAIM = Prepared(
    _ADD.on_conflict_do_update(
        index_elements=[Repeat.id],
        set_={"request_digest": _ADD.excluded.request_digest, "created_at": _ADD.excluded.created_at, "status": null()},
        where=Repeat.created_at <= _STALE,
    )
)
_KEEP = Prepared(
    update(Repeat)
    .where(Repeat.id == bindparam("repeat"))
    .values(status=bindparam("given_status"), media_type=bindparam("given_type"), body=bindparam("given_body"))
)
# Rows of a call under way are not old, and those that another writer is removing are left to it.
_OLD = select(Repeat.id).where(Repeat.created_at <= _STALE).order_by(Repeat.created_at).limit(REMOVED_AT_ONCE).with_for_update(skip_locked=True)
_REMOVE = Prepared(delete(Repeat).where(Repeat.id.in_(_OLD)))


def find(session: Session, repeat_id: str, stale: datetime) -> RepeatFacts | None:
    """Return what was answered under an id after `stale`, or None."""
    row = _FIND.one(session, {"repeat": repeat_id, "stale": stale})
    return None if row is None else RepeatFacts(row[0], Answer(*row[1:]))


def claim(session: Session, repeat_id: str, request_digest: str, stale: datetime, now: datetime) -> bool:
    """Take an id for this transaction; False when an answer from after `stale` stands there.

    Waits for whoever is about to write one; raises InFlightError when that takes too long.
    """
    try:
        return _CLAIM.write(session, {"repeat": repeat_id, "digest": request_digest, "now": now, "stale": stale}) > 0
    except DBAPIError as error:
        if "timeout" in str(error.orig):
            raise InFlightError from error
        raise


def keep(session: Session, repeat_id: str, answer: Answer) -> None:
    """Write the answer under an id that this transaction has taken."""
    given = {"given_status": answer.status, "given_type": answer.media_type, "given_body": answer.body}
    _KEEP.write(session, {"repeat": repeat_id, **given})


def remove_old(session: Session, stale: datetime) -> None:
    """Remove what is too old to be answered again, some at a time."""
    _REMOVE.write(session, {"stale": stale})
