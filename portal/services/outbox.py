"""Putting mail into the outbox, in the transaction of what it tells of: mail of what was undone is never sent."""

import json
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.mail import Letter
from portal.storage import outbox


def put(session: Session, letter: Letter, now: datetime) -> UUID:
    """Write a mail that is to be sent from `due_at` on (at once without one) and return its id. Flushes, never commits."""
    mail_id = uuid4()
    columns = {
        "id": mail_id,
        "account_id": letter.account_id,
        "user_id": letter.user_id,
        "patient_id": letter.patient_id,
        "kind": letter.kind.value,
        "to": letter.to,
        "language": letter.language,
        "facts": json.dumps(dict(letter.facts)),
        "created_at": now,
        "try_at": letter.due_at or now,
    }
    outbox.add(session, columns)
    return mail_id
