"""What a practice offers, as frozen values: who, where, which visits, how long, on which hours."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import IntEnum
from functools import lru_cache
from uuid import UUID

from portal.domain.practice import PracticeRules, VisitRules

# A few for each draft that is being answered at a time.
SEARCHES_KEPT = 1024


class Mode(IntEnum):
    """How a visit is held; the numbers are EncounterTypeModeId on the wire."""

    IN_PERSON = 1
    VIDEO = 2
    PHONE = 3


@dataclass(frozen=True, slots=True)
class Account:
    """The practice: a tenant. `revision` rises by one with each change of its catalogue."""

    id: UUID
    name: str
    time_zone: str
    phone: str
    help_hours: str
    emergency: str
    revision: int
    rules: PracticeRules = PracticeRules()  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class Facility:
    """A place that owns an IANA time zone; `place` is the town people know the zone by."""

    id: UUID
    name: str
    time_zone: str
    place: str
    address: str


@dataclass(frozen=True, slots=True)
class Speciality:
    """A field of medicine."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """A weekly run of wall time [opens, closes) in minutes after local midnight; weekday 0 is Monday."""

    weekday: int
    opens_minute: int
    closes_minute: int


@dataclass(frozen=True, slots=True)
class TimeOff:
    """An exception from working hours: naive wall times [starts, ends) in the facility's zone."""

    starts_wall: datetime
    ends_wall: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Provider:
    """A clinician, with the hours at which they can be booked. Compared by identity: what is computed of one is kept by it."""

    id: UUID
    name: str
    facility_id: UUID
    time_zone: str
    speciality_ids: tuple[UUID, ...]
    default_visit_option_id: UUID | None
    hours: tuple[WorkingHours, ...]
    time_off: tuple[TimeOff, ...]


@dataclass(frozen=True, slots=True)
class EncounterType:
    """A kind of visit."""

    id: UUID
    name: str
    default_visit_option_id: UUID | None


@dataclass(frozen=True, slots=True, eq=False)
class VisitOption:
    """One way to have an encounter type: lengths in minutes, horizon in days, fee in the account's currency."""

    id: UUID
    encounter_type_id: UUID
    mode: Mode
    minutes: int
    fee: Decimal
    notice_minutes: int
    horizon_days: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    grid_minutes: int
    provider_ids: frozenset[UUID]
    rules: VisitRules = VisitRules()  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class Reason:
    """A coded reason for a visit."""

    id: UUID
    code: str
    name: str


# By identity, as providers and visit options: what is computed of one is kept beside it.
@dataclass(frozen=True, slots=True, eq=False)
class Catalogue:
    """Everything an account offers at one revision, by id, each mapping in the order people see."""

    account: Account
    facilities: Mapping[UUID, Facility]
    specialities: Mapping[UUID, Speciality]
    providers: Mapping[UUID, Provider]
    encounter_types: Mapping[UUID, EncounterType]
    visit_options: Mapping[UUID, VisitOption]
    reasons: Mapping[UUID, Reason]

    def providers_of(
        self,
        speciality_id: UUID | None,
        visit_option: VisitOption | None = None,
        facility_id: UUID | None = None,
        provider_id: UUID | None = None,
    ) -> tuple[Provider, ...]:
        """Return the providers of a speciality who offer a visit option at a facility, or of them the one named; None stands for any."""
        return _providers_of(self, speciality_id, visit_option, facility_id, provider_id)

    def visit_options_of(self, provider_ids: frozenset[UUID]) -> list[VisitOption]:
        """Return the visit options that at least one of the providers offers."""
        return [option for option in self.visit_options.values() if option.provider_ids & provider_ids]


@lru_cache(maxsize=SEARCHES_KEPT)
def _providers_of(
    catalogue: Catalogue, speciality_id: UUID | None, visit_option: VisitOption | None, facility_id: UUID | None, provider_id: UUID | None
) -> tuple[Provider, ...]:
    return tuple(
        provider
        for provider in catalogue.providers.values()
        if (speciality_id is None or speciality_id in provider.speciality_ids)
        and (visit_option is None or provider.id in visit_option.provider_ids)
        and facility_id in (None, provider.facility_id)
        and provider_id in (None, provider.id)
    )
