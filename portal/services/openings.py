"""Open times as pages, programs and refusals need them: a fixed number of queries, then the pure rules."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, reduce
from operator import or_
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.catalogue import Provider, VisitOption
from portal.domain.cells import instant_of, set_bits
from portal.domain.openings import Asked, Day, DayState, Occupied, Span, Window, days_of, days_within, first_open, may_open, window_for, window_of
from portal.domain.slots import nearest
from portal.domain.walltime import local_day
from portal.storage import occupancy

PAGE_DAYS = 10
LOOK_AHEAD_DAYS = 18
FIRST_DAYS = 2
NEAREST_DAYS = 7
TIMES_KEPT = 2048
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Search:
    """Whose open times are wanted, for what, and for which patient (None: whoever it may be).

    What the schedule or the draft `besides` holds counts as free: it would give it up for another time. So does what `also` holds,
    the draft by which whoever moves a schedule holds a time.
    """

    providers: tuple[Provider, ...]
    asked: Asked
    patient_id: UUID | None
    besides: UUID | None = None
    also: UUID | None = None

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


@dataclass(frozen=True, slots=True)
class OpenTime:
    """One start (UTC) at one facility in its zone, and with which providers it can be had, in the order people see."""

    starts_at: datetime
    facility_id: UUID
    time_zone: str
    provider_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class OfferedDay:
    """One date over all the providers asked, with who has each time; the times ascend."""

    day: date
    state: DayState
    times: tuple[OpenTime, ...]


class Whose(NamedTuple):
    """A patient whose own time counts as held too, if there is one, and the schedule or draft whose cells do not count, nor those of `also`."""

    patient_id: UUID | None
    besides: UUID | None = None
    also: UUID | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """What is to be known of who is held: of which providers and which patient, in a window, at an instant."""

    provider_ids: tuple[UUID, ...]
    window: Window
    now: datetime
    whose: Whose


def occupied(session: Session, asked: Holding) -> Occupied:
    """Return what is held: one query."""
    (patient_id, besides, also), window = asked.whose, asked.window
    wanted = asked.provider_ids if patient_id is None else (*asked.provider_ids, patient_id)
    held = occupancy.held(session, wanted, window, asked.now, (besides, also))
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
    window = _window(search.asked.option, _zones(providers), first, days)
    held = occupancy.held(session, ids if patient_id is None else [*ids, patient_id], window, search.asked.now, (search.besides, search.also))
    spans = tuple([search.asked.span(zone) for zone in _zones(providers)])
    return _times(providers, spans, tuple([held.get(one, "") for one in (patient_id or _NOBODY, *ids)]), first, days)


@lru_cache(maxsize=TIMES_KEPT)
def _times(providers: tuple[Provider, ...], spans: tuple[Span, ...], held: tuple[str, ...], first: date, days: int) -> tuple[DayTimes, ...]:
    """Return the same from what was read: the cells held by the patient and by each provider.

    Kept, since between two bookings everybody who asks within a cell's minutes is told the same.
    """
    window = _window(spans[0].option, _zones(providers), first, days)
    patient, *others = (_bits(window, cells) if cells else 0 for cells in held)
    occupied = Occupied(window, {provider.id: busy for provider, busy in zip(providers, others, strict=True)}, patient)
    span_of = dict(zip(_zones(providers), spans, strict=True))
    each = [days_within(one, span_of[one.time_zone], occupied, first, days) for one in providers]
    return tuple(map(_together, zip(*each, strict=True)))


@lru_cache(maxsize=TIMES_KEPT)
def _zones(providers: tuple[Provider, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(provider.time_zone for provider in providers))


@lru_cache(maxsize=TIMES_KEPT)
def _window(option: VisitOption, zones: tuple[str, ...], first: date, days: int) -> Window:
    return window_for([option], zones, first, days)


def _bits(window: Window, cells: str) -> int:
    return window.bits(map(int, cells.split(",")))


_PRECEDENCE = (DayState.OPEN, DayState.FULL, DayState.TOO_SOON, DayState.CLOSED, DayState.TOO_FAR, DayState.OFF)


def _together(parts: tuple[Day, ...]) -> DayTimes:
    bits = reduce(or_, (part.starts for part in parts))
    return DayTimes(parts[0].day, _state(parts), parts[0].window.base, bits)


def _state(parts: tuple[Day, ...]) -> DayState:
    states = {part.state for part in parts}
    return next(state for state in _PRECEDENCE if state in states)


def offered(session: Session, search: Search, first: date, days: int) -> list[OfferedDay]:
    """Return what each of the providers offers on each of `days` dates from `first`: one query whatever their number."""
    providers, asked = search.providers, search.asked
    window = _window(asked.option, _zones(providers), first, days)
    held = occupied(
        session, Holding(tuple(provider.id for provider in providers), window, asked.now, Whose(search.patient_id, search.besides, search.also))
    )
    each = zip(*(days_of(provider, asked, held, first, days) for provider in providers), strict=True)
    return [OfferedDay(parts[0].day, _state(parts), _with_whom(providers, parts)) for parts in each]


def _with_whom(providers: tuple[Provider, ...], parts: tuple[Day, ...]) -> tuple[OpenTime, ...]:
    found: defaultdict[tuple[datetime, UUID], list[Provider]] = defaultdict(list)
    for provider, part in zip(providers, parts, strict=True):
        for start in part.instants():
            found[start, provider.facility_id].append(provider)
    ordered = sorted(found.items(), key=lambda item: item[0][0])
    return tuple(OpenTime(start, place, who[0].time_zone, tuple(one.id for one in who)) for (start, place), who in ordered)


def first_open_day(session: Session, search: Search, first: date) -> date | None:
    """Return the first date from `first` on with an open time, or None up to the horizon.

    Reads FIRST_DAYS, then twice as many at a time, so the number of queries depends on the horizon alone.
    """
    searched = [(provider, search.asked) for provider in search.providers]
    last = max(search.asked.last_day(zone) for zone in {provider.time_zone for provider in search.providers})
    return next(
        (min(found.values()) for found in _found(session, searched, Whose(search.patient_id, search.besides, search.also), first, last) if found),
        None,
    )


def _found(session: Session, searched: Sequence[tuple[Provider, Asked]], whose: Whose, first: date, last: date) -> Iterator[dict[UUID, date]]:
    """Give the first dates with an open time, of those who have one in the days of a step; each step looks for the others.

    Those whom hours, notice and horizon rule out are not read about, so a step without anybody left takes no query.
    """
    days = FIRST_DAYS
    while searched and first <= last:
        days = min(days, (last - first).days + 1)
        window = window_for({asked.option for _, asked in searched}, {one.time_zone for one, _ in searched}, first, days)
        able = [(one, asked) for one, asked in searched if may_open(one, asked, window, first, days)]
        if able:
            held = occupied(session, Holding(tuple(one.id for one, _ in able), window, able[0][1].now, whose))
            found = {one.id: day for one, asked in able if (day := first_open(one, asked, held, first, days))}
            yield found
            searched = [(one, asked) for one, asked in searched if one.id not in found]
        first += timedelta(days=days)
        days = min(2 * days, LOOK_AHEAD_DAYS)


def alternatives(session: Session, search: Search, wanted: datetime, count: int, besides: datetime | None = None) -> list[datetime]:
    """Return the `count` open times nearest to a wanted instant, a week each way, ascending; `besides` is left out."""
    first = max(local_day(wanted, search.zone) - timedelta(days=NEAREST_DAYS), local_day(search.asked.now, search.zone))
    days = times(session, search, first, 2 * NEAREST_DAYS + 1)
    return nearest((start for day in days for start in day.starts() if start != besides), wanted, count)


def next_open_days(session: Session, searched: Sequence[tuple[Provider, Asked]], patient_id: UUID) -> dict[UUID, date | None]:
    """Return the first date with an open time of each provider, within LOOK_AHEAD_DAYS of today; as many queries as first_open_day at most."""
    if not searched:
        return {}
    today = min(local_day(asked.now, provider.time_zone) for provider, asked in searched)
    days: dict[UUID, date | None] = dict.fromkeys(provider.id for provider, _ in searched)
    for found in _found(session, searched, Whose(patient_id), today, today + timedelta(days=LOOK_AHEAD_DAYS - 1)):
        days.update(found)
    return days
