"""Mail about visits, written in the transaction of what it tells of: to whoever booked or changed one, and to the patient."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.mail import Kind, Letter, visits_path, written_visits
from portal.domain.reminders import Quiet, chosen, due
from portal.domain.schedule import Status
from portal.services import outbox
from portal.services.passwords import NO_PASSWORD
from portal.storage import readers
from portal.storage.outbox import forget_reminders, forget_reminders_to
from portal.storage.readers import Reader, Visit

_NEW = frozenset({Kind.BOOKED, Kind.REQUESTED})


def tell(session: Session, kind: Kind, schedule_ids: Sequence[UUID], now: datetime) -> None:
    """Write the mail of what has become of some visits, one for each reader, and the reminders of those that are booked.

    Call it once for all visits that were booked together, when their rows and their histories are as they are to stay: whoever is
    told, and what of, is read from these. A change of which mail tells raises the sequence of the schedule, once: mail that an
    earlier change has left in the outbox is withheld by it. Reminders of how it was before are taken back. Flushes, never commits.
    """
    if kind not in _NEW:
        for schedule_id in schedule_ids:
            forget_reminders(session, schedule_id)
    told: dict[UUID, tuple[Reader, list[Visit]]] = {}
    for visit, people in filter(None, (readers.of_visit(session, schedule_id) for schedule_id in schedule_ids)):
        for reader in people:
            if _is_told(reader, visit):
                told.setdefault(reader.id, (reader, []))[1].append(visit)
    written = [_letter(kind, reader, visits) for reader, visits in told.values()]
    reminders = [one for reader, visits in told.values() for visit in visits for one in _reminders(reader, visit, now)]
    outbox.put_all(session, [*written, *reminders], now)


def remind_anew(session: Session, user_id: UUID, now: datetime) -> None:
    """Write reminders of all booked visits of which a user gets mail, as they want them now, instead of those that wait. Never commits."""
    forget_reminders_to(session, user_id)
    told = [(reader, visit) for visit, reader in readers.coming(session, user_id, now) if _is_told(reader, visit)]
    outbox.put_all(session, [one for reader, visit in told for one in _reminders(reader, visit, now)], now)


def _is_told(reader: Reader, visit: Visit) -> bool:
    """Tell whether somebody gets mail of a visit: of what the patient keeps private they alone; nobody who cannot sign in to look."""
    return reader.password_hash != NO_PASSWORD and (not visit.private or reader.patient_id == visit.patient_id)


def _letter(kind: Kind, reader: Reader, visits: list[Visit]) -> Letter:
    first = visits[0]
    facts = {"path": visits_path([visit.id for visit in visits]), "visits": written_visits(visit.mentioned for visit in visits)}
    patient_id = first.patient_id if len(visits) == 1 else None
    return Letter(kind, first.account_id, reader.email, reader.language, facts, reader.id, patient_id, schedule_id=first.id)


def _reminders(reader: Reader, visit: Visit, now: datetime) -> list[Letter]:
    """Return the reminders that are still to leave, one for each time that the reader has chosen."""
    if visit.status != Status.BOOKED:
        return []
    quiet = Quiet(visit.quiet_from, visit.quiet_until, visit.account_zone)
    times = [(hours, due(visit.starts_at, hours, visit.time_zone, quiet)) for hours in chosen(reader.reminder_hours)]
    facts = {"path": visits_path([visit.id]), "visits": written_visits([visit.mentioned])}
    to = (visit.account_id, reader.email, reader.language)
    return [Letter(Kind.REMINDER, *to, {**facts, "hours": str(hours)}, reader.id, visit.patient_id, at, visit.id) for hours, at in times if at > now]
