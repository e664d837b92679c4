"""Named queries about bearer keys and their use."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, bindparam, func, or_, select, true, update
from sqlalchemy.orm import Session

from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.people import ApiKey, User
from portal.storage.prepared import Prepared
from portal.storage.types import UtcDateTime

SHOWN_MAX = 500


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """A bearer key as lists show it; `email` is its user's, or None for a key of the whole account."""

    id: str
    account_name: str
    email: str | None
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        """Tell whether the key still opens anything."""
        return self.revoked_at is None and now < self.expires_at


_ENTRIES: Select[*tuple[Any, ...]] = (
    select(ApiKey.id, Account.name, User.email, ApiKey.created_at, ApiKey.expires_at, ApiKey.last_used_at, ApiKey.revoked_at)
    .join(Account, Account.id == ApiKey.account_id)
    .outerjoin(User, User.id == ApiKey.user_id)
    .order_by(ApiKey.created_at.desc(), ApiKey.id)
    .limit(SHOWN_MAX)
)
_BEFORE = bindparam("before", type_=UtcDateTime())
# Who writes the same at this moment holds the row, and nobody waits for a date.
_DUE = (
    select(ApiKey.id)
    .where(ApiKey.id == bindparam("key"), or_(ApiKey.last_used_at.is_(None), ApiKey.last_used_at <= _BEFORE))
    .with_for_update(skip_locked=True, key_share=True)
)
_TOUCH = Prepared(update(ApiKey).where(ApiKey.id.in_(_DUE)).values(last_used_at=bindparam("now")))


def entries(session: Session, user_id: UUID | None = None, account_id: UUID | None = None) -> list[KeyEntry]:
    """Return the keys of a user, or all that an account and its users have, or all there are, newest first."""
    wanted: ColumnElement[bool] = true()
    if user_id is not None:
        wanted = ApiKey.user_id == user_id
    elif account_id is not None:
        wanted = ApiKey.account_id == account_id
    return [KeyEntry(*row) for row in run(session, _ENTRIES.where(wanted))]


def entry(session: Session, key_id: str) -> KeyEntry | None:
    """Return one key, or None for an unknown id."""
    row = run(session, _ENTRIES.where(ApiKey.id == key_id)).one_or_none()
    return None if row is None else KeyEntry(*row)


def live_count(session: Session, user_id: UUID, now: datetime) -> int:
    """Return how many keys of a user open something."""
    live = select(func.count()).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None), ApiKey.expires_at > now)
    return run(session, live).scalar_one()  # type: ignore[no-any-return]  # a count is a whole number


def revoke(session: Session, key_id: str, now: datetime) -> bool:
    """End a key for good; False when there is none, or it had been revoked before."""
    return run(session, update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now)).rowcount > 0


def touch(session: Session, key_id: str, now: datetime, before: datetime) -> None:
    """Record that a key was used, unless that was recorded after `before` or is being recorded."""
    _TOUCH.write(session, {"key": key_id, "now": now, "before": before})
