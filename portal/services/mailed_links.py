"""Links sent by mail: 256 random bits, known by their digest, good once and for a while."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from sqlalchemy.orm import Session

from portal.storage import mailed_links
from portal.storage.mailed_links import MailedLink

TOKEN_BYTES = 32


class Purpose(StrEnum):
    """What a link is for."""

    SIGN_UP = "sign_up"
    RESET = "reset"
    EMAIL = "email"


LIFETIMES = {Purpose.SIGN_UP: timedelta(hours=24), Purpose.RESET: timedelta(minutes=30), Purpose.EMAIL: timedelta(hours=24)}


@dataclass(frozen=True, slots=True)
class Issued:
    """The token of a link that nobody else knows, and how long it works."""

    token: str
    expires_at: datetime


def issue(session: Session, purpose: Purpose, link: MailedLink, now: datetime, *, works: bool = True) -> Issued:
    """Write a new link and return its token, which cannot be had again. Flushes, never commits.

    One that does not `work` is written all the same, so that an answer's time does not tell whether there was one to write.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    expires_at = now + LIFETIMES[purpose]
    columns = {
        "token_hash": _digest(token),
        "kind": purpose.value,
        "account_id": link.account_id,
        "user_id": link.user_id,
        "email": link.email,
        "facts": json.dumps(dict(link.facts) if works else {}),
        "created_at": now,
        "expires_at": expires_at,
        "spent_at": None if works else now,
    }
    mailed_links.add(session, columns)
    return Issued(token, expires_at)


def find(session: Session, purpose: Purpose, token: str, now: datetime) -> MailedLink | None:
    """Return what a link is to bring about, without using it; None when it is unknown, used or too old."""
    return mailed_links.live(session, _digest(token), purpose.value, now)


def spend(session: Session, purpose: Purpose, token: str, now: datetime) -> MailedLink | None:
    """Use a link up and return what it is to bring about; None when there is nothing to use. Flushes, never commits."""
    found = find(session, purpose, token, now)
    return found if found is not None and mailed_links.spend(session, _digest(token), purpose.value, now) else None


def _digest(token: str) -> str:
    return sha256(token.encode(errors="replace")).hexdigest()
