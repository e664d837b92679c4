"""A practice as its clinic file describes it: frozen values that name each other by key."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID, uuid5

from portal.domain.ages import AgeBands
from portal.domain.catalogue import Mode, TimeOff, WorkingHours
from portal.domain.practice import PracticeRules, VisitRules

_NAMESPACE = UUID("5f1c2b0e-7c0f-4a55-9b52-0d0c5a0f6e21")


@dataclass(frozen=True, slots=True)
class AccountEntry:
    """The practice itself."""

    key: str
    name: str
    time_zone: str
    phone: str
    help_hours: str
    emergency: str
    open_sign_up: bool = False
    bands: AgeBands = AgeBands()  # noqa: RUF009 - a frozen value
    rules: PracticeRules = PracticeRules()  # noqa: RUF009 - the same


@dataclass(frozen=True, slots=True)
class FacilityEntry:
    """A place with its own time zone."""

    key: str
    name: str
    time_zone: str
    place: str
    address: str


@dataclass(frozen=True, slots=True)
class SpecialityEntry:
    """A field of medicine."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class VisitOptionEntry:
    """One way to have an encounter type; its key is `<encounter type>/<option>`."""

    key: str
    mode: Mode
    minutes: int
    fee: Decimal
    notice_minutes: int
    horizon_days: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    grid_minutes: int
    provider_keys: frozenset[str]
    rules: VisitRules = VisitRules()  # noqa: RUF009 - a frozen value


@dataclass(frozen=True, slots=True)
class EncounterTypeEntry:
    """A kind of visit, with the ways to have it and the key of the usual one."""

    key: str
    name: str
    default_key: str
    options: tuple[VisitOptionEntry, ...]


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """A clinician. `default_key` names the visit option booked when a request names none."""

    key: str
    name: str
    facility_key: str
    speciality_keys: tuple[str, ...]
    default_key: str | None
    hours: tuple[WorkingHours, ...]
    time_off: tuple[TimeOff, ...]


@dataclass(frozen=True, slots=True)
class ReasonEntry:
    """A coded reason for a visit; its code is its key."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Clinic:
    """All that one clinic file describes, each part in the order that people see."""

    account: AccountEntry
    facilities: tuple[FacilityEntry, ...]
    specialities: tuple[SpecialityEntry, ...]
    encounter_types: tuple[EncounterTypeEntry, ...]
    providers: tuple[ProviderEntry, ...]
    reasons: tuple[ReasonEntry, ...]

    def id_of(self, kind: str, key: str) -> UUID:
        """Return the id of an element: the same for the same account key, kind and key, on every machine."""
        return uuid5(_NAMESPACE, f"{self.account.key}/{kind}/{key}")

    @property
    def id(self) -> UUID:
        """Id of the account."""
        return uuid5(_NAMESPACE, self.account.key)
