"""Issuing bearer keys, of which only a digest is stored, and finding who presents one."""

import hmac
import secrets
import string
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.keys import ID_LENGTH, LIVE_MAX, KeyText, parse_key
from portal.services.sign_in import normalised
from portal.storage import keys as stored_keys
from portal.storage import sign_ins
from portal.storage.clinic import Account
from portal.storage.keys import KeyEntry
from portal.storage.people import ApiKey, User
from portal.storage.sign_ins import KeyFacts, SignedIn

_SECRET_BYTES = 32
TOUCH_EVERY = timedelta(minutes=1)
_ID_LETTERS = string.ascii_lowercase + string.digits


class UnknownHolderError(LookupError):
    """There is nobody to issue a key to; the text says who was looked for."""


def issue(session: Session, account_id: UUID, user_id: UUID | None, days: int, now: datetime) -> str:
    """Store a new key that ends after `days` and return its text, which cannot be had again. Flushes, never commits."""
    key = KeyText("".join(secrets.choice(_ID_LETTERS) for _ in range(ID_LENGTH)), secrets.token_urlsafe(_SECRET_BYTES))
    session.add(
        ApiKey(
            id=key.id,
            secret_hash=key.digest,
            account_id=account_id,
            user_id=user_id,
            created_at=now,
            expires_at=now + timedelta(days=days),
            revoked_at=None,
        )
    )
    session.flush()
    return str(key)


def issue_own(session: Session, signed_in: SignedIn, days: int, now: datetime) -> str | None:
    """Issue a key to whoever is signed in, for themselves alone; None when they have LIVE_MAX live ones."""
    if stored_keys.live_count(session, signed_in.user_id, now) >= LIVE_MAX:
        return None
    return issue(session, signed_in.account_id, signed_in.user_id, days, now)


def issue_to_user(session: Session, email: str, days: int, now: datetime) -> str:
    """Issue a key to the active user with an e-mail address; raises UnknownHolderError."""
    user = session.scalar(select(User).where(User.email == normalised(email), User.active))
    if user is None:
        raise UnknownHolderError(f"there is no active user with the e-mail address {email}")
    return issue(session, user.account_id, user.id, days, now)


def issue_to_account(session: Session, name: str, days: int, now: datetime) -> str:
    """Issue a key to the account with a key or a name; raises UnknownHolderError."""
    return issue(session, _account_id(session, name), None, days, now)


def entries_of_user(session: Session, email: str) -> list[KeyEntry]:
    """Return the keys of the user with an e-mail address, newest first; raises UnknownHolderError."""
    user_id = session.scalar(select(User.id).where(User.email == normalised(email)))
    if user_id is None:
        raise UnknownHolderError(f"there is no user with the e-mail address {email}")
    return stored_keys.entries(session, user_id=user_id)


def entries_of_account(session: Session, name: str) -> list[KeyEntry]:
    """Return the keys of an account and of its users, newest first; raises UnknownHolderError."""
    return stored_keys.entries(session, account_id=_account_id(session, name))


def revoke(session: Session, key_id: str, now: datetime) -> bool:
    """End a key for good, from its next request on; False when it had been before. Raises UnknownHolderError for an unknown id."""
    if stored_keys.entry(session, key_id) is None:
        raise UnknownHolderError(f"there is no key with the id {key_id}")
    return stored_keys.revoke(session, key_id, now)


def own(session: Session, user_id: UUID, key_id: str) -> KeyEntry | None:
    """Return a user's own key, or None, the same for another's as for an unknown id."""
    return next((entry for entry in stored_keys.entries(session, user_id=user_id) if entry.id == key_id), None)


def touch(session: Session, key: KeyFacts, now: datetime) -> None:
    """Record that a key was used, once a minute at most: every call would else write a row that others want. Never commits."""
    if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
        stored_keys.touch(session, key.id, now, now - TOUCH_EVERY)


def _account_id(session: Session, name: str) -> UUID:
    found = session.scalar(select(Account.id).where(or_(Account.key == name, Account.name == name)).order_by(Account.key != name).limit(1))
    if found is None:
        raise UnknownHolderError(f"there is no account with the key or the name {name}")
    return found


def find(session: Session, text: str, now: datetime) -> KeyFacts | None:
    """Return the live key whose text this is; None when malformed, unknown, expired or revoked."""
    presented = parse_key(text)
    stored = sign_ins.key(session, presented.id) if presented else None
    if presented is None or stored is None or not hmac.compare_digest(stored.secret_hash, presented.digest):
        return None
    return None if stored.revoked_at is not None or now >= stored.expires_at else stored
