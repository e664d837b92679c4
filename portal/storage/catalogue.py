"""Reading an account's catalogue as one frozen value, kept in the process until its revision changes."""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import fields
from typing import TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.orm import Session

from portal.domain import catalogue as domain
from portal.domain.practice import PracticeRules, VisitRules
from portal.storage import clinic as table
from portal.storage.core import engine_of
from portal.storage.prepared import Prepared

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")
_R = TypeVar("_R", PracticeRules, VisitRules)
_REVISION = Prepared(select(table.Account.revision).where(table.Account.id == bindparam("account_id")))
_kept: WeakKeyDictionary[Engine, dict[UUID, domain.Catalogue]] = WeakKeyDictionary()


def catalogue(session: Session, account_id: UUID, revision: int) -> domain.Catalogue:
    """Return the catalogue of an account at the revision the caller has just read in this transaction."""
    shelf = _kept.setdefault(engine_of(session), {})
    kept = shelf.get(account_id)
    if kept is None or kept.account.revision != revision:
        kept = shelf[account_id] = _load(session, account_id)
    return kept


def current_catalogue(session: Session, account_id: UUID) -> domain.Catalogue:
    """Return the catalogue of an account as this transaction sees it."""
    row = _REVISION.one(session, {"account_id": account_id})
    if row is None:
        raise LookupError(f"no account {account_id}")
    return catalogue(session, account_id, row[0])


def account_ids(session: Session) -> list[UUID]:
    """Return the ids of all accounts, by key."""
    return list(session.scalars(select(table.Account.id).order_by(table.Account.key)))


def _load(session: Session, account_id: UUID) -> domain.Catalogue:
    # First: where each statement sees the newest commit, a change made meanwhile is then read again by its higher revision.
    account = _account(session, account_id)
    facilities = _facilities(session, account_id)
    providers = _providers(session, account_id, facilities)
    practised = {speciality_id for provider in providers.values() for speciality_id in provider.speciality_ids}
    return domain.Catalogue(
        account=account,
        facilities=facilities,
        specialities={
            row.id: domain.Speciality(row.id, row.name)
            for row in session.scalars(select(table.Speciality).filter_by(account_id=account_id).order_by(table.Speciality.position))
            if row.id in practised
        },
        providers=providers,
        encounter_types=_encounter_types(session, account_id),
        visit_options=_visit_options(session, account_id),
        reasons={
            row.id: domain.Reason(row.id, row.code, row.name)
            for row in session.scalars(select(table.Reason).filter_by(account_id=account_id, active=True).order_by(table.Reason.position))
        },
    )


def _account(session: Session, account_id: UUID) -> domain.Account:
    row = session.get_one(table.Account, account_id, populate_existing=True)
    return domain.Account(row.id, row.name, row.time_zone, row.phone, row.help_hours, row.emergency, row.revision, _rules(PracticeRules, row))


def _facilities(session: Session, account_id: UUID) -> dict[UUID, domain.Facility]:
    rows = session.scalars(select(table.Facility).filter_by(account_id=account_id).order_by(table.Facility.position))
    return {row.id: domain.Facility(row.id, row.name, row.time_zone, row.place, row.address) for row in rows}


def _encounter_types(session: Session, account_id: UUID) -> dict[UUID, domain.EncounterType]:
    rows = session.scalars(select(table.EncounterType).filter_by(account_id=account_id, active=True).order_by(table.EncounterType.position))
    return {row.id: domain.EncounterType(row.id, row.name, row.default_visit_option_id) for row in rows}


def _providers(session: Session, account_id: UUID, facilities: dict[UUID, domain.Facility]) -> dict[UUID, domain.Provider]:
    hours = _grouped(
        (row.provider_id, domain.WorkingHours(row.weekday, row.opens_minute, row.closes_minute))
        for row in session.scalars(select(table.WorkingHours).order_by(table.WorkingHours.weekday, table.WorkingHours.opens_minute))
    )
    time_off = _grouped(
        (row.provider_id, domain.TimeOff(row.starts_wall, row.ends_wall))
        for row in session.scalars(select(table.TimeOff).order_by(table.TimeOff.starts_wall))
    )
    specialities = _grouped(
        (row.provider_id, row.speciality_id) for row in session.scalars(select(table.ProviderSpeciality).order_by(table.ProviderSpeciality.position))
    )
    rows = session.scalars(select(table.Provider).filter_by(account_id=account_id, active=True).order_by(table.Provider.position))
    return {
        row.id: domain.Provider(
            id=row.id,
            name=row.name,
            facility_id=row.facility_id,
            time_zone=facilities[row.facility_id].time_zone,
            speciality_ids=tuple(specialities[row.id]),
            default_visit_option_id=row.default_visit_option_id,
            hours=tuple(hours[row.id]),
            time_off=tuple(time_off[row.id]),
        )
        for row in rows
    }


def _visit_options(session: Session, account_id: UUID) -> dict[UUID, domain.VisitOption]:
    providers = _grouped((row.visit_option_id, row.provider_id) for row in session.scalars(select(table.VisitOptionProvider)))
    rows = session.scalars(
        select(table.VisitOption)
        .join(table.EncounterType, table.EncounterType.id == table.VisitOption.encounter_type_id)
        .where(table.EncounterType.account_id == account_id, table.EncounterType.active, table.VisitOption.active)
        .order_by(table.EncounterType.position, table.VisitOption.position)
    )
    return {
        row.id: domain.VisitOption(
            id=row.id,
            encounter_type_id=row.encounter_type_id,
            mode=domain.Mode(row.mode),
            minutes=row.minutes,
            fee=row.fee,
            notice_minutes=row.notice_minutes,
            horizon_days=row.horizon_days,
            buffer_before_minutes=row.buffer_before_minutes,
            buffer_after_minutes=row.buffer_after_minutes,
            grid_minutes=row.grid_minutes,
            provider_ids=frozenset(providers[row.id]),
            rules=_rules(VisitRules, row),
        )
        for row in rows
    }


def _rules(kind: type[_R], row: object) -> _R:
    """Return rules from the columns of their names."""
    return kind(**{field.name: getattr(row, field.name) for field in fields(kind)})


def _grouped(pairs: Iterable[tuple[_K, _V]]) -> defaultdict[_K, list[_V]]:
    groups: defaultdict[_K, list[_V]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
