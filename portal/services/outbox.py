"""Putting mail into the outbox, in the transaction of what it tells of: mail of what was undone is never sent. And taking it out."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, may
from portal.domain.mail import OF_VISITS, Kind, Letter, next_try, require_fit
from portal.domain.schedule import Status
from portal.services.authority import authority
from portal.storage import outbox, patients
from portal.storage.outbox import DueMail

# Longer than a sender that lives takes for one mail.
LEASE = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Claim:
    """A mail that one sender has for itself until an instant."""

    mail: DueMail
    until: datetime
    is_withheld: bool = False


def put(session: Session, letter: Letter, now: datetime) -> UUID:
    """Write a mail that is to be sent from `due_at` on (at once without one) and return its id. Flushes, never commits.

    Raises UnfitLetterError for other facts than those of its kind.
    """
    require_fit(letter)
    mail_id = uuid4()
    columns = {
        "id": mail_id,
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
    outbox.add(session, columns)
    return mail_id


def claim(session: Session, now: datetime) -> Claim | None:
    """Take the mail that has been due for longest, for as long as LEASE; None when none is due. The caller commits before it sends.

    One of a visit `is_withheld` when its reader may not see that visit at this moment, or when a reminder comes too late for it.

    A lease, and no lock held while sending, on either database: a lock would hold a connection of PostgreSQL, and on SQLite all
    who write, for as long as a mail server pleases. A sender that dies leaves a mail that is due again when its lease is over.
    """
    until = now + LEASE
    mail = outbox.take_due(session, now, until)
    return None if mail is None else Claim(mail, until, mail.kind in OF_VISITS and not _is_fit(session, mail, now))


def _is_fit(session: Session, mail: DueMail, now: datetime) -> bool:
    if mail.visit is None or mail.user_id is None:
        return False
    if mail.kind == Kind.REMINDER and (mail.visit.starts_at <= now or mail.visit.status != Status.BOOKED):
        return False
    actor = patients.actor(session, mail.user_id)
    known = authority(session, actor, mail.visit.patient_id)
    if actor is None or known is None:
        return False
    return may(actor, Act.SEE, replace(known.patient.subject, private=mail.visit.private), known.links, now)


def sent(session: Session, claimed: Claim, now: datetime) -> None:
    """Record that a mail was sent. Its facts, which may hold the key to an account, are forgotten."""
    outbox.record_sent(session, claimed.mail.id, now)


def failed(session: Session, claimed: Claim, failure: str, now: datetime, *, for_good: bool) -> bool:
    """Record why a mail was not sent; it is tried again later, unless it was refused for good or has been tried often enough. Tell whether."""
    again = None if for_good else next_try(claimed.mail.tries + 1, now)
    outbox.record_failed(session, claimed.mail, claimed.until, failure, again)
    return again is not None
