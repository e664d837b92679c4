"""The states of a Schedule, which of them may still be changed, and its human reference."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

from portal.domain.booking import Code
from portal.domain.guardianship import Act
from portal.domain.practice import PracticeRules

CANCEL_REASON_MAX = 250
REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
REFERENCE_LENGTH = 8


class Status(IntEnum):
    """The state of a Schedule; the numbers are StatusId on the wire, the names FHIR's where it has one."""

    REQUESTED = 1
    BOOKED = 2
    ARRIVED = 3
    FULFILLED = 4
    CANCELLED = 5
    NO_SHOW = 6
    DECLINED = 7


LIVE = frozenset({Status.REQUESTED, Status.BOOKED, Status.ARRIVED})


class Change(StrEnum):
    """What a patient or a guardian may do to a Schedule once it stands."""

    CANCEL = "cancel"
    MOVE = "move"


ALLOWED: Mapping[Status, frozenset[Change]] = {
    Status.REQUESTED: frozenset({Change.CANCEL, Change.MOVE}),
    Status.BOOKED: frozenset({Change.CANCEL, Change.MOVE}),
    Status.ARRIVED: frozenset(),
    Status.FULFILLED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.NO_SHOW: frozenset(),
    Status.DECLINED: frozenset(),
}
_CALLED_OFF = {Status.CANCELLED: Code.CANCELLED, Status.DECLINED: Code.DECLINED}


@dataclass(frozen=True, slots=True)
class ScheduleFacts:
    """A Schedule as a change to it needs to know it; `time_zone` is its facility's."""

    id: UUID
    account_id: UUID
    patient_id: UUID
    provider_id: UUID
    visit_option_id: UUID
    status: int
    starts_at: datetime
    ends_at: datetime
    other_choice_at: datetime | None
    first_choice_given: bool
    first_choice_form: str
    second_choice_form: str
    old_starts_at: datetime | None
    paid_amount: Decimal
    time_zone: str
    private: bool = False

    @property
    def choices(self) -> tuple[datetime | None, datetime | None]:
        """First and second choice as they were last asked for."""
        return (self.starts_at, self.other_choice_at) if self.first_choice_given else (self.other_choice_at, self.starts_at)

    @property
    def given_form(self) -> str:
        """How the program that asked for the given choice wrote it."""
        return self.first_choice_form if self.first_choice_given else self.second_choice_form


def notice_for(change: Change, rules: PracticeRules) -> timedelta:
    """Return how long before its start a visit may last be changed like that."""
    return timedelta(minutes=rules.cancel_notice_minutes if change is Change.CANCEL else rules.move_notice_minutes)


def change_problem(schedule: "ScheduleFacts | ScheduleView", change: Change, now: datetime, rules: PracticeRules) -> Code | None:
    """Return why a schedule cannot be changed like that at an instant, or None."""
    status = Status(schedule.status)
    if change not in ALLOWED[status]:
        return _CALLED_OFF.get(status, Code.BEGUN)
    if schedule.starts_at <= now:
        return Code.BEGUN
    return Code.TOO_LATE if schedule.starts_at - now < notice_for(change, rules) else None


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """A Schedule with the names of all it points to, as both doors show it. Instants are UTC, lengths minutes."""

    id: UUID
    account_id: UUID
    reference: str
    status: int
    patient_id: UUID
    user_id: UUID
    guardian_link_id: UUID | None
    provider_id: UUID
    facility_id: UUID
    speciality_id: UUID
    visit_option_id: UUID
    starts_at: datetime
    ends_at: datetime
    other_choice_at: datetime | None
    first_choice_given: bool
    reason: str
    note: str | None
    paid_amount: Decimal
    paid_at: datetime | None
    parent_id: UUID | None
    referred_parent_id: UUID | None
    service_id: UUID | None
    method_id: int | None
    is_custom_form_flow: str | None
    doc_ids: str | None
    first_choice_form: str
    second_choice_form: str
    created_at: datetime
    modified_at: datetime
    modified_by: UUID
    provider_name: str
    facility_name: str
    facility_address: str
    place: str
    time_zone: str
    speciality_name: str
    encounter_type_id: UUID
    encounter_type_name: str
    mode: int
    minutes: int
    patient_given_name: str
    patient_family_name: str
    patient_time_zone: str | None
    user_name: str
    reasons: tuple[tuple[UUID, str], ...] = ()
    cancel_reason: str | None = None
    cancelled_at: datetime | None = None
    old_starts_at: datetime | None = None
    old_other_choice_at: datetime | None = None
    old_form: str | None = None
    private: bool = False
    sequence: int = 0
    group_id: UUID | None = None

    @property
    def patient_name(self) -> str:
        """Full name of the person receiving care."""
        return f"{self.patient_given_name} {self.patient_family_name}"


def seen_with(schedule: ScheduleView, rights: frozenset[Act]) -> ScheduleView:
    """Return a schedule as somebody with these rights reads it: without its reasons, its note or its documents where they may not."""
    if Act.SEE_REASON not in rights:
        schedule = replace(schedule, reason="", reasons=(), note=None, cancel_reason=None)
    return schedule if Act.DOCUMENTS in rights else replace(schedule, doc_ids=None)


def reference_of(number: int) -> str:
    """Return a reference of eight letters and digits, none of them alike in print, for a random number of 128 bits.

    30 to the power of 8 is 6.5e11; the database refuses the rare second use and the writer draws again.
    """
    letters = []
    for _ in range(REFERENCE_LENGTH):
        number, digit = divmod(number, len(REFERENCE_LETTERS))
        letters.append(REFERENCE_LETTERS[digit])
    return "".join(letters)


def shown_reference(reference: str) -> str:
    """Return a reference as people read it, in two groups of four."""
    return f"{reference[:4]}-{reference[4:]}"


def read_reference(text: str) -> str | None:
    """Return the reference that a person or a program wrote, in any case and with or without its hyphen, or None."""
    letters = text.strip().replace("-", "")
    found = letters.upper() if letters.isascii() else ""
    return found if len(found) == REFERENCE_LENGTH and set(found) <= set(REFERENCE_LETTERS) else None
