"""How old somebody is, by the calendar of a place, and at which ages guardians' rights change."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from portal.domain.walltime import instants, local_day

ADULT_AGE = 18
_LEAP_DAY = (2, 29)


@dataclass(frozen=True, slots=True)
class AgeBands:
    """A practice's ages: below `agreement_from` guardians act fully, from then on with the young person's agreement, from `ends_from` on no more."""

    agreement_from: int = 12
    ends_from: int = ADULT_AGE


# England: access ends by itself at 11 and a young person is an adult to the health service at 16; United States: assent from 13.
PRESETS: Mapping[str, AgeBands] = {"default": AgeBands(), "england": AgeBands(11, 16), "united states": AgeBands(13, ADULT_AGE)}


def birthday(born_on: date, years: int) -> date:
    """Return the day on which somebody completes a number of years; who was born on 29 February does so on 1 March in other years."""
    year = born_on.year + years
    leap_day = (born_on.month, born_on.day) == _LEAP_DAY
    return date(year, 3, 1) if leap_day and not _is_leap(year) else born_on.replace(year=year)


def age_on(born_on: date, day: date) -> int:
    """Return the completed years on a day, 0 before the birth."""
    years = day.year - born_on.year
    return max(0, years if day >= birthday(born_on, years) else years - 1)


def age_at(born_on: date, zone: str, now: datetime) -> int:
    """Return the completed years at an instant, by the calendar of a zone."""
    return age_on(born_on, local_day(now, zone))


def reaches(born_on: date, zone: str, years: int) -> datetime:
    """Return the instant at which somebody completes a number of years: the first of that day in the zone."""
    return day_begins(birthday(born_on, years), zone)


def day_begins(day: date, zone: str) -> datetime:
    """Return the first instant of a day by the calendar of a zone."""
    midnight = datetime.combine(day, time())
    # where the clock skips midnight the day begins later
    return next(found for step in range(24 * 4) for found in instants(midnight + timedelta(minutes=15 * step), zone)[:1])


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
