"""Made-up values for the rules, and the zones and days at which clocks are hardest."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from portal.domain.ages import AgeBands
from portal.domain.catalogue import (
    Account,
    Catalogue,
    EncounterType,
    Facility,
    Mode,
    Provider,
    Reason,
    Speciality,
    TimeOff,
    VisitOption,
    WorkingHours,
)
from portal.domain.guardianship import Subject
from portal.domain.schedule import ScheduleFacts, Status

SPACE = UUID(int=0)
FIRST_DAY = date(2026, 1, 1)
LAST_DAY = date(2030, 12, 31)
ZONES = {
    "America/New_York": "changes at two in the morning, north",
    "America/Santiago": "changes at midnight, south",
    "Africa/Cairo": "changes at midnight, by law of 2023",
    "Asia/Beirut": "changes at midnight",
    "Atlantic/Azores": "changes at midnight, west of its meridian",
    "Australia/Lord_Howe": "changes by half an hour",
    "Australia/Adelaide": "half-hour offset, and changes",
    "Asia/Kolkata": "half-hour offset, no changes",
    "Asia/Kathmandu": "quarter-hour offset",
    "Africa/Casablanca": "clock back for Ramadan, by table",
    "Europe/Dublin": "winter time is the exception in its law, so its saving is negative",
    "Pacific/Kiritimati": "14 hours ahead",
    "Pacific/Pago_Pago": "11 hours behind",
    "UTC": "itself",
}


def name(word: str) -> UUID:
    """Return an id that is always the same for a word."""
    return uuid5(SPACE, word)


def subject(patient_id: UUID, account_id: UUID, born_on: date = date(2020, 6, 1), zone: str = "America/New_York") -> Subject:
    """Return a patient of a practice with the usual ages; a child unless told otherwise."""
    return Subject(patient_id, account_id, born_on, zone, AgeBands())


def at(text: str) -> datetime:
    """Return an instant written in ISO 8601; without an offset it is UTC."""
    value = datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def wall(text: str) -> datetime:
    """Return a naive wall time written in ISO 8601."""
    return datetime.fromisoformat(text)


def hours(opens: str, closes: str, weekdays: str = "0123456") -> tuple[WorkingHours, ...]:
    """Return the same hours on some weekdays."""
    return tuple(WorkingHours(int(weekday), minutes(opens), minutes(closes)) for weekday in weekdays)


def minutes(clock: str) -> int:
    """Return the minutes after midnight of a time like 09:30."""
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def time_off(starts: str, ends: str) -> TimeOff:
    """Return an absence between two wall times."""
    return TimeOff(wall(starts), wall(ends))


def option(**changes: Any) -> VisitOption:  # noqa: ANN401 - any member
    """Return a visit of half an hour on a quarter-hour grid, without notice or buffers, changed as wanted."""
    members: dict[str, Any] = {
        "id": name("option"),
        "encounter_type_id": name("examination"),
        "mode": Mode.IN_PERSON,
        "minutes": 30,
        "fee": Decimal(0),
        "notice_minutes": 0,
        "horizon_days": 3650,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "grid_minutes": 15,
        "provider_ids": frozenset({name("chen")}),
    }
    return VisitOption(**{**members, **changes})


def provider(**changes: Any) -> Provider:  # noqa: ANN401 - any member
    """Return a provider in UTC who works from nine to five every day, changed as wanted."""
    members: dict[str, Any] = {
        "id": name("chen"),
        "name": "Dr Chen",
        "facility_id": name("harbour"),
        "time_zone": "UTC",
        "speciality_ids": (name("family"),),
        "default_visit_option_id": name("option"),
        "hours": hours("09:00", "17:00"),
        "time_off": (),
    }
    return Provider(**{**members, **changes})


def catalogue(providers: list[Provider], options: list[VisitOption], encounter_types: list[EncounterType]) -> Catalogue:
    """Return a catalogue of one facility, two specialities and one reason around the values given."""
    return Catalogue(
        account=Account(name("account"), "Riverside", "UTC", "555 0100", "always", "112", 1),
        facilities={name("harbour"): Facility(name("harbour"), "Harbour", "UTC", "Boston", "1 Harbour Road")},
        specialities={name(word): Speciality(name(word), word) for word in ("family", "paediatrics")},
        providers={each.id: each for each in providers},
        encounter_types={each.id: each for each in encounter_types},
        visit_options={each.id: each for each in options},
        reasons={name("fever"): Reason(name("fever"), "R50", "Fever")},
    )


@cache
def change_days(zone: str) -> tuple[date, ...]:
    """Return the UTC dates, from 2026 to 2030, in the course of which a zone's offset changes."""
    info = ZoneInfo(zone)
    midnights = [datetime(FIRST_DAY.year, 1, 1, tzinfo=UTC) + timedelta(days=ahead) for ahead in range((LAST_DAY - FIRST_DAY).days + 2)]
    offsets = [midnight.astimezone(info).utcoffset() for midnight in midnights]
    return tuple(midnights[place].date() for place in range(len(midnights) - 1) if offsets[place] != offsets[place + 1])


# A booked appointment on a Tuesday, at ten in Boston.
SCHEDULE = ScheduleFacts(
    id=name("schedule"),
    account_id=name("account"),
    patient_id=name("ada"),
    provider_id=name("chen"),
    visit_option_id=name("check-up"),
    status=Status.BOOKED,
    starts_at=at("2027-03-02T15:00"),
    ends_at=at("2027-03-02T15:30"),
    other_choice_at=None,
    first_choice_given=True,
    first_choice_form="utc",
    second_choice_form="utc",
    old_starts_at=None,
    paid_amount=Decimal(0),
    time_zone="America/New_York",
)
