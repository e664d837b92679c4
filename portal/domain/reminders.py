"""When somebody is reminded of a visit."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.domain.walltime import instant_at, local

HOURS_A_DAY = 24
# How many hours before a visit people may choose to be reminded.
HOURS = (7 * HOURS_A_DAY, 2 * HOURS_A_DAY, HOURS_A_DAY, 2)


@dataclass(frozen=True, slots=True)
class Quiet:
    """From which minute of the zone's day to which no reminder leaves; it may span midnight, and is nothing where both are the same."""

    begins: int
    ends: int
    zone: str


def chosen(text: str) -> tuple[int, ...]:
    """Return the hours before a visit that a user has chosen, from what is kept of them; none when they want no reminders."""
    return tuple(int(word) for word in text.split())


def written(hours: Iterable[int]) -> str:
    """Return chosen hours as they are kept: those on offer alone, each once, the longest first."""
    wanted = set(hours)
    return " ".join(str(one) for one in HOURS if one in wanted)


def due(start: datetime, hours: int, zone: str, quiet: Quiet) -> datetime:
    """Return the instant at which a reminder of a visit leaves, or the minute before quiet hours that this falls into.

    Whole days are counted by the calendar of the visit's zone: a day before 9:00 it is 9:00, also when the clock changes in between.
    """
    days, rest = divmod(hours, HOURS_A_DAY)
    at = start - timedelta(hours=hours) if rest else instant_at(_wall(start, zone) - timedelta(days=days), zone)
    wall = _wall(at, quiet.zone)
    minute = wall.hour * 60 + wall.minute
    spans_midnight = quiet.begins > quiet.ends
    is_quiet = (minute >= quiet.begins or minute < quiet.ends) if spans_midnight else quiet.begins <= minute < quiet.ends
    if not is_quiet:
        return at
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=minute < quiet.begins)
    return instant_at(day + timedelta(minutes=quiet.begins - 1), quiet.zone)


def _wall(instant: datetime, zone: str) -> datetime:
    return local(instant, zone).replace(tzinfo=None, fold=0)
