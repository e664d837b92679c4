"""Browsers in which people have signed in before: they are known by a cookie, and a new one is told of by mail."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.mail import Kind, Letter
from portal.domain.sessions import browser_and_system
from portal.services import outbox
from portal.storage import devices, sign_ins

TOKEN_BYTES = 32
UNKNOWN = "?"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Device:
    """A browser: the random token of its cookie, what it says it is, and the network address that it comes from."""

    token: str
    description: str
    address: str


def token_of(carried: str | None) -> str:
    """Return the token that a cookie carries, or a new one when it carries none that can be ours."""
    return carried if carried and _TOKEN.fullmatch(carried) else secrets.token_urlsafe(TOKEN_BYTES)


def digest(token: str, user_id: UUID | None) -> str:
    """Return by what a device is known as a user's: each of those who share a browser has their own row, and None has none."""
    return sha256(f"{token}:{user_id or _NOBODY}".encode()).hexdigest()


def is_known(session: Session, token: str, user_id: UUID | None) -> bool:
    """Tell whether a user has signed in with this device before; as much work for nobody."""
    return devices.is_known(session, digest(token, user_id))


def meet(session: Session, device: Device, user_id: UUID, now: datetime) -> None:
    """Remember that a user has signed in with a device, and write them a mail if it is a new one. Flushes, never commits."""
    known = digest(device.token, user_id)
    if devices.use(session, known, now) or not devices.add(session, known, user_id, now):
        return
    to = sign_ins.recipient(session, user_id)
    named = ", ".join(filter(None, browser_and_system(device.description)))
    facts = {"device": named or UNKNOWN, "place": device.address, "path": "/account/sessions"}
    outbox.put(session, Letter(Kind.NEW_DEVICE, to.account_id, to.email, to.language, facts, user_id=user_id), now)
