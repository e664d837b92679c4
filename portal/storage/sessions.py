"""Named queries about a user's browser sessions."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.people import UserSession
from portal.storage.types import UtcDateTime

SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A browser session as its owner sees it; `id` None is one from before sessions had ids, which cannot be ended alone."""

    id: UUID | None
    description: str
    address: str
    created_at: datetime
    seen_at: datetime


_LIVE = (
    select(UserSession.id, UserSession.device, UserSession.address, UserSession.created_at, UserSession.seen_at)
    .where(
        UserSession.user_id == bindparam("user_id"),
        UserSession.revoked_at.is_(None),
        UserSession.seen_at > bindparam("seen_after", type_=UtcDateTime()),
        UserSession.created_at > bindparam("created_after", type_=UtcDateTime()),
    )
    .order_by(UserSession.seen_at.desc(), UserSession.token_hash)
    .limit(SHOWN_MAX)
)


def live(session: Session, user_id: UUID, seen_after: datetime, created_after: datetime) -> list[SessionEntry]:
    """Return a user's sessions that nobody has ended and that were used and begun lately enough, the last used first."""
    found = run(session, _LIVE, {"user_id": user_id, "seen_after": seen_after, "created_after": created_after})
    return [SessionEntry(*row) for row in found]


def end(session: Session, user_id: UUID, session_id: UUID, now: datetime) -> int:
    """End one session of a user for good; return how many that were."""
    own = update(UserSession).where(UserSession.user_id == user_id, UserSession.id == session_id, UserSession.revoked_at.is_(None))
    ended: int = run(session, own.values(revoked_at=now)).rowcount
    return ended


def end_others(session: Session, user_id: UUID, kept: str, now: datetime) -> int:
    """End all sessions of a user but the one with a token's hash; return how many that were."""
    others = update(UserSession).where(UserSession.user_id == user_id, UserSession.token_hash != kept, UserSession.revoked_at.is_(None))
    ended: int = run(session, others.values(revoked_at=now)).rowcount
    return ended
