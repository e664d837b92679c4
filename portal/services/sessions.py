"""A person's browser sessions: which there are, and ending them from elsewhere."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.services.sign_in import Limits, token_hash
from portal.storage import sessions
from portal.storage.sessions import SessionEntry


def live(session: Session, user_id: UUID, limits: Limits, now: datetime) -> list[SessionEntry]:
    """Return the sessions in which a user is signed in now, the last used first."""
    return sessions.live(session, user_id, now - limits.idle, now - limits.absolute)


def end(session: Session, user_id: UUID, session_id: UUID, now: datetime) -> int:
    """End one session of a user from its next request on; 0 when they have no such session, or it had ended. Never commits."""
    return sessions.end(session, user_id, session_id, now)


def end_others(session: Session, user_id: UUID, token: str, now: datetime) -> int:
    """End every session of a user but the one of a token, and return how many; "" is the token of none. Never commits."""
    return sessions.end_others(session, user_id, token_hash(token), now)
