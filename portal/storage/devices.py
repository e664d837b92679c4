"""Named queries about the browsers in which people have signed in before."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.prepared import Prepared
from portal.storage.proofs import KnownDevice
from portal.storage.types import UtcDateTime

_KNOWN = Prepared(select(KnownDevice.user_id).where(KnownDevice.token_hash == bindparam("digest")))
_NOW = bindparam("now", type_=UtcDateTime())
_USE = Prepared(update(KnownDevice).where(KnownDevice.token_hash == bindparam("digest")).values(used_at=_NOW))
_NEW = insert(KnownDevice).values(token_hash=bindparam("digest"), user_id=bindparam("user_id"), created_at=_NOW, used_at=_NOW)
# PostgreSQL's form of the statement; SQLite has the same one.
_ADD = Prepared(_NEW.on_conflict_do_nothing())
_OF_USER = select(KnownDevice.token_hash).where(KnownDevice.user_id == bindparam("user_id"))


def is_known(session: Session, digest: str) -> bool:
    """Tell whether somebody has signed in with this device."""
    return _KNOWN.one(session, {"digest": digest}) is not None


def use(session: Session, digest: str, now: datetime) -> bool:
    """Record the use of a known device; False when there is none."""
    return _USE.write(session, {"digest": digest, "now": now}) > 0


def add(session: Session, digest: str, user_id: UUID, now: datetime) -> bool:
    """Remember a device of a user; False when that has been done in this moment."""
    return _ADD.write(session, {"digest": digest, "user_id": user_id, "now": now}) > 0


def of_user(session: Session, user_id: UUID) -> list[str]:
    """Return the digests of a user's devices."""
    return list(run(session, _OF_USER, {"user_id": user_id}).scalars())
