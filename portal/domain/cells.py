"""Five-minute cells of absolute time: the unit in which occupancy is held and free time is searched."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

CELL_MINUTES = 5
CELLS_A_DAY = 24 * 60 // CELL_MINUTES
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CELL = timedelta(minutes=CELL_MINUTES)


def cell_of(instant: datetime) -> int:
    """Return the number, counted from 1970-01-01T00:00Z, of the cell that contains an aware instant."""
    return (instant - EPOCH) // _CELL


def instant_of(cell: int) -> datetime:
    """Return the UTC instant at which a cell starts."""
    return EPOCH + cell * _CELL


def first_whole_cell(instant: datetime) -> int:
    """Return the number of the first cell that starts at or after an aware instant."""
    return -((EPOCH - instant) // _CELL)


def cells_between(start: datetime, end: datetime) -> range:
    """Return every cell that [start, end) touches; a cell touched in part is held whole."""
    return range(cell_of(start), first_whole_cell(end))


def bits_of(cells: Iterable[int], base: int, length: int) -> int:
    """Return a bit set of the cells in [base, base + length): bit i stands for cell base + i. Quickest for cells in runs."""
    bits, first, last = 0, base, base
    for cell in cells:
        if cell != last:
            bits |= run(max(first - base, 0), min(last - base, length))
            first = cell
        last = cell + 1
    return bits | run(max(first - base, 0), min(last - base, length))


def run(first: int, last: int) -> int:
    """Return a bit set with the bits first to last - 1 set, or 0 when there are none."""
    return ((1 << (last - first)) - 1) << first if last > first else 0


def fits(free: int, length: int) -> int:
    """Return the bits at which a run of `length` set bits of `free` starts; doubling takes log2(length) steps."""
    done = 1
    while done < length:
        step = min(done, length - done)
        free &= free >> step
        done += step
    return free


def set_bits(bits: int) -> list[int]:
    """Return the positions of the set bits, ascending."""
    if not bits:
        return []
    first = (bits & -bits).bit_length() - 1
    return [place for place, digit in enumerate(reversed(f"{bits >> first:b}"), first) if digit == "1"]
