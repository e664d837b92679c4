"""Open times as pages, programs and refusals need them: a fixed number of queries, then the pure rules."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.catalogue import Provider
from portal.domain.cells import instant_of, set_bits
from portal.domain.openings import Asked, Day, DayState, Occupied, Span, Window, days_of, days_within, window_of
from portal.domain.slots import nearest
from portal.domain.walltime import local_day
from portal.storage import occupancy

PAGE_DAYS = 10
LOOK_AHEAD_DAYS = 18
NEAREST_DAYS = 7
TIMES_KEPT = 2048
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Search:
    """Whose open times are wanted, for what, and for which patient (None: whoever it may be)."""

    providers: tuple[Provider, ...]
    asked: Asked
    patient_id: UUID | None

    @property
    def zone(self) -> str:
        """Zone by which days are told: the first provider's."""
        return self.providers[0].time_zone


# By identity: the same answer is given to many, and what pages make of it is kept.
@dataclass(frozen=True, slots=True, eq=False)
class DayTimes:
    """One date over all the providers asked: its state and its different open times, as bits counted from the cell `base`."""

    day: date
    state: DayState
    base: int
    bits: int

    @property
    def count(self) -> int:
        """Number of different open times."""
        return self.bits.bit_count()

    def starts(self) -> list[datetime]:
        """Return the different open times as UTC instants, ascending."""
        return [instant_of(self.base + place) for place in set_bits(self.bits)]


def occupied(session: Session, provider_ids: Iterable[UUID], patient_id: UUID | None, window: Window) -> Occupied:
    """Return what is held in a window of the providers and of the patient: one query."""
    wanted = list(provider_ids)
    held = occupancy.held(session, wanted if patient_id is None else [*wanted, patient_id], window)
    bits = {resource_id: _bits(window, cells) for resource_id, cells in held.items()}
    return Occupied(window, bits, bits.get(patient_id, 0) if patient_id is not None else 0)


def around(instant: datetime, days: int = 1) -> Window:
    """Return a window that holds an instant's date in every zone, and `days` - 1 more on both sides."""
    day = instant.date()
    return window_of(day - timedelta(days=days - 1), 2 * days - 1)


def times(session: Session, search: Search, first: date, days: int) -> tuple[DayTimes, ...]:
    """Return what the providers together offer on each of `days` dates from `first`: one query whatever their number."""
    providers, patient_id = search.providers, search.patient_id
    ids = [provider.id for provider in providers]
    held = occupancy.held(session, ids if patient_id is None else [*ids, patient_id], window_of(first, days))
    spans = tuple([search.asked.span(zone) for zone in _zones(providers)])
    return _times(providers, spans, tuple([held.get(one, "") for one in (patient_id or _NOBODY, *ids)]), first, days)


@lru_cache(maxsize=TIMES_KEPT)
def _times(providers: tuple[Provider, ...], spans: tuple[Span, ...], held: tuple[str, ...], first: date, days: int) -> tuple[DayTimes, ...]:
    """Return the same from what was read: the cells held by the patient and by each provider.

    Kept, since between two bookings everybody who asks within a cell's minutes is told the same.
    """
    window = window_of(first, days)
    patient, *others = (_bits(window, cells) if cells else 0 for cells in held)
    occupied = Occupied(window, {provider.id: busy for provider, busy in zip(providers, others, strict=True)}, patient)
    span_of = dict(zip(_zones(providers), spans, strict=True))
    each = [days_within(one, span_of[one.time_zone], occupied, first, days) for one in providers]
    return tuple(map(_together, zip(*each, strict=True)))


@lru_cache(maxsize=TIMES_KEPT)
def _zones(providers: tuple[Provider, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(provider.time_zone for provider in providers))


def _bits(window: Window, cells: str) -> int:
    return window.bits(map(int, cells.split(",")))


_PRECEDENCE = (DayState.OPEN, DayState.FULL, DayState.TOO_SOON, DayState.CLOSED, DayState.TOO_FAR, DayState.OFF)


def _together(parts: tuple[Day, ...]) -> DayTimes:
    states = {part.state for part in parts}
    bits = reduce(or_, (part.starts for part in parts))
    return DayTimes(parts[0].day, next(state for state in _PRECEDENCE if state in states), parts[0].window.base, bits)


def first_open_day(session: Session, search: Search, first: date) -> date | None:
    """Return the first date from `first` on with an open time, or None up to the horizon.

    Reads LOOK_AHEAD_DAYS at a time, so the number of queries depends on the horizon alone.
    """
    last = max(search.asked.last_day(provider.time_zone) for provider in search.providers)
    while first <= last:
        for day in times(session, search, first, LOOK_AHEAD_DAYS):
            if day.state is DayState.OPEN:
                return day.day
        first += timedelta(days=LOOK_AHEAD_DAYS)
    return None


def alternatives(session: Session, search: Search, wanted: datetime, count: int) -> list[datetime]:
    """Return the `count` open times nearest to a wanted instant, a week each way, ascending."""
    first = max(local_day(wanted, search.zone) - timedelta(days=NEAREST_DAYS), local_day(search.asked.now, search.zone))
    days = times(session, search, first, 2 * NEAREST_DAYS + 1)
    return nearest((start for day in days for start in day.starts()), wanted, count)


def next_open_days(session: Session, searched: list[tuple[Provider, Asked]], patient_id: UUID) -> dict[UUID, date | None]:
    """Return the first date with an open time of each provider, within LOOK_AHEAD_DAYS of today: one query for all."""
    if not searched:
        return {}
    today = min(local_day(asked.now, provider.time_zone) for provider, asked in searched)
    held = occupied(session, (provider.id for provider, _ in searched), patient_id, window_of(today, LOOK_AHEAD_DAYS))
    offered = {provider.id: days_of(provider, asked, held, today, LOOK_AHEAD_DAYS) for provider, asked in searched}
    return {provider_id: next((day.day for day in days if day.state is DayState.OPEN), None) for provider_id, days in offered.items()}
