"""The rules of a booking: facts in, every problem out."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Protocol, TypeVar
from uuid import UUID

from portal.domain.catalogue import Catalogue, Provider, VisitOption

Choosable = TypeVar("Choosable", datetime, datetime | None)
REASON_MAX = 250
NOTE_MAX = 1000


class Code(StrEnum):
    """Why a booking, or a change to one, is refused; each door has its own words for each."""

    REQUIRED = "required"
    TOO_LONG = "too_long"
    UNKNOWN = "unknown"
    NOT_OFFERED = "not_offered"
    IN_PAST = "in_past"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"
    OUTSIDE_HOURS = "outside_hours"
    SKIPPED_TIME = "skipped_time"
    SAME_TIME = "same_time"
    TIME_TAKEN = "time_taken"
    PATIENT_BUSY = "patient_busy"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    BEGUN = "begun"
    TOO_LATE = "too_late"
    WITHDRAWN = "withdrawn"
    AGE = "age"
    KNOWN_ONLY = "known_only"
    NEW_ONLY = "new_only"
    TOO_MANY = "too_many"
    REPEATED = "repeated"


class Field(StrEnum):
    """The part of a request that a problem is about."""

    PROVIDER = "provider"
    SPECIALITY = "speciality"
    ENCOUNTER_TYPE = "encounter_type"
    VISIT_OPTION = "visit_option"
    FIRST_CHOICE = "first_choice"
    SECOND_CHOICE = "second_choice"
    REASON = "reason"
    NOTE = "note"
    REASONS = "reasons"
    SCHEDULE = "schedule"
    CANCEL_REASON = "cancel_reason"
    PATIENT = "patient"


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a booking, or a change to one, is refused."""

    field: Field
    code: Code


@dataclass(frozen=True, slots=True)
class Echo:
    """Members that a program sends along and reads back; the portal keeps them and decides nothing by them."""

    parent_id: UUID | None = None
    referred_parent_id: UUID | None = None
    service_id: UUID | None = None
    method_id: int | None = None
    is_custom_form_flow: str | None = None
    doc_ids: str | None = None
    first_choice_form: str = "utc"
    second_choice_form: str = "utc"


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """What somebody asks for. Absent ids are None; a choice is an aware instant or a naive wall time at the facility.

    `private` keeps the visit from guardians; it counts only when patients book for themselves. `kept` are the patient's visits of
    the same type near it that whoever asks wants to keep beside it, `replaced` those that it stands in for.
    """

    user_id: UUID
    account_id: UUID
    patient_id: UUID
    first_choice: datetime
    reason: str
    second_choice: datetime | None = None
    provider_id: UUID | None = None
    speciality_id: UUID | None = None
    facility_id: UUID | None = None
    encounter_type_id: UUID | None = None
    visit_option_id: UUID | None = None
    note: str | None = None
    reason_ids: tuple[UUID, ...] = ()
    paid_amount: Decimal = Decimal(0)
    echo: Echo = field(default_factory=Echo)
    # No program can ask for it, and what programs ask for keeps the fingerprint that it always had.
    private: bool = field(default=False, repr=False)
    kept: frozenset[UUID] = field(default=frozenset(), repr=False)
    replaced: frozenset[UUID] = field(default=frozenset(), repr=False)


class Wanted(Protocol):
    """What settles visit and providers, of a booking or of a question about open times."""

    @property
    def provider_id(self) -> UUID | None:
        """The provider named, or None."""

    @property
    def speciality_id(self) -> UUID | None:
        """The speciality named, or None."""

    @property
    def facility_id(self) -> UUID | None:
        """The facility named, or None for any."""

    @property
    def encounter_type_id(self) -> UUID | None:
        """The kind of visit named, or None."""

    @property
    def visit_option_id(self) -> UUID | None:
        """The visit option named, or None for a default."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A request whose provider candidates, visit option and instants are settled; ready to be tried."""

    providers: tuple[Provider, ...]
    option: VisitOption
    speciality_id: UUID


def utf16_length(text: str) -> int:
    """Return the length in UTF-16 units, as browsers' maxlength and the JSON call's clients count it."""
    return len(text) + sum(char > "\uffff" for char in text)


def storable(text: str) -> str:
    """Return a text that every database can hold: NUL and lone surrogates become the replacement character."""
    return "".join("\ufffd" if char == "\0" or "\ud800" <= char <= "\udfff" else char for char in text)


def fingerprint(request: BookingRequest) -> str:
    """Return a SHA-256 that two requests share exactly when they ask for the same booking in the same words."""
    same = replace(request, first_choice=_comparable(request.first_choice), second_choice=_comparable(request.second_choice))
    return sha256((repr(same) + " private" * request.private).encode(errors="replace")).hexdigest()


def _comparable(choice: Choosable) -> Choosable:
    # in the calendar's first and last year the offset may lead beyond it, and nothing can be booked there
    return choice.astimezone(UTC) if choice and choice.tzinfo and MINYEAR < choice.year < MAXYEAR else choice


def told_to(code: Code, *, is_patient: bool) -> Code:
    """Return why a time cannot be had, as whoever asks may know it: only patients themselves learn that they have another visit then."""
    return Code.TIME_TAKEN if code is Code.PATIENT_BUSY and not is_patient else code


def text_problems(reason: str, note: str | None) -> list[Problem]:
    """Return what is wrong with the patient's own words; white space alone is no reason."""
    problems = []
    if not reason.strip():
        problems.append(Problem(Field.REASON, Code.REQUIRED))
    elif utf16_length(reason) > REASON_MAX:
        problems.append(Problem(Field.REASON, Code.TOO_LONG))
    if note is not None and utf16_length(note) > NOTE_MAX:
        problems.append(Problem(Field.NOTE, Code.TOO_LONG))
    return problems


def reason_problems(reason_ids: Collection[UUID], catalogue: Catalogue) -> list[Problem]:
    """Return a problem when a coded reason is not one of the practice's."""
    known = all(reason_id in catalogue.reasons for reason_id in reason_ids)
    return [] if known else [Problem(Field.REASONS, Code.UNKNOWN)]


def choose_option(request: Wanted, catalogue: Catalogue) -> VisitOption | Problem:
    """Settle the visit option: as named, else the encounter type's default, else the provider's.

    Where only a speciality is named, its first provider's default stands for it.
    """
    if request.visit_option_id is not None:
        option = catalogue.visit_options.get(request.visit_option_id)
        if option is None:
            return Problem(Field.VISIT_OPTION, Code.UNKNOWN)
        if request.encounter_type_id not in (None, option.encounter_type_id):
            return Problem(Field.VISIT_OPTION, Code.NOT_OFFERED)
        return option
    return _default_option(request, catalogue)


def _default_option(request: Wanted, catalogue: Catalogue) -> VisitOption | Problem:
    if request.encounter_type_id is not None:
        encounter_type = catalogue.encounter_types.get(request.encounter_type_id)
        if encounter_type is None:
            return Problem(Field.ENCOUNTER_TYPE, Code.UNKNOWN)
        option_id = encounter_type.default_visit_option_id
    else:
        option_id = next((provider.default_visit_option_id for provider in _deciding(request, catalogue)), None)
    option = catalogue.visit_options.get(option_id) if option_id else None
    return option or Problem(Field.VISIT_OPTION, Code.REQUIRED)


def _deciding(request: Wanted, catalogue: Catalogue) -> tuple[Provider, ...]:
    if request.provider_id is not None:
        return (provider,) if (provider := catalogue.providers.get(request.provider_id)) else ()
    return catalogue.providers_of(request.speciality_id) if request.speciality_id is not None else ()


def candidates(request: Wanted, option: VisitOption | None, catalogue: Catalogue) -> tuple[Provider, ...] | Problem:
    """Return the providers who may take the booking: the one named, else all of the speciality who offer the option."""
    if request.speciality_id is not None and request.speciality_id not in catalogue.specialities:
        return Problem(Field.SPECIALITY, Code.UNKNOWN)
    if request.provider_id is None:
        if request.speciality_id is None:
            return Problem(Field.PROVIDER, Code.REQUIRED)
        return catalogue.providers_of(request.speciality_id, option, request.facility_id) or Problem(Field.PROVIDER, Code.NOT_OFFERED)
    provider = catalogue.providers.get(request.provider_id)
    if provider is None:
        return Problem(Field.PROVIDER, Code.UNKNOWN)
    if request.speciality_id not in (None, *provider.speciality_ids) or (option is not None and provider.id not in option.provider_ids):
        return Problem(Field.PROVIDER, Code.NOT_OFFERED)
    return (provider,)


def settle(request: BookingRequest, catalogue: Catalogue) -> Choice | list[Problem]:
    """Settle all of a request but its time, or return every problem with it."""
    problems = [*text_problems(request.reason, request.note), *reason_problems(request.reason_ids, catalogue)]
    option = choose_option(request, catalogue)
    providers = candidates(request, option if isinstance(option, VisitOption) else None, catalogue)
    problems += [outcome for outcome in (providers, option) if isinstance(outcome, Problem)]
    if problems or isinstance(option, Problem) or isinstance(providers, Problem):
        return problems
    return Choice(providers, option, request.speciality_id or providers[0].speciality_ids[0])
