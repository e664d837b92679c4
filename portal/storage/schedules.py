"""Named queries about schedules."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, insert, literal_column, not_, or_, select, update
from sqlalchemy.orm import Session

from portal.domain.schedule import LIVE, ScheduleFacts, ScheduleView, Status
from portal.storage.clinic import EncounterType, Facility, Provider, Reason, Speciality, VisitOption
from portal.storage.core import run
from portal.storage.people import Patient, User
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule, ScheduleReason

COMING_MAX = 200
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
_NAMES = [str(column.key) for column in _VIEW.selected_columns]
# What a patient keeps from guardians only they themselves are told of.
_TOLD = or_(Schedule.private.is_(False), Schedule.patient_id == bindparam("own_patient_id"))
_LIVE = Schedule.status.in_([literal_column(str(int(status))) for status in sorted(LIVE)])
_ONE = Prepared(_VIEW.where(Schedule.id == bindparam("schedule_id")))
_COMING = (
    _VIEW.where(Schedule.patient_id.in_(bindparam("patient_ids", expanding=True)), Schedule.ends_at > bindparam("now"), _LIVE, _TOLD)
    .order_by(Schedule.starts_at, Schedule.id)
    .limit(COMING_MAX)
)
_PAST = (
    _VIEW.where(
        Schedule.patient_id.in_(bindparam("patient_ids", expanding=True)),
        or_(Schedule.ends_at <= bindparam("now"), not_(_LIVE)),
        _TOLD,
    )
    .order_by(Schedule.starts_at.desc(), Schedule.id.desc())
    .offset(bindparam("skip"))
    .limit(bindparam("take"))
)
_BY_REFERENCE = Prepared(select(Schedule.id).where(Schedule.account_id == bindparam("account_id"), Schedule.reference == bindparam("reference")))
_CODED = (
    select(ScheduleReason.schedule_id, ScheduleReason.reason_id, Reason.name)
    .join(Reason, Reason.id == ScheduleReason.reason_id)
    .order_by(ScheduleReason.schedule_id, ScheduleReason.position)
)
_REASONS_OF_ONE = Prepared(_CODED.where(ScheduleReason.schedule_id == bindparam("schedule_id")))
_REASONS = _CODED.where(ScheduleReason.schedule_id.in_(bindparam("schedule_ids", expanding=True)))
_ADD = Prepared(insert(Schedule))
_LEFT_OUT = {**{column.name: None for column in Schedule.__table__.columns if column.nullable}, "private": False, "sequence": 0}
_RAISE = Prepared(update(Schedule).where(Schedule.id == bindparam("schedule")).values(sequence=Schedule.sequence + 1))
_ADD_REASON = insert(ScheduleReason)
_REPEATED = Prepared(select(Schedule.id).where(Schedule.fingerprint == bindparam("fingerprint"), _LIVE).order_by(Schedule.created_at).limit(1))

_LISTED = (
    _VIEW.where(
        Schedule.patient_id.in_(bindparam("patient_ids", expanding=True)),
        Schedule.starts_at >= bindparam("since"),
        Schedule.starts_at < bindparam("until"),
        _TOLD,
    )
    .order_by(Schedule.starts_at, Schedule.id)
    .offset(bindparam("skip"))
    .limit(bindparam("take"))
)
_AHEAD = _VIEW.where(Schedule.status.in_(bindparam("states", expanding=True)), Schedule.starts_at > bindparam("now")).order_by(
    Schedule.starts_at, Schedule.id
)
_WITH_REFERENCE = Prepared(select(Schedule.id).where(Schedule.reference == bindparam("reference")))
_LOCKED: Select[*tuple[Any, ...]] = (
    select(
        Schedule.id,
        Schedule.account_id,
        Schedule.patient_id,
        Schedule.provider_id,
        Schedule.visit_option_id,
        Schedule.status,
        Schedule.starts_at,
        Schedule.ends_at,
        Schedule.other_choice_at,
        Schedule.first_choice_given,
        Schedule.first_choice_form,
        Schedule.second_choice_form,
        Schedule.old_starts_at,
        Schedule.paid_amount,
        Facility.time_zone,
        Schedule.private,
    )
    .join(Facility, Facility.id == Schedule.facility_id)
    .with_for_update(of=Schedule)
)
_LOCKED_BY_ID = Prepared(_LOCKED.where(Schedule.id == bindparam("schedule_id")))
_LOCKED_BY_REFERENCE = Prepared(_LOCKED.where(Schedule.account_id == bindparam("account_id"), Schedule.reference == bindparam("reference")))


@dataclass(frozen=True, slots=True)
class Part:
    """Which schedules of a list are wanted: of these patients, starting in [since, until), `take` of them after the first `skip`.

    Private ones are those of `own_patient_id` alone, of whoever asks.
    """

    patient_ids: tuple[UUID, ...]
    own_patient_id: UUID | None
    since: datetime
    until: datetime
    skip: int
    take: int


@dataclass(frozen=True, slots=True)
class Past:
    """Which schedules of a list of past ones are wanted: of these patients, `take` of them after the first `skip`; private ones as in Part."""

    patient_ids: tuple[UUID, ...]
    own_patient_id: UUID | None
    skip: int
    take: int


def view(session: Session, schedule_id: UUID) -> ScheduleView | None:
    """Return a schedule with all its names, or None for an unknown id."""
    row = _ONE.one(session, {"schedule_id": schedule_id})
    return None if row is None else _views([row], _REASONS_OF_ONE.rows(session, {"schedule_id": schedule_id}))[0]


def add(session: Session, schedule: Mapping[str, Any], reason_ids: Sequence[UUID]) -> None:
    """Write a new schedule, given by column (null where it is left out and may be), and its coded reasons."""
    _ADD.write(session, {**_LEFT_OUT, **schedule})
    if reason_ids:
        reasons = [{"schedule_id": schedule["id"], "position": place, "reason_id": reason} for place, reason in enumerate(reason_ids)]
        run(session, _ADD_REASON, reasons)


def coming(session: Session, patient_ids: Sequence[UUID], own_patient_id: UUID | None, now: datetime) -> list[ScheduleView]:
    """Return the live schedules of some patients that have not ended, soonest first, COMING_MAX at most.

    Private ones are those of `own_patient_id` alone, of whoever asks.
    """
    return _several(session, _COMING, {"patient_ids": list(patient_ids), "own_patient_id": own_patient_id, "now": now})


def past(session: Session, wanted: Past, now: datetime) -> list[ScheduleView]:
    """Return the schedules of some patients that have ended or are called off, the last to begin first."""
    return _several(session, _PAST, {**asdict(wanted), "patient_ids": list(wanted.patient_ids), "now": now})


def with_reference(session: Session, account_id: UUID, reference: str) -> UUID | None:
    """Return the id of an account's schedule with a reference, or None."""
    row = _BY_REFERENCE.one(session, {"account_id": account_id, "reference": reference})
    return None if row is None else row[0]


def listed(session: Session, part: Part) -> list[ScheduleView]:
    """Return schedules in any state, soonest first."""
    return _several(session, _LISTED, {**asdict(part), "patient_ids": list(part.patient_ids)})


def locked(session: Session, schedule_id: UUID) -> ScheduleFacts | None:
    """Return a schedule that nobody else can change until the transaction ends, or None for an unknown id."""
    row = _LOCKED_BY_ID.one(session, {"schedule_id": schedule_id})
    return None if row is None else ScheduleFacts(*row)


def locked_by_reference(session: Session, account_id: UUID, reference: str) -> ScheduleFacts | None:
    """Return an account's schedule with a reference in the same way, or None."""
    row = _LOCKED_BY_REFERENCE.one(session, {"account_id": account_id, "reference": reference})
    return None if row is None else ScheduleFacts(*row)


def change(session: Session, schedule_id: UUID, columns: Mapping[str, Any]) -> None:
    """Write columns of a schedule that the transaction has locked."""
    run(session, update(Schedule).where(Schedule.id == schedule_id).values(**columns))


def ahead(session: Session, now: datetime, *, requested: bool) -> list[ScheduleView]:
    """Return the live schedules of everybody that start later, or of them those that wait for the practice, soonest first."""
    states = [Status.REQUESTED] if requested else sorted(LIVE)
    return _several(session, _AHEAD, {"states": states, "now": now})


def all_with_reference(session: Session, reference: str) -> list[UUID]:
    """Return the schedules with a reference, of which each account has one at most."""
    return [row[0] for row in _WITH_REFERENCE.rows(session, {"reference": reference})]


def raise_sequence(session: Session, schedule_id: UUID) -> None:
    """Count a change of which calendars must be told."""
    _RAISE.write(session, {"schedule": schedule_id})


def repeated(session: Session, fingerprint: str) -> UUID | None:
    """Return the live schedule that grew from the same request, or None."""
    row = _REPEATED.one(session, {"fingerprint": fingerprint})
    return None if row is None else row[0]


def _several(session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> list[ScheduleView]:
    rows = run(session, statement, values).all()
    reasons = run(session, _REASONS, {"schedule_ids": [row.id for row in rows]}).all()
    return _views([tuple(row) for row in rows], [tuple(reason) for reason in reasons])


def _views(rows: Sequence[tuple[Any, ...]], coded: Sequence[tuple[Any, ...]]) -> list[ScheduleView]:
    reasons: defaultdict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
    for schedule_id, reason_id, name in coded:
        reasons[schedule_id].append((reason_id, name))
    known = (dict(zip(_NAMES, row, strict=True)) for row in rows)
    return [ScheduleView(**columns, reasons=tuple(reasons[columns["id"]])) for columns in known]
