"""Named queries about a patient's other visits, asked only where a practice has set a rule about them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import bindparam, literal_column, or_, select
from sqlalchemy.orm import Session

from portal.domain.rules import NearVisit
from portal.domain.schedule import LIVE, Status
from portal.storage.clinic import Facility, Provider, VisitOption
from portal.storage.people import Patient
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule

SEEN = frozenset({Status.BOOKED, Status.ARRIVED, Status.FULFILLED})
_OWN = (Schedule.patient_id == bindparam("patient_id"), or_(Schedule.private.is_(False), Schedule.patient_id == bindparam("own_patient_id")))
_LIVE = Schedule.status.in_([literal_column(str(int(status))) for status in sorted(LIVE)])
_WAS_SEEN = Schedule.status.in_([literal_column(str(int(status))) for status in sorted(SEEN)])
_KNOWN = Prepared(select(Schedule.id).where(*_OWN, Schedule.starts_at < bindparam("now"), _WAS_SEEN).limit(1))
_COMING = Prepared(select(Schedule.id).where(*_OWN, Schedule.starts_at > bindparam("now"), _LIVE))
_OF_TYPE = Prepared(
    select(Schedule.id, Schedule.starts_at, Provider.name, Facility.time_zone)
    .join(VisitOption, VisitOption.id == Schedule.visit_option_id)
    .join(Provider, Provider.id == Schedule.provider_id)
    .join(Facility, Facility.id == Schedule.facility_id)
    .where(
        *_OWN,
        VisitOption.encounter_type_id == bindparam("encounter_type_id"),
        Schedule.starts_at >= bindparam("since"),
        Schedule.starts_at < bindparam("until"),
        _LIVE,
    )
    .order_by(Schedule.starts_at)
)
# The row by which a patient's chain of the audit is locked too: whoever holds it waits for nothing but another chain.
_LOCK = Prepared(select(Patient.id).where(Patient.id == bindparam("patient_id")).with_for_update(key_share=True))


def lock(session: Session, patient_id: UUID) -> None:
    """Let whoever else wants to count this patient's visits wait, so that of two bookings at once the second sees the first.

    Only when all else that a transaction waits for is done, like the audit.
    """
    _LOCK.one(session, {"patient_id": patient_id})


def is_known(session: Session, patient_id: UUID, own_patient_id: UUID | None, now: datetime) -> bool:
    """Tell whether a patient had a visit that was not called off; private ones count for `own_patient_id` alone, of whoever asks."""
    return _KNOWN.one(session, {"patient_id": patient_id, "own_patient_id": own_patient_id, "now": now}) is not None


def coming(session: Session, patient_id: UUID, own_patient_id: UUID | None, now: datetime) -> set[UUID]:
    """Return the live visits that lie ahead of a patient; private ones in the same way."""
    return {row[0] for row in _COMING.rows(session, {"patient_id": patient_id, "own_patient_id": own_patient_id, "now": now})}


def of_type(
    session: Session, patient_id: UUID, own_patient_id: UUID | None, encounter_type_id: UUID, span: tuple[datetime, datetime]
) -> list[NearVisit]:
    """Return a patient's live visits of a type that start in [since, until), soonest first; private ones in the same way."""
    who = {"patient_id": patient_id, "own_patient_id": own_patient_id, "encounter_type_id": encounter_type_id}
    return [NearVisit(*row) for row in _OF_TYPE.rows(session, {**who, "since": span[0], "until": span[1]})]
