"""Named queries about offers to act for an adult, each a link sent by mail that works once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from portal.storage.core import run
from portal.storage.proofs import Proof

KIND = "proxy"


@dataclass(frozen=True, slots=True)
class OfferFacts:
    """An offer: the user who made it, to which address, and what it is to bring about."""

    token_hash: str
    account_id: UUID
    user_id: UUID
    email: str
    facts: Mapping[str, str]


def add(session: Session, columns: Mapping[str, Any]) -> None:
    """Write a new offer; its facts are an object of texts."""
    run(session, insert(Proof).values(**{**columns, "kind": KIND, "facts": json.dumps(columns["facts"])}))


def live(session: Session, token_hash: str, now: datetime) -> OfferFacts | None:
    """Return an offer that was not used and is not too old, or None."""
    wanted = select(Proof.token_hash, Proof.account_id, Proof.user_id, Proof.email, Proof.facts).where(Proof.token_hash == token_hash)
    row = run(session, wanted.where(*_live(now))).one_or_none()
    return None if row is None else OfferFacts(row[0], row[1], row[2], row[3], json.loads(row[4]))


def open_count(session: Session, user_id: UUID, now: datetime) -> int:
    """Return how many offers of a user wait."""
    wanted = select(func.count()).select_from(Proof).where(Proof.user_id == user_id, *_live(now))
    count: int = run(session, wanted).scalar_one()
    return count


def spend(session: Session, token_hash: str, now: datetime) -> bool:
    """Use an offer up; of two who come together only one does."""
    return run(session, update(Proof).where(Proof.token_hash == token_hash, *_live(now)).values(spent_at=now, facts="{}")).rowcount > 0


def _live(now: datetime) -> tuple[Any, ...]:
    return (Proof.kind == KIND, Proof.spent_at.is_(None), Proof.expires_at > now)
