"""Putting mail into the outbox, in the transaction of what it tells of: mail of what was undone is never sent. And taking it out."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.mail import OF_VISITS, Letter, next_try, require_fit
from portal.services import withholding
from portal.storage import outbox
from portal.storage.outbox import DueMail

# Longer than a sender that lives takes for one mail.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that one sender has for itself until an instant."""

    mail: DueMail
    until: datetime


def put(session: Session, letter: Letter, now: datetime) -> UUID:
    """Write a mail that is to be sent from `due_at` on (at once without one) and return its id. Flushes, never commits.

    Raises UnfitLetterError for other facts than those of its kind.
    """
    [mail_id] = put_all(session, [letter], now)
    return mail_id


def put_all(session: Session, letters: Sequence[Letter], now: datetime) -> list[UUID]:
    """Write some mails in the same way, with one statement, and return their ids."""
    rows = [_row(letter, now) for letter in letters]
    if rows:
        outbox.add_all(session, rows)
    return [row["id"] for row in rows]


def _row(letter: Letter, now: datetime) -> dict[str, Any]:
    require_fit(letter)
    return {
        "id": uuid4(),
        "account_id": letter.account_id,
        "user_id": letter.user_id,
        "patient_id": letter.patient_id,
        "schedule_id": letter.schedule_id,
        "kind": letter.kind.value,
        "to": letter.to,
        "language": letter.language,
        "facts": json.dumps(dict(letter.facts)),
        "created_at": now,
        "try_at": letter.due_at or now,
    }


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the mail that has been due for longest, for as long as LEASE; None when none is due. The caller commits before it sends.

    Mail about visits takes with it what is to be told of them at this moment; where nothing is, it is withheld for good.

    A lease, and no lock held while sending, on either database: a lock would hold a connection of PostgreSQL, and on SQLite all
    who write, for as long as a mail server pleases. A sender that dies leaves a mail that is due again when its lease is over.
    """
    until = now + LEASE
    while (mail := outbox.take_due(session, now, until)) is not None:
        told = withholding.fit(session, mail, now, until) if mail.kind in OF_VISITS else mail
        if told is not None:
            return Claim(told, until)
    return None


def sent(session: Session, claimed: Claim, now: datetime) -> None:
    """Record that a mail was sent. Its facts, which may hold the key to an account, are forgotten."""
    outbox.record_sent(session, claimed.mail, now)


def failed(session: Session, claimed: Claim, failure: str, now: datetime, *, for_good: bool) -> bool:
    """Record why a mail was not sent; it is tried again later, unless it was refused for good or has been tried often enough. Tell whether."""
    again = None if for_good else next_try(claimed.mail.tries + 1, now)
    outbox.record_failed(session, claimed.mail, claimed.until, failure, again)
    return again is not None
