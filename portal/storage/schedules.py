"""Named queries about schedules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, insert, select
from sqlalchemy.orm import Session

from portal.domain.schedule import LIVE, ScheduleView
from portal.storage.clinic import EncounterType, Facility, Provider, Reason, Speciality, VisitOption
from portal.storage.core import run
from portal.storage.people import Patient, User
from portal.storage.schedule import Schedule, ScheduleReason

_OWN_COLUMNS = [column for column in Schedule.__table__.columns if column.name != "fingerprint"]
_VIEW: Select[*tuple[Any, ...]] = (
    select(
        *_OWN_COLUMNS,
        Provider.name.label("provider_name"),
        Facility.name.label("facility_name"),
        Facility.address.label("facility_address"),
        Facility.place,
        Facility.time_zone,
        Speciality.name.label("speciality_name"),
        EncounterType.id.label("encounter_type_id"),
        EncounterType.name.label("encounter_type_name"),
        VisitOption.mode,
        VisitOption.minutes,
        Patient.given_name.label("patient_given_name"),
        Patient.family_name.label("patient_family_name"),
        Patient.time_zone.label("patient_time_zone"),
        User.name.label("user_name"),
    )
    .join(Provider, Provider.id == Schedule.provider_id)
    .join(Facility, Facility.id == Schedule.facility_id)
    .join(Speciality, Speciality.id == Schedule.speciality_id)
    .join(VisitOption, VisitOption.id == Schedule.visit_option_id)
    .join(EncounterType, EncounterType.id == VisitOption.encounter_type_id)
    .join(Patient, Patient.id == Schedule.patient_id)
    .join(User, User.id == Schedule.user_id)
)
_ONE = _VIEW.where(Schedule.id == bindparam("schedule_id"))
_COMING = (
    _VIEW.where(Schedule.patient_id.in_(bindparam("patient_ids", expanding=True)), Schedule.ends_at > bindparam("now"), Schedule.status.in_(LIVE))
    .order_by(Schedule.starts_at, Schedule.id)
    .limit(200)
)
_REASONS = (
    select(ScheduleReason.schedule_id, ScheduleReason.reason_id, Reason.name)
    .join(Reason, Reason.id == ScheduleReason.reason_id)
    .where(ScheduleReason.schedule_id.in_(bindparam("schedule_ids", expanding=True)))
    .order_by(ScheduleReason.schedule_id, ScheduleReason.position)
)
_ADD = insert(Schedule)
_ADD_REASON = insert(ScheduleReason)
_REPEATED = (
    select(Schedule.id).where(Schedule.fingerprint == bindparam("fingerprint"), Schedule.status.in_(LIVE)).order_by(Schedule.created_at).limit(1)
)


def view(session: Session, schedule_id: UUID) -> ScheduleView | None:
    """Return a schedule with all its names, or None for an unknown id."""
    found = _views(session, run(session, _ONE, {"schedule_id": schedule_id}).all())
    return found[0] if found else None


def add(session: Session, schedule: Mapping[str, Any], reason_ids: Sequence[UUID]) -> None:
    """Write a new schedule, given by column, and its coded reasons."""
    run(session, _ADD, schedule)
    if reason_ids:
        run(
            session, _ADD_REASON, [{"schedule_id": schedule["id"], "position": place, "reason_id": reason} for place, reason in enumerate(reason_ids)]
        )


def coming(session: Session, patient_ids: Sequence[UUID], now: datetime) -> list[ScheduleView]:
    """Return the live schedules of some patients that have not ended, soonest first, 200 at most."""
    return _views(session, run(session, _COMING, {"patient_ids": list(patient_ids), "now": now}).all())


def repeated(session: Session, fingerprint: str) -> UUID | None:
    """Return the live schedule that grew from the same request, or None."""
    return run(session, _REPEATED, {"fingerprint": fingerprint}).scalar()


def _views(session: Session, rows: Sequence[Row[Any]]) -> list[ScheduleView]:
    reasons: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for schedule_id, reason_id, name in run(session, _REASONS, {"schedule_ids": [row.id for row in rows]}):
        reasons[schedule_id].append((reason_id, name))
    return [ScheduleView(**row._mapping, reasons=tuple(reasons[row.id])) for row in rows]  # noqa: SLF001 - SQLAlchemy's documented public name
