"""Open times: hours, less time off, occupancy, notice and horizon, on a grid tied to local midnight."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from portal.domain.catalogue import Provider, TimeOff, VisitOption, WorkingHours
from portal.domain.cells import CELL_MINUTES, bits_of, cells_between, first_whole_cell, fits, instant_of, run, set_bits
from portal.domain.walltime import day_cells, local, local_day, local_midnight_cell, segments, wall_cells


class DayState(StrEnum):
    """Why a day offers what it offers."""

    OPEN = "open"
    FULL = "full"
    CLOSED = "closed"
    OFF = "off"
    TOO_SOON = "too_soon"
    TOO_FAR = "too_far"


@dataclass(frozen=True, slots=True)
class Window:
    """A run of cells that holds some local dates with room on both sides for a visit and its buffers."""

    base: int
    length: int

    def bits(self, cells: Iterable[int]) -> int:
        """Return the cells inside this window as a bit set."""
        return bits_of(cells, self.base, self.length)

    def run(self, cells: range) -> int:
        """Return a run of cells, clipped to this window, as a bit set."""
        return run(max(cells.start - self.base, 0), min(cells.stop - self.base, self.length))


@dataclass(frozen=True, slots=True)
class Day:
    """What one provider offers on one local date: `starts` are bits of `window`."""

    day: date
    state: DayState
    window: Window
    starts: int

    @property
    def count(self) -> int:
        """Number of open times."""
        return self.starts.bit_count()

    def instants(self) -> list[datetime]:
        """Open times as UTC instants, ascending."""
        return [instant_of(self.window.base + place) for place in set_bits(self.starts)]


@dataclass(frozen=True, slots=True)
class Asked:
    """What open times are wanted for: a visit option, seen at `now`."""

    option: VisitOption
    now: datetime

    @property
    def earliest(self) -> datetime:
        """First instant at which the visit may start: now and the notice period."""
        return self.now + timedelta(minutes=self.option.notice_minutes)

    def span(self, zone: str) -> "Span":
        """Return when the visit may start, told by a zone's dates."""
        return _span(self, zone)

    def last_day(self, zone: str) -> date:
        """Last local date on which the visit may start: today in that zone and the horizon."""
        return local_day(self.now, zone) + timedelta(days=self.option.horizon_days)


class Span(NamedTuple):
    """When a visit may start: from a cell on (notice), up to a local date (horizon). It stays the same for the minutes of a cell."""

    option: VisitOption
    first_cell: int
    last_day: date


@lru_cache(maxsize=256)
def _span(asked: Asked, zone: str) -> Span:
    return Span(asked.option, first_whole_cell(asked.earliest), asked.last_day(zone))


def window_of(first: date, days: int) -> Window:
    """Return the window for `days` local dates from `first`, in any zone: two dates of margin hold every offset and a day more."""
    base = local_midnight_cell(first - timedelta(days=2))
    return Window(base, local_midnight_cell(first + timedelta(days=days + 2)) - base)


def window_for(options: Collection[VisitOption], zones: Iterable[str], first: date, days: int) -> Window:
    """Return the least window for `days` local dates from `first` in some zones: the dates, and any of the visits with its buffers beside them."""
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    spans = [cells for zone in zones for cells in (day_cells(zone, dates[0]), day_cells(zone, dates[-1]))]
    if not all(spans):
        # a date that a zone's calendar leaves out has no cells to go by
        return window_of(first, days)
    base = min(cells.start for cells in spans) - max(_cells(option.buffer_before_minutes) for option in options)
    after = max(_cells(option.minutes) + _cells(option.buffer_after_minutes) for option in options)
    return Window(base, max(cells.stop for cells in spans) + after - base)


@lru_cache(maxsize=65536)
def open_runs(hours: tuple[WorkingHours, ...], time_off: tuple[TimeOff, ...], zone: str, day: date) -> tuple[int, int]:
    """Return (first cell, bit set from that cell) of the cells of a date at which a provider works."""
    cells = day_cells(zone, day)
    whole = Window(cells.start, len(cells))
    at_work = 0
    for shift in hours:
        if shift.weekday == day.weekday():
            for span in wall_cells(zone, day, shift.opens_minute, shift.closes_minute):
                at_work |= whole.run(span)
    for absence in time_off:
        for span in _absent_cells(absence, zone, day):
            at_work &= ~whole.run(span)
    return cells.start, at_work


def _absent_cells(absence: TimeOff, zone: str, day: date) -> list[range]:
    midnight = datetime.combine(day, datetime.min.time())
    starts = max(absence.starts_wall - midnight, timedelta())
    ends = min(absence.ends_wall - midnight, timedelta(days=1))
    if starts >= ends:
        return []
    cell = timedelta(minutes=CELL_MINUTES)
    return wall_cells(zone, day, starts // cell * CELL_MINUTES, -(-ends // cell) * CELL_MINUTES)


@lru_cache(maxsize=8192)
def _grid(zone: str, day: date, step_minutes: int) -> tuple[int, int]:
    cells = day_cells(zone, day)
    step = step_minutes // CELL_MINUTES
    midnight = local_midnight_cell(day)
    starts = (cell for part in segments(zone, day) for cell in range(part.first, part.last) if (cell + part.shift - midnight) % step == 0)
    return cells.start, bits_of(starts, cells.start, len(cells))


@lru_cache(maxsize=4096)
def grid_within(zone: str, step_minutes: int, window: Window, first: date, days: int) -> int:
    """Return the starts on a grid, whoever works then, on each of `days` dates from `first`; the dates must lie in the window."""
    return sum(_placed(_grid(zone, first + timedelta(days=ahead), step_minutes), window) for ahead in range(days))


@lru_cache(maxsize=16384)
def _pattern(provider: Provider, length_and_grid: tuple[int, int], window: Window, first: date, days: int) -> tuple[tuple[date, bool, int], ...]:
    """Return for each date whether the provider works, and the starts on its grid at which a visit fits into working hours.

    A visit may run on into the next date. Depends on the catalogue and the calendar alone, so each is computed once.
    """
    minutes, grid_minutes = length_and_grid
    zone = provider.time_zone
    dates = [first + timedelta(days=ahead) for ahead in range(days + 1)]
    at_work = [_placed(open_runs(provider.hours, provider.time_off, zone, day), window) for day in dates]
    return tuple(
        (day, bool(today), fits(today | following, minutes // CELL_MINUTES) & _placed(_grid(zone, day, grid_minutes), window))
        for day, today, following in zip(dates, at_work, at_work[1:], strict=False)
    )


def _placed(runs: tuple[int, int], window: Window) -> int:
    first, bits = runs
    return bits << (first - window.base) if first >= window.base else bits >> (window.base - first)


def _away(provider: Provider, day: date) -> DayState:
    return DayState.CLOSED if any(shift.weekday == day.weekday() for shift in provider.hours) else DayState.OFF


def _cells(minutes: int) -> int:
    return -(-minutes // CELL_MINUTES)


@lru_cache(maxsize=64)
def _from(first_cell: int, window: Window) -> int:
    return window.run(range(first_cell, window.base + window.length))


def ruled_out(option: VisitOption, window: Window, provider_busy: int, patient_busy: int) -> int:
    """Return the starts of `window` at which the visit would meet an occupied cell.

    The provider is held for the visit and its buffers, the patient for the visit alone.
    """
    everything = (1 << window.length) - 1
    before, after = _cells(option.buffer_before_minutes), _cells(option.buffer_after_minutes)
    minutes = option.minutes // CELL_MINUTES
    provider_free = fits(everything & ~provider_busy, before + minutes + after) << before
    patient_free = fits(everything & ~patient_busy, minutes)
    return everything & ~(provider_free & patient_free)


@dataclass(frozen=True, slots=True)
class Occupied:
    """The cells of a window that are held, by provider, and for the patient."""

    window: Window
    providers: Mapping[UUID, int]
    patient: int


def days_of(provider: Provider, asked: Asked, occupied: Occupied, first: date, days: int) -> list[Day]:
    """Return what a provider offers on each of `days` local dates from `first`; the dates must lie in the window."""
    return days_within(provider, asked.span(provider.time_zone), occupied, first, days)


def days_within(provider: Provider, span: Span, occupied: Occupied, first: date, days: int) -> list[Day]:
    """Return the same by when the visit may start instead of by the instant of asking."""
    option, window = span.option, occupied.window
    free = ~ruled_out(option, window, occupied.providers.get(provider.id, 0), occupied.patient)
    soon, last = _from(span.first_cell, window), span.last_day
    offered = []
    for day, works, possible in _pattern(provider, (option.minutes, option.grid_minutes), window, first, days):
        soon_enough = possible & soon
        starts = soon_enough & free if day <= last else 0
        if not works:
            state = _away(provider, day)
        elif day > last:
            state = DayState.TOO_FAR
        elif possible and not soon_enough:
            state = DayState.TOO_SOON
        else:
            state = DayState.OPEN if starts else DayState.FULL
        offered.append(Day(day, state, window, starts))
    return offered


def may_open(provider: Provider, asked: Asked, window: Window, first: date, days: int) -> bool:
    """Tell whether any of `days` local dates from `first` can have an open time, going by hours, notice and horizon alone."""
    return any(starts for _, starts in _in_reach(provider, asked, window, first, days))


def first_open(provider: Provider, asked: Asked, occupied: Occupied, first: date, days: int) -> date | None:
    """Return the first of `days` local dates from `first` on which a provider has an open time; the dates must lie in the window."""
    free = ~ruled_out(asked.option, occupied.window, occupied.providers.get(provider.id, 0), occupied.patient)
    return next((day for day, starts in _in_reach(provider, asked, occupied.window, first, days) if starts & free), None)


def _in_reach(provider: Provider, asked: Asked, window: Window, first: date, days: int) -> Iterator[tuple[date, int]]:
    span = asked.span(provider.time_zone)
    soon, last = _from(span.first_cell, window), span.last_day
    pattern = _pattern(provider, (asked.option.minutes, asked.option.grid_minutes), window, first, days)
    return ((day, possible & soon) for day, _, possible in pattern if day <= last)


def within_hours(provider: Provider, start: datetime, minutes: int) -> bool:
    """Tell whether a visit lies wholly inside a provider's working hours; it need not start on the grid."""
    cells = cells_between(start, start + timedelta(minutes=minutes))
    first_day = local_day(start, provider.time_zone)
    at_work = 0
    window = window_of(first_day, 1)
    for ahead in range(-1, 2):
        at_work |= _placed(open_runs(provider.hours, provider.time_off, provider.time_zone, first_day + timedelta(days=ahead)), window)
    needed = window.run(cells)
    return at_work & needed == needed


def is_repeated(instant: datetime, zone: str) -> bool:
    """Tell whether the zone's clock shows this instant's wall time twice that day (an autumn change)."""
    shown = local(instant, zone)
    return shown.replace(fold=1 - shown.fold).utcoffset() != shown.utcoffset()
