"""Named queries about links sent by mail."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.prepared import Prepared
from portal.storage.proofs import Proof


@dataclass(frozen=True, slots=True)
class MailedLink:
    """What a link that somebody holds is to bring about: for a user, or for somebody who is none yet."""

    account_id: UUID
    user_id: UUID | None
    email: str
    facts: Mapping[str, str]


_ADD = Prepared(insert(Proof).values({column.name: bindparam(column.name) for column in Proof.__table__.columns}))
_FOUND = select(Proof.account_id, Proof.user_id, Proof.email, Proof.facts)


def add(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new link, given by column."""
    _ADD.write(session, columns)


def live(session: Session, token_hash: str, kind: str, now: datetime) -> MailedLink | None:
    """Return a link that was not used and is not too old, or None."""
    wanted = (Proof.token_hash == token_hash, Proof.kind == kind, Proof.spent_at.is_(None), Proof.expires_at > now)
    row = run(session, _FOUND.where(*wanted)).one_or_none()
    return None if row is None else MailedLink(row[0], row[1], row[2], json.loads(row[3]))


def spend(session: Session, token_hash: str, kind: str, now: datetime) -> bool:
    """Use a link up; of two who come together only one does."""
    wanted = (Proof.token_hash == token_hash, Proof.kind == kind, Proof.spent_at.is_(None), Proof.expires_at > now)
    return run(session, update(Proof).where(*wanted).values(spent_at=now, facts="{}")).rowcount > 0


def remove_ended(session: Session, now: datetime) -> None:
    """Remove links whose time is over."""
    run(session, delete(Proof).where(Proof.expires_at <= now))


def end_all_of(session: Session, user_id: UUID, now: datetime) -> None:
    """Let no link of a user work any more."""
    run(session, update(Proof).where(Proof.user_id == user_id, Proof.spent_at.is_(None)).values(spent_at=now, facts="{}"))
