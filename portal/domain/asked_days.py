"""The days whose open times a program asks for in one call."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta

from portal.domain.walltime import local_day

DAYS_MAX = 31


@dataclass(frozen=True, slots=True)
class AskedDays:
    """From a first to a last day, both included. A naive value is a date at the facility, an aware one an instant on such a date."""

    first: datetime
    last: datetime

    @property
    def is_backwards(self) -> bool:
        """Tell whether the last day is before the first."""
        return self._between < timedelta()

    @property
    def is_too_long(self) -> bool:
        """Tell whether it is more than DAYS_MAX: counted in dates, or between two instants by the time from one to the other."""
        return self._between > timedelta(days=DAYS_MAX if self._are_instants else DAYS_MAX - 1)

    @property
    def _are_instants(self) -> bool:
        return self.first.tzinfo is not None and self.last.tzinfo is not None

    @property
    def _between(self) -> timedelta:
        return self.last - self.first if self._are_instants else self.last.date() - self.first.date()

    def dates(self, zone: str) -> list[date]:
        """Return the dates at a facility in the zone, ascending."""
        first, last = _date(self.first, zone), _date(self.last, zone)
        return [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]

    def hold(self, instant: datetime) -> bool:
        """Tell whether an instant on one of the dates is not before or after an instant that was asked for."""
        return (self.first.tzinfo is None or self.first <= instant) and (self.last.tzinfo is None or instant <= self.last)


def _date(value: datetime, zone: str) -> date:
    # in the calendar's first and last year an offset may lead beyond it, and nothing is on offer there
    return value.date() if value.tzinfo is None or value.year in (MINYEAR, MAXYEAR) else local_day(value, zone)
