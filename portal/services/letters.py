"""Mail about visits, written in the transaction of what it tells of: to whoever booked or changed one, and to the patient."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.mail import Kind, Letter
from portal.domain.reminders import chosen, due
from portal.services import outbox
from portal.services.passwords import NO_PASSWORD
from portal.storage import readers
from portal.storage.outbox import forget_reminders
from portal.storage.readers import Reader


@dataclass(frozen=True, slots=True)
class Told:
    """The visit that mail is about, and the user who did what it tells of. `starts_at` is an instant."""

    schedule_id: UUID
    account_id: UUID
    patient_id: UUID
    starts_at: datetime
    private: bool
    user_id: UUID


def tell(session: Session, kind: Kind, told: Told, now: datetime) -> None:
    """Write the mail of a new visit and the reminders of it, or of one that was changed or called off. Flushes, never commits."""
    if kind not in (Kind.BOOKED, Kind.REQUESTED):
        forget_reminders(session, told.schedule_id)
    for reader in _readers(session, told):
        outbox.put(session, _letter(kind, told, reader), now)
        if kind in (Kind.BOOKED, Kind.MOVED, Kind.CONFIRMED):
            _remind(session, told, reader, now)


def _readers(session: Session, told: Told) -> list[Reader]:
    """Return who is told: of what the patient keeps private, they alone; nobody who cannot sign in to look."""
    found = readers.of_visit(session, told.schedule_id, told.patient_id, told.user_id)
    can_sign_in = [one for one in found if one.password_hash != NO_PASSWORD]
    return [one for one in can_sign_in if not told.private or one.patient_id == told.patient_id]


def _remind(session: Session, told: Told, reader: Reader, now: datetime) -> None:
    for hours in chosen(reader.reminder_hours):
        at = due(told.starts_at, hours, (reader.quiet_from, reader.quiet_until), reader.time_zone)
        if at > now:
            outbox.put(session, _letter(Kind.REMINDER, told, reader, at), now)


def _letter(kind: Kind, told: Told, reader: Reader, due_at: datetime | None = None) -> Letter:
    facts = {"path": f"/appointments/{told.schedule_id}"}
    return Letter(kind, told.account_id, reader.email, reader.language, facts, reader.id, told.patient_id, due_at, told.schedule_id)
