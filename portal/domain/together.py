"""Visits of a family booked together: one after the other with one provider, or all at the same instant with as many providers.

One after the other, each next visit starts at the first instant on its own grid at or after the one before has ended, with the
time that the provider keeps after the one and before the other. Where that instant is taken, the group is not offered the time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple
from uuid import UUID

from portal.domain.booking import Code
from portal.domain.catalogue import Provider, VisitOption
from portal.domain.cells import CELL_MINUTES, cell_of, instant_of
from portal.domain.openings import Asked, Day, DayState, Occupied, Window, days_of, grid_within
from portal.domain.slots import Slot, cells_held, time_problem
from portal.domain.walltime import day_cells, local_day

MEMBERS_MAX = 3
_ANY_DATE = 2


class Arrangement(StrEnum):
    """How the visits of a group lie."""

    IN_TURN = "in_turn"
    AT_ONCE = "at_once"


@dataclass(frozen=True, slots=True)
class Member:
    """One patient of a group, their visit, and the providers who may take it."""

    patient_id: UUID
    option: VisitOption
    providers: tuple[Provider, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Different patients whose visits are wanted together, in the order in which they are seen; looked at `now`."""

    members: tuple[Member, ...]
    arrangement: Arrangement
    now: datetime

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Everybody who may take a visit of the group: in turn, those who can take all of them."""
        everyone = tuple(dict.fromkeys(provider for member in self.members for provider in member.providers))
        if self.arrangement is Arrangement.AT_ONCE:
            return everyone
        return tuple(provider for provider in everyone if all(provider in member.providers for member in self.members))

    @property
    def zone(self) -> str:
        """Zone by which days are told: the first provider's."""
        return self.providers[0].time_zone


@dataclass(frozen=True, slots=True)
class Held:
    """The cells of a window that are held, by whose they are: providers and patients."""

    window: Window
    cells: Mapping[UUID, int]

    def for_patient(self, patient_id: UUID) -> Occupied:
        """Return the same as one patient's visit meets it."""
        return Occupied(self.window, self.cells, self.cells.get(patient_id, 0))


class Part(NamedTuple):
    """One member's visit of a group: with whom, from when."""

    member: Member
    slot: Slot

    def cells(self) -> dict[UUID, range]:
        """Return all the cells that it holds, by whose they are."""
        return cells_held(self.slot, self.member.option, self.member.patient_id)


class _Look(NamedTuple):
    """What one provider offers one member on each date, and all of it as bits of the window."""

    days: list[Day]
    starts: int


_Looks = Mapping[tuple[int, UUID], _Look]


class _Dates(NamedTuple):
    """Some dates from `first` on, in a window that holds them."""

    window: Window
    first: date
    number: int = _ANY_DATE

    def grid(self, provider: Provider, option: VisitOption) -> int:
        """Return the starts of a visit's grid with a provider."""
        return grid_within(provider.time_zone, option.grid_minutes, self.window, self.first, self.number)


def is_possible(group: Group) -> bool:
    """Tell whether the providers can take the visits at all, whatever the time."""
    if group.arrangement is Arrangement.IN_TURN:
        return bool(group.providers)
    return _matched(group, {(place, one.id): 1 for place, member in enumerate(group.members) for one in member.providers}) == 1


def days_together(group: Group, held: Held, first: date, days: int) -> list[Day]:
    """Return the starts of the first visit at which the whole group can be seen, on each of `days` dates from `first`.

    The dates and one more must lie in the window. The group must be possible.
    """
    dates = _Dates(held.window, first, days + 1)
    looks = _looks(group, held, dates)
    if group.arrangement is Arrangement.IN_TURN:
        starts = 0
        for provider in group.providers:
            starts |= _in_turn(group, looks, dates, provider)
    else:
        starts = _matched(group, {key: look.starts for key, look in looks.items()})
    return [_day(group.zone, held.window, starts, [look.days[ahead] for look in looks.values()]) for ahead in range(days)]


def plan(group: Group, held: Held, start: datetime, preferred: Sequence[UUID | None] = ()) -> tuple[Part, ...] | None:
    """Return who sees whom and when if the first visit starts then, or None when not all can be seen.

    The `preferred` provider of a member comes first, then whoever has most open times on that day.
    """
    if instant_of(cell_of(start)) != start:
        return None
    dates = _Dates(held.window, local_day(start, group.zone))
    looks = _looks(group, held, dates)
    place = cell_of(start) - held.window.base
    wishes = [*preferred, *[None] * len(group.members)][: len(group.members)]
    if group.arrangement is Arrangement.IN_TURN:
        for provider in _ordered(group.providers, looks, 0, wishes[0]):
            parts = _parts(group, provider, dates, place)
            if all(looks[turn, provider.id].starts >> at & 1 for turn, at in enumerate(parts)):
                return _told(group, held.window, [(provider, at) for at in parts])
        return None
    found = _assigned(group, looks, place, wishes, ())
    return _told(group, held.window, [(provider, place) for provider in found]) if found else None


def why_not(group: Group, held: Held, start: datetime) -> list[tuple[UUID | None, Code]]:
    """Return which member cannot be seen then, and why; None names nobody, where all could be if it were only for the providers.

    What the patients themselves have at that time is not told: a visit may be private.
    """
    window = held.window
    dates = _Dates(window, local_day(start, group.zone))
    patients = {member.patient_id for member in group.members}
    providers_only = Held(window, {whose: cells for whose, cells in held.cells.items() if whose not in patients})
    looks = _looks(group, providers_only, dates)
    found: list[tuple[UUID | None, Code]] = []
    for turn, member in enumerate(group.members):
        codes = []
        for provider in group.providers if group.arrangement is Arrangement.IN_TURN else member.providers:
            at = _parts(group, provider, dates, cell_of(start) - window.base)[turn]
            code = time_problem(provider, Asked(member.option, group.now), instant_of(window.base + at))
            codes.append(code or (None if looks[turn, provider.id].starts >> at & 1 else Code.TIME_TAKEN))
        if all(codes):
            found.append((member.patient_id, codes[0] or Code.TIME_TAKEN))
    return found or [(None, Code.TIME_TAKEN)]


def _looks(group: Group, held: Held, dates: _Dates) -> _Looks:
    able = group.providers
    found = {}
    for place, member in enumerate(group.members):
        asked, occupied = Asked(member.option, group.now), held.for_patient(member.patient_id)
        for provider in member.providers:
            if provider in able:
                offered = days_of(provider, asked, occupied, dates.first, dates.number)
                found[place, provider.id] = _Look(offered, sum(day.starts for day in offered))
    return found


def _gap(before: VisitOption, after: VisitOption) -> int:
    """Return the least number of cells from the start of a visit to that of the next one with the same provider."""
    return _cells(before.minutes) + _cells(before.buffer_after_minutes) + _cells(after.buffer_before_minutes)


def _cells(minutes: int) -> int:
    return -(-minutes // CELL_MINUTES)


def _in_turn(group: Group, looks: _Looks, dates: _Dates, provider: Provider) -> int:
    """Return the starts from which each member's visit can follow on the one before, with one provider."""
    options = [member.option for member in group.members]
    following = looks[len(options) - 1, provider.id].starts
    for turn in reversed(range(len(options) - 1)):
        option, after = options[turn], options[turn + 1]
        follows = _from_where(following, dates.grid(provider, after), _cells(after.grid_minutes)) >> _gap(option, after)
        following = looks[turn, provider.id].starts & follows
    return following


def _from_where(goal: int, grid: int, step: int) -> int:
    """Return the places from which the first start of the grid, there or within its step, is one of `goal`."""
    found, undecided = 0, -1
    for ahead in range(step):
        found |= undecided & (goal >> ahead)
        undecided &= ~(grid >> ahead)
    return found


def _parts(group: Group, provider: Provider, dates: _Dates, place: int) -> list[int]:
    """Return where in the window each member's visit starts if the first one starts at a place."""
    places = [place]
    options = [member.option for member in group.members]
    if group.arrangement is Arrangement.AT_ONCE:
        return places * len(options)
    for option, after in pairwise(options):
        grid = dates.grid(provider, after)
        ended = places[-1] + _gap(option, after)
        step = _cells(after.grid_minutes)
        places.append(next((ended + ahead for ahead in range(step) if grid >> (ended + ahead) & 1), ended))
    return places


def _matched(group: Group, starts: Mapping[tuple[int, UUID], int]) -> int:
    """Return the bits at which different providers can take all the members: provider by provider, who is taken care of so far."""
    everybody = (1 << len(group.members)) - 1
    reached = {0: -1}
    for provider in group.providers:
        before = dict(reached)
        for served, at in before.items():
            for place in range(len(group.members)):
                free = starts.get((place, provider.id), 0)
                if free and not served >> place & 1:
                    with_one = served | 1 << place
                    reached[with_one] = reached.get(with_one, 0) | at & free
    return reached.get(everybody, 0)


def _assigned(group: Group, looks: _Looks, at: int, wishes: Sequence[UUID | None], taken: tuple[Provider, ...]) -> tuple[Provider, ...] | None:
    """Return a different provider for each member from the next one on, or None."""
    turn = len(taken)
    if turn == len(group.members):
        return taken
    for provider in _ordered(group.members[turn].providers, looks, turn, wishes[turn]):
        if provider not in taken and looks[turn, provider.id].starts >> at & 1:
            found = _assigned(group, looks, at, wishes, (*taken, provider))
            if found:
                return found
    return None


def _ordered(providers: Sequence[Provider], looks: _Looks, turn: int, wish: UUID | None) -> list[Provider]:
    return sorted(providers, key=lambda one: (one.id != wish, -looks[turn, one.id].days[0].count))


def _told(group: Group, window: Window, seen: Sequence[tuple[Provider, int]]) -> tuple[Part, ...]:
    found: Iterator[tuple[Member, tuple[Provider, int]]] = zip(group.members, seen, strict=True)
    return tuple(Part(member, Slot(provider, instant_of(window.base + at))) for member, (provider, at) in found)


_PRECEDENCE = (DayState.FULL, DayState.TOO_SOON, DayState.CLOSED, DayState.TOO_FAR, DayState.OFF)


def _day(zone: str, window: Window, starts: int, parts: Sequence[Day]) -> Day:
    """Return one date: open where the group has a start, else as full as the least hopeless part of it."""
    day = parts[0].day
    here = starts & window.run(day_cells(zone, day))
    states = {DayState.FULL if part.state is DayState.OPEN else part.state for part in parts}
    return Day(day, DayState.OPEN if here else next(state for state in _PRECEDENCE if state in states), window, here)
