"""What a provider offers, found the slow and obvious way: minute by minute, asking the clock on the wall each time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from portal.domain.catalogue import Provider, VisitOption

MINUTE = timedelta(minutes=1)
CELL = timedelta(minutes=5)


@cache
def clock_around(zone: str, day: date) -> dict[datetime, datetime]:
    """Return what the zone's clock shows at each minute from two days before a date to three days after."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    info = ZoneInfo(zone)
    return {(instant := first + count * MINUTE): instant.astimezone(info).replace(tzinfo=None, fold=0) for count in range(5 * 24 * 60)}


def works_at(provider: Provider, shown: datetime) -> bool:
    """Tell whether a provider works at a wall time."""
    minute = shown.hour * 60 + shown.minute
    at_work = any(shift.weekday == shown.weekday() and shift.opens_minute <= minute < shift.closes_minute for shift in provider.hours)
    return at_work and not any(absence.starts_wall <= shown < absence.ends_wall for absence in provider.time_off)


def minutes_of(start: datetime, length: timedelta) -> Iterator[datetime]:
    """Give every minute of a span."""
    for count in range(length // MINUTE):
        yield start + count * MINUTE


@dataclass(frozen=True)
class Held:
    """The minutes at which the provider and the patient are not free."""

    provider: frozenset[datetime] = frozenset()
    patient: frozenset[datetime] = frozenset()


def offered(provider: Provider, option: VisitOption, now: datetime, day: date, held: Held) -> list[datetime]:
    """Return the starts offered on a local date."""
    clock = clock_around(provider.time_zone, day)
    today = now.astimezone(ZoneInfo(provider.time_zone)).date()
    if day > today + timedelta(days=option.horizon_days):
        return []
    visit = timedelta(minutes=option.minutes)
    before, after = timedelta(minutes=option.buffer_before_minutes), timedelta(minutes=option.buffer_after_minutes)
    starts = []
    for instant, shown in clock.items():
        if shown.date() != day or (instant - instant.replace(hour=0, minute=0)) % CELL or (shown.hour * 60 + shown.minute) % option.grid_minutes:
            continue
        if instant < now + timedelta(minutes=option.notice_minutes):
            continue
        if not all(works_at(provider, clock[minute]) for minute in minutes_of(instant, visit)):
            continue
        if held.provider.isdisjoint(minutes_of(instant - before, before + visit + after)) and held.patient.isdisjoint(minutes_of(instant, visit)):
            starts.append(instant)
    return starts
