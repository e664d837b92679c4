"""Bringing an account's catalogue to what its clinic file says, changing only what changed."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, inspect, or_, select
from sqlalchemy.orm import Session

from portal.domain.clinic import Clinic
from portal.storage import clinic as table
from portal.storage.base import Base
from portal.storage.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Change:
    """How many rows of one kind were added, changed and retired (made inactive, or deleted when nothing refers to them)."""

    kind: str
    added: int
    changed: int
    retired: int

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.retired)


@dataclass(frozen=True, slots=True)
class Applied:
    """What an application of a clinic file changed, and the catalogue's revision after it."""

    account_id: UUID
    revision: int
    changes: tuple[Change, ...]

    def __bool__(self) -> bool:
        return any(self.changes)


@dataclass(frozen=True, slots=True)
class _Part:
    """One table: the account's rows as they are and as the file wants them."""

    stored: Sequence[Base]
    wanted: Sequence[Base]


def apply(session: Session, clinic: Clinic) -> Applied:
    """Write a clinic into the caller's transaction, which must have begun as a writer; flushes, never commits.

    What the file no longer names is retired when schedules may name it, and deleted otherwise. The account's revision
    rises by one when anything changed; the same file a second time writes nothing.
    """
    account = session.get(table.Account, clinic.id, with_for_update=True)
    revision = account.revision if account else 0
    parts = [(kind, _Part(session.scalars(_stored(kind, clinic.id)).all(), wanted)) for kind, wanted in _wanted(clinic, revision)]
    written = [_write(session, part) for _, part in parts]
    retired = [_retire(session, part) for _, part in reversed(parts)][::-1]
    changes = tuple(Change(kind.__tablename__, *counts, gone) for (kind, _), counts, gone in zip(parts, written, retired, strict=True))
    if account is not None and any(changes):
        account.revision = revision = revision + 1
    session.flush()
    return Applied(clinic.id, max(revision, 1), changes)


def _stored(kind: type[Base], account_id: UUID) -> Select[Any]:
    providers = select(table.Provider.id).filter_by(account_id=account_id)
    encounter_types = select(table.EncounterType.id).filter_by(account_id=account_id)
    if kind is table.Account:
        return select(kind).filter_by(id=account_id)
    if kind is table.VisitOption:
        return select(kind).where(table.VisitOption.encounter_type_id.in_(encounter_types))
    columns = inspect(kind).columns
    return select(kind).where(columns["provider_id"].in_(providers) if "provider_id" in columns else columns["account_id"] == account_id)


def _write(session: Session, part: _Part) -> tuple[int, int]:
    """Add the rows that are new and update those that differ; return how many of each."""
    stored = {_key(row): row for row in part.stored}
    added = [row for row in part.wanted if _key(row) not in stored]
    changed = [row for row in part.wanted if _key(row) in stored and _differs(stored[_key(row)], row)]
    for row in changed:
        session.merge(row)
    session.add_all(added)
    session.flush()
    return len(added), len(changed)


def _key(row: Base) -> tuple[Any, ...]:
    return tuple(inspect(type(row)).primary_key_from_instance(row))


def _differs(stored: Base, wanted: Base) -> bool:
    return any(getattr(stored, column.key) != getattr(wanted, column.key) for column in inspect(type(wanted)).column_attrs)


def _retire(session: Session, part: _Part) -> int:
    """Retire the rows that the file no longer names; return how many."""
    named = {_key(row) for row in part.wanted}
    retired = sum(_retire_one(session, row) for row in part.stored if _key(row) not in named)
    session.flush()
    return retired


def _retire_one(session: Session, row: Base) -> bool:
    match row:
        case table.Provider() | table.EncounterType() | table.VisitOption() | table.Reason():
            retired = row.active
            row.active = False
        case _:
            retired = not _is_in_use(session, row)
            if retired:
                session.delete(row)
    return retired


def _is_in_use(session: Session, row: Base) -> bool:
    """Tell whether a retired provider or a schedule still names a facility or a speciality."""
    match row:
        case table.Facility():
            named = or_(exists().where(table.Provider.facility_id == row.id), exists().where(Schedule.facility_id == row.id))
        case table.Speciality():
            named = exists().where(Schedule.speciality_id == row.id)
        case _:
            return False
    return bool(session.scalar(select(named)))


def _wanted(clinic: Clinic, revision: int) -> list[tuple[type[Base], list[Base]]]:
    """Return the rows of every table, each table after those that it refers to."""
    return [
        (table.Account, [_account(clinic, revision)]),
        (table.Facility, list(_facilities(clinic))),
        (table.Speciality, list(_specialities(clinic))),
        (table.EncounterType, list(_encounter_types(clinic))),
        (table.VisitOption, list(_visit_options(clinic))),
        (table.Provider, list(_providers(clinic))),
        (table.ProviderSpeciality, list(_practised(clinic))),
        (table.VisitOptionProvider, list(_offers(clinic))),
        (table.WorkingHours, list(_hours(clinic))),
        (table.TimeOff, list(_time_off(clinic))),
        (table.Reason, list(_reasons(clinic))),
    ]


def _account(clinic: Clinic, revision: int) -> table.Account:
    entry = clinic.account
    return table.Account(
        id=clinic.id,
        key=entry.key,
        name=entry.name,
        time_zone=entry.time_zone,
        phone=entry.phone,
        help_hours=entry.help_hours,
        emergency=entry.emergency,
        revision=max(revision, 1),
        sign_up="open" if entry.open_sign_up else "invitation",
        agreement_from=entry.bands.agreement_from,
        ends_from=entry.bands.ends_from,
        **asdict(entry.rules),
    )


def _facilities(clinic: Clinic) -> Iterator[Base]:
    for place, entry in enumerate(clinic.facilities):
        yield table.Facility(
            id=clinic.id_of("facility", entry.key),
            account_id=clinic.id,
            name=entry.name,
            time_zone=entry.time_zone,
            place=entry.place,
            address=entry.address,
            position=place,
        )


def _specialities(clinic: Clinic) -> Iterator[Base]:
    for place, entry in enumerate(clinic.specialities):
        yield table.Speciality(id=clinic.id_of("speciality", entry.key), account_id=clinic.id, name=entry.name, position=place)


def _encounter_types(clinic: Clinic) -> Iterator[Base]:
    for place, entry in enumerate(clinic.encounter_types):
        yield table.EncounterType(
            id=clinic.id_of("encounter_type", entry.key),
            account_id=clinic.id,
            name=entry.name,
            default_visit_option_id=clinic.id_of("visit_option", entry.default_key),
            active=True,
            position=place,
        )


def _visit_options(clinic: Clinic) -> Iterator[Base]:
    for encounter_type in clinic.encounter_types:
        for place, entry in enumerate(encounter_type.options):
            yield table.VisitOption(
                id=clinic.id_of("visit_option", entry.key),
                encounter_type_id=clinic.id_of("encounter_type", encounter_type.key),
                mode=entry.mode.value,
                minutes=entry.minutes,
                fee=entry.fee,
                notice_minutes=entry.notice_minutes,
                horizon_days=entry.horizon_days,
                buffer_before_minutes=entry.buffer_before_minutes,
                buffer_after_minutes=entry.buffer_after_minutes,
                grid_minutes=entry.grid_minutes,
                **asdict(entry.rules),
                active=True,
                position=place,
            )


def _providers(clinic: Clinic) -> Iterator[Base]:
    for place, entry in enumerate(clinic.providers):
        yield table.Provider(
            id=clinic.id_of("provider", entry.key),
            account_id=clinic.id,
            facility_id=clinic.id_of("facility", entry.facility_key),
            name=entry.name,
            default_visit_option_id=clinic.id_of("visit_option", entry.default_key) if entry.default_key else None,
            active=True,
            position=place,
        )


def _practised(clinic: Clinic) -> Iterator[Base]:
    for provider in clinic.providers:
        for place, key in enumerate(provider.speciality_keys):
            yield table.ProviderSpeciality(
                provider_id=clinic.id_of("provider", provider.key), speciality_id=clinic.id_of("speciality", key), position=place
            )


def _offers(clinic: Clinic) -> Iterator[Base]:
    for encounter_type in clinic.encounter_types:
        for option in encounter_type.options:
            for key in sorted(option.provider_keys):
                yield table.VisitOptionProvider(visit_option_id=clinic.id_of("visit_option", option.key), provider_id=clinic.id_of("provider", key))


def _hours(clinic: Clinic) -> Iterator[Base]:
    for provider in clinic.providers:
        for run in provider.hours:
            yield table.WorkingHours(
                provider_id=clinic.id_of("provider", provider.key),
                weekday=run.weekday,
                opens_minute=run.opens_minute,
                closes_minute=run.closes_minute,
            )


def _time_off(clinic: Clinic) -> Iterator[Base]:
    for provider in clinic.providers:
        for absence in provider.time_off:
            yield table.TimeOff(provider_id=clinic.id_of("provider", provider.key), starts_wall=absence.starts_wall, ends_wall=absence.ends_wall)


def _reasons(clinic: Clinic) -> Iterator[Base]:
    for place, entry in enumerate(clinic.reasons):
        yield table.Reason(id=clinic.id_of("reason", entry.key), account_id=clinic.id, code=entry.key, name=entry.name, active=True, position=place)
