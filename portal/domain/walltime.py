"""The one place where wall-clock time and instants are converted into each other."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, reset_tzpath

from portal.domain.cells import CELL_MINUTES, CELLS_A_DAY, instant_of

_PROBE_CELLS = 6
_MARGIN_CELLS = CELLS_A_DAY
_EPOCH_DAY = date(1970, 1, 1).toordinal()

# Rules come from the pinned tzdata package alone: those of the host may be years old, and would differ between machines.
reset_tzpath(())


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of cells [first, last) of one local day under one UTC offset; adding `shift` gives local cells."""

    first: int
    last: int
    shift: int


@lru_cache(maxsize=512)
def zone_of(name: str) -> ZoneInfo:
    """Return the IANA zone of that name; raises ZoneInfoNotFoundError or ValueError for any other text."""
    try:
        return ZoneInfo(name)
    except OSError as error:
        # a folder of the zone tree, such as "America", or a name too long for a file
        raise ZoneInfoNotFoundError(name) from error


def local(instant: datetime, zone: str) -> datetime:
    """Return an aware instant as an aware wall time in the zone. Never add a duration to the result."""
    return instant.astimezone(zone_of(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar date that the zone shows at an instant."""
    return local(instant, zone).date()


def instants(wall: datetime, zone: str) -> tuple[datetime, ...]:
    """Return the UTC instants at which the zone's clock shows a naive wall time.

    None in the hour that a spring change skips, two in the hour that an autumn change repeats, else one.
    """
    info = zone_of(zone)
    found = []
    for fold in (0, 1):
        instant = wall.replace(tzinfo=info, fold=fold).astimezone(UTC)
        if instant.astimezone(info).replace(tzinfo=None, fold=0) == wall and instant not in found:
            found.append(instant)
    return tuple(sorted(found))


def instant_at(wall: datetime, zone: str) -> datetime:
    """Return the first UTC instant at which the zone's clock shows a naive wall time; one that it skips is as long after the change."""
    return wall.replace(tzinfo=zone_of(zone), fold=0).astimezone(UTC)


def local_midnight_cell(day: date) -> int:
    """Return the local cell number of the start of a date: cells counted as if the zone were UTC."""
    return (day.toordinal() - _EPOCH_DAY) * CELLS_A_DAY


@lru_cache(maxsize=8192)
def segments(zone: str, day: date) -> tuple[Segment, ...]:
    """Return the runs of constant offset that make up a local date: one on most days, two on a clock-change day.

    Their lengths sum to 288 cells, or 276 and 300 when an hour is skipped or repeated. Offsets of zones in use are whole
    multiples of fifteen minutes, so a change always falls between two cells.
    """
    midnight = local_midnight_cell(day)
    runs = _offset_runs(zone_of(zone), midnight - _MARGIN_CELLS, midnight + 2 * _MARGIN_CELLS)
    clipped = (Segment(max(run.first, midnight - run.shift), min(run.last, midnight + CELLS_A_DAY - run.shift), run.shift) for run in runs)
    return tuple(segment for segment in clipped if segment.first < segment.last)


def _offset_runs(info: ZoneInfo, first: int, last: int) -> list[Segment]:
    runs = []
    start, shift = first, _shift(info, first)
    for probe in range(first + _PROBE_CELLS, last + 1, _PROBE_CELLS):
        following = _shift(info, probe)
        if following != shift:
            change = _change_cell(info, probe - _PROBE_CELLS, probe)
            runs.append(Segment(start, change, shift))
            start, shift = change, following
    return [*runs, Segment(start, last, shift)]


def _change_cell(info: ZoneInfo, before: int, after: int) -> int:
    shift = _shift(info, before)
    while after - before > 1:
        middle = (before + after) // 2
        if _shift(info, middle) == shift:
            before = middle
        else:
            after = middle
    return after


def _shift(info: ZoneInfo, cell: int) -> int:
    offset = instant_of(cell).astimezone(info).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60 // CELL_MINUTES


def day_cells(zone: str, day: date) -> range:
    """Return the cells of a local date, from its first instant to its last."""
    parts = segments(zone, day)
    return range(parts[0].first, parts[-1].last) if parts else range(0)


def wall_cells(zone: str, day: date, opens_minute: int, closes_minute: int) -> list[range]:
    """Return the cells of a date at which the clock shows a time in [opens, closes), minutes after midnight."""
    midnight = local_midnight_cell(day)
    opens, closes = midnight + opens_minute // CELL_MINUTES, midnight + closes_minute // CELL_MINUTES
    spans = [range(max(part.first, opens - part.shift), min(part.last, closes - part.shift)) for part in segments(zone, day)]
    return [span for span in spans if span]


def offset_minutes(instant: datetime, zone: str) -> int:
    """Return the zone's UTC offset at an instant in minutes, east positive."""
    return int((local(instant, zone).utcoffset() or timedelta()).total_seconds()) // 60
