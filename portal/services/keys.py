"""Issuing bearer keys, of which only a digest is stored, and finding who presents one."""

import hmac
import secrets
import string
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.domain.keys import ID_LENGTH, KeyText, parse_key
from portal.services.sign_in import normalised
from portal.storage import sign_ins
from portal.storage.clinic import Account
from portal.storage.people import ApiKey, User
from portal.storage.sign_ins import KeyFacts

_SECRET_BYTES = 32
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


def issue_to_user(session: Session, email: str, days: int, now: datetime) -> str:
    """Issue a key to the active user with an e-mail address; raises UnknownHolderError."""
    user = session.scalar(select(User).where(User.email == normalised(email), User.active))
    if user is None:
        raise UnknownHolderError(f"there is no active user with the e-mail address {email}")
    return issue(session, user.account_id, user.id, days, now)


def issue_to_account(session: Session, name: str, days: int, now: datetime) -> str:
    """Issue a key to the account with a key or a name; raises UnknownHolderError."""
    account = session.scalar(select(Account).where(or_(Account.key == name, Account.name == name)).order_by(Account.key != name).limit(1))
    if account is None:
        raise UnknownHolderError(f"there is no account with the key or the name {name}")
    return issue(session, account.id, None, days, now)


def find(session: Session, text: str, now: datetime) -> KeyFacts | None:
    """Return the live key whose text this is; None when malformed, unknown, expired or revoked."""
    presented = parse_key(text)
    stored = sign_ins.key(session, presented.id) if presented else None
    if presented is None or stored is None or not hmac.compare_digest(stored.secret_hash, presented.digest):
        return None
    return None if stored.revoked_at is not None or now >= stored.expires_at else stored
