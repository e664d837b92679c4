"""Signing in and out: browser sessions as rows that the server can end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.services import passwords
from portal.storage import sign_ins
from portal.storage.people import UserSession
from portal.storage.sign_ins import Credentials, SignedIn

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
TOUCHES_MIN = 4
DEVICE_MAX = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a browser session lasts: without use, and in all."""

    idle: timedelta
    absolute: timedelta

    def ends_at(self, signed_in: SignedIn, now: datetime) -> datetime:
        """Return the instant at which a session used just now will end if it is not used again."""
        return min(now + self.idle, self.last_at(signed_in))

    def last_at(self, signed_in: SignedIn) -> datetime:
        """Return the instant at which a session ends however much it is used."""
        return signed_in.created_at + self.absolute

    def over(self, signed_in: SignedIn, now: datetime) -> bool:
        """Tell whether a session has ended by time."""
        return now - signed_in.seen_at >= self.idle or now - signed_in.created_at >= self.absolute


def normalised(email: str) -> str:
    """Return an e-mail address as it is stored and compared: no blanks around it, case folded."""
    return email.strip().casefold()


@dataclass(frozen=True, slots=True)
class Verified:
    """Somebody who knew their password; `new_hash` when the stored one was made with older parameters, `level` 2 with a second factor."""

    user_id: UUID
    new_hash: str | None
    level: int = 1


def credentials(session: Session, email: str) -> Credentials | None:
    """Return what sign-in compares for an e-mail address, or None when no active user has it."""
    return sign_ins.credentials(session, normalised(email))


def own_credentials(session: Session, user_id: UUID) -> Credentials | None:
    """Return what is compared when somebody who is signed in proves that it is them."""
    return sign_ins.own_credentials(session, user_id)


def verified_user(found: Credentials | None, password: str) -> Verified | None:
    """Return the user whose password this is, or None after the same work for whoever it was.

    Takes the time of one hash: call it outside any transaction.
    """
    if found is None:
        passwords.verify_nobody(password)
        return None
    if not passwords.verify(found.password_hash, password):
        return None
    outdated = passwords.needs_rehash(found.password_hash)
    return Verified(found.user_id, passwords.hash_password(password) if outdated else None)


def start_session(session: Session, verified: Verified, device: str, now: datetime, address: str = "") -> str:
    """Write a new browser session and return its token, 256 random bits that only the cookie will hold."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    keep_new_hash(session, verified)
    row = UserSession(
        token_hash=token_hash(token),
        user_id=verified.user_id,
        created_at=now,
        seen_at=now,
        revoked_at=None,
        device=device[:DEVICE_MAX],
        id=uuid4(),
        level=verified.level,
        proved_at=now,
        address=address,
    )
    session.add(row)
    session.flush()
    return token


def prove(session: Session, token: str, verified: Verified, now: datetime) -> None:
    """Record that whoever uses a browser session has just proved who they are."""
    keep_new_hash(session, verified)
    sign_ins.prove(session, token_hash(token), now)


def keep_new_hash(session: Session, verified: Verified) -> None:
    """Store the hash of a password again where the stored one was made with older parameters."""
    if verified.new_hash is not None:
        sign_ins.change_user(session, verified.user_id, password_hash=verified.new_hash)


def token_hash(token: str) -> str:
    """Return the SHA-256 by which a session's row is found; the token is random, so no slow hash is needed."""
    return sha256(token.encode(errors="replace")).hexdigest()


def stored(session: Session, token: str) -> SignedIn | None:
    """Return whom a token signs in as far as the row says; its age is for `Limits.over` to judge."""
    return sign_ins.signed_in(session, token_hash(token))


def find(session: Session, token: str, limits: Limits, now: datetime) -> SignedIn | None:
    """Return who a token signs in, or None when the session is unknown, ended or over."""
    signed_in = stored(session, token)
    return None if signed_in is None or limits.over(signed_in, now) else signed_in


def set_language(session: Session, user_id: UUID, language: str) -> None:
    """Keep the language that a person reads."""
    sign_ins.change_user(session, user_id, language=language)


def touch(session: Session, token: str, now: datetime) -> None:
    """Record use. Callers ask `needs_touch` first: a write for every page would make every read a commit."""
    sign_ins.touch(session, token_hash(token), now)


def needs_touch(signed_in: SignedIn, limits: Limits, now: datetime) -> bool:
    """Tell whether the recorded last use is old enough to be written again: a session must not end while it is used."""
    return now - signed_in.seen_at >= min(TOUCH_EVERY, limits.idle / TOUCHES_MIN)


def end_session(session: Session, token: str, now: datetime) -> None:
    """End a browser session for good; ending an ended one changes nothing."""
    sign_ins.revoke(session, token_hash(token), now)
