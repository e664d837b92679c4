"""The days of the time page: which ten are shown, which one is chosen, and the times of that one."""

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from portal import context
from portal.domain.openings import DayState
from portal.domain.walltime import local_day
from portal.services import group_times, openings
from portal.services.group_times import GroupSearch
from portal.services.openings import LOOK_AHEAD_DAYS, PAGE_DAYS, DayTimes, Search
from portal.web import display

KEPT = 1024
# fromisoformat reads week dates too
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Time(NamedTuple):
    """One open time: its UTC instant, the form's value for it, and the words people read."""

    start: datetime
    value: str
    words: str


def shown(start: datetime, zone: str, locale: str) -> Time:
    """Return an open time as a page shows it."""
    return Time(start, written(start), display.clock(start, zone, locale))


class Shown(NamedTuple):
    """What pages show of a strip: its days as (date, state, number of open times), the place of the chosen one, and its times as bits."""

    first: date
    days: tuple[tuple[date, str, int], ...]
    chosen: int | None
    base: int
    bits: int
    why_nothing: str | None
    earlier: date | None
    later: date | None


# By identity, and with room for what is computed of it once.
@dataclass(frozen=True, eq=False)
class Strip:
    """Up to ten days on which the clinicians work, from `first` on, and the one whose times are shown."""

    first: date
    days: tuple[DayTimes, ...]
    chosen: DayTimes | None
    today: date
    last: date

    @property
    def earlier(self) -> date | None:
        """Where the days before these begin, or None at today."""
        return max(self.first - timedelta(days=LOOK_AHEAD_DAYS), self.today) if self.first > self.today else None

    @property
    def later(self) -> date | None:
        """Where the days after these begin, or None beyond the horizon."""
        following = (self.days[-1].day if self.days else self.first + timedelta(days=LOOK_AHEAD_DAYS - 1)) + timedelta(days=1)
        return following if following <= self.last else None

    @property
    def why_nothing(self) -> DayState | None:
        """Why no day shown has a time, or None when one has."""
        states = [day.state for day in self.days]
        if DayState.OPEN in states:
            return None
        for state in (DayState.FULL, DayState.TOO_SOON, DayState.TOO_FAR, DayState.CLOSED):
            if state in states:
                return state
        return DayState.OFF

    @property
    def open_days(self) -> list[DayTimes]:
        """The days shown that have a time: those to pick a second choice from."""
        return [day for day in self.days if day.state is DayState.OPEN]

    @cached_property
    def shown(self) -> Shown:
        """What pages show of it."""
        chosen = self.chosen
        return Shown(
            first=self.first,
            days=tuple((day.day, day.state.value, day.count) for day in self.days),
            chosen=self.days.index(chosen) if chosen else None,
            base=chosen.base if chosen else 0,
            bits=chosen.bits if chosen else 0,
            why_nothing=self.why_nothing,
            earlier=self.earlier,
            later=self.later,
        )


def times(search: Search | GroupSearch, first: date, days: int) -> tuple[DayTimes, ...]:
    """Return what is on offer on some days, to one person or to a group."""
    if isinstance(search, GroupSearch):
        return group_times.times(context.db(), search, first, days)
    return openings.times(context.db(), search, first, days)


def _first_open_day(search: Search | GroupSearch, first: date) -> date | None:
    if isinstance(search, GroupSearch):
        return group_times.first_open_day(context.db(), search, first)
    return openings.first_open_day(context.db(), search, first)


def strip_of(search: Search | GroupSearch, first: date | None, wanted: date | None) -> Strip:
    """Return the days to show: from `first` on, or else from the first day that has an open time."""
    today, last = local_day(search.asked.now, search.zone), search.asked.last_day(search.zone)
    beginning = min(max(first or wanted or today, today), last + timedelta(days=1))
    offered = times(search, beginning, LOOK_AHEAD_DAYS)
    if first is None and wanted is None:
        offered = _from_first_open(search, offered)
    return _strip(offered, wanted, today, last)


@lru_cache(maxsize=KEPT)
def _strip(offered: tuple[DayTimes, ...], wanted: date | None, today: date, last: date) -> Strip:
    days = tuple(day for day in offered if day.state is not DayState.OFF)[:PAGE_DAYS]
    chosen = next((day for day in days if day.day == wanted), None) or next((day for day in days if day.state is DayState.OPEN), None)
    return Strip(offered[0].day, days, chosen, today, last)


def next_open(search: Search | GroupSearch, strip: Strip) -> date | None:
    """Return the first day with an open time after the chosen one, or anywhere ahead when nothing shown is open."""
    after = strip.chosen.day + timedelta(days=1) if strip.chosen else strip.first
    shown = next((day.day for day in strip.open_days if day.day >= after), None)
    return shown or _first_open_day(search, after)


def _from_first_open(search: Search | GroupSearch, offered: tuple[DayTimes, ...]) -> tuple[DayTimes, ...]:
    """Begin at the first open day, and read on when too few days are left."""
    skipped = next((place for place, day in enumerate(offered) if day.state is DayState.OPEN), 0)
    left = offered[skipped:]
    if not skipped or sum(day.state is not DayState.OFF for day in left) >= PAGE_DAYS:
        return left
    return left + times(search, offered[-1].day + timedelta(days=1), skipped)


def written(start: datetime) -> str:
    """Return an instant as a form carries it."""
    return start.astimezone(UTC).isoformat(timespec="microseconds" if start.microsecond else "seconds").replace("+00:00", "Z")


def read(text: str | None) -> datetime | None:
    """Return the instant that a form carried, or None for anything that is not one."""
    if not text or not text.isascii() or not text.endswith("Z"):
        return None
    try:
        instant = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ" if "." in text else "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None
    # in the calendar's first and last year an offset could lead beyond it
    return instant if MINYEAR < instant.year < MAXYEAR else None


def read_day(text: str | None) -> date | None:
    """Return the date that a query or a date input carried, or None for anything that is not one."""
    if not text or _DAY.fullmatch(text) is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
