from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from portal.domain.catalogue import Provider, TimeOff, WorkingHours
from portal.domain.cells import CELL_MINUTES, cells_between, instant_of
from portal.domain.openings import Asked, Day, DayState, Occupied, days_of, first_open, may_open, window_for, window_of
from portal.domain.slots import Slot, blocked, patient_cells, provider_cells, slots, time_problem
from tests.domain.oracle import Held, clock_around, minutes_of, offered, works_at
from tests.domain.samples import FIRST_DAY, LAST_DAY, ZONES, change_days, hours, option, provider

DAY = timedelta(days=1)
MIDNIGHT = datetime.min.time()


@dataclass(frozen=True)
class Case:
    """A provider's week, what is asked of it and when, and the cells held around one date."""

    provider: Provider
    asked: Asked
    day: date
    held: frozenset[int]
    patient_held: frozenset[int]

    @property
    def occupied(self) -> Occupied:
        window = window_of(self.day, 2)
        return Occupied(window, {self.provider.id: window.bits(self.held)}, window.bits(self.patient_held))

    @property
    def answer(self) -> Day:
        return days_of(self.provider, self.asked, self.occupied, self.day, 1)[0]


def days_in(zone: str) -> st.SearchStrategy[date]:
    """Give days at and around the zone's clock changes as often as any other."""
    changes = [changed + DAY * ahead for changed in change_days(zone) for ahead in (-1, 0, 1)]
    anywhere = st.dates(FIRST_DAY + 3 * DAY, LAST_DAY - 3 * DAY)
    return st.sampled_from(changes) | anywhere if changes else anywhere


@st.composite
def shifts(draw: st.DrawFn) -> tuple[WorkingHours, ...]:
    """Give a week of hours; round the clock, at night and over midnight among them."""
    found = []
    for weekday in range(7):
        edges = sorted(draw(st.lists(st.integers(0, 288), max_size=4, unique=True)))
        found += [WorkingHours(weekday, opens * 5, closes * 5) for opens, closes in zip(edges[::2], edges[1::2], strict=False)]
    return tuple(found) if draw(st.booleans()) else hours("00:00", "24:00")


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Give a provider and a wish in any zone on any day, a clock change or not."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    day = draw(days_in(zone))
    midnight = datetime.combine(day, MIDNIGHT)
    wish = option(
        minutes=draw(st.sampled_from((5, 10, 15, 20, 30, 45, 60, 90, 240))),
        grid_minutes=draw(st.sampled_from((5, 10, 15, 20, 25, 30, 60))),
        buffer_before_minutes=draw(st.sampled_from((0, 5, 10, 7))),
        buffer_after_minutes=draw(st.sampled_from((0, 5, 15, 11))),
        notice_minutes=draw(st.sampled_from((0, 1, 120, 1440))),
        horizon_days=draw(st.integers(0, 4)),
    )
    away = st.tuples(st.integers(-1500, 2900), st.integers(1, 900))
    absences = [
        TimeOff(midnight + timedelta(minutes=start), midnight + timedelta(minutes=start + length))
        for start, length in draw(st.lists(away, max_size=2))
    ]
    now = datetime.combine(day, MIDNIGHT, tzinfo=UTC) + timedelta(seconds=draw(st.integers(-4 * 86400, 86400)))
    around = clock_cells(zone, day)
    held = st.sets(st.sampled_from(around), max_size=30)
    worker = provider(time_zone=zone, hours=draw(shifts()), time_off=tuple(absences))
    return Case(worker, Asked(wish, now), day, frozenset(draw(held)), frozenset(draw(held)))


def clock_cells(zone: str, day: date) -> list[int]:
    instants = [instant for instant, shown in clock_around(zone, day).items() if shown.date() == day]
    cells = cells_between(instants[0], instants[-1])
    return list(range(cells.start - 12, cells.stop + 12))


def minutes_held(cells: frozenset[int]) -> frozenset[datetime]:
    return frozenset(minute for cell in cells for minute in minutes_of(instant_of(cell), timedelta(minutes=CELL_MINUTES)))


@given(cases())
@settings(max_examples=250)
def test_the_answer_is_that_of_the_slow_and_obvious_way(case: Case) -> None:
    held = Held(minutes_held(case.held), minutes_held(case.patient_held))
    event(f"{case.answer.state}")
    assert case.answer.instants() == offered(case.provider, case.asked.option, case.asked.now, case.day, held)


@given(cases())
@settings(max_examples=250)
def test_all_that_is_offered_can_be_booked(case: Case) -> None:
    for start in case.answer.instants():
        assert slots((case.provider,), case.asked, start) == [Slot(case.provider, start)]
        assert blocked(Slot(case.provider, start), case.asked.option, case.occupied) is None


@given(cases())
@settings(max_examples=100)
def test_all_on_the_grid_that_can_be_booked_is_offered(case: Case) -> None:
    grid, clock = case.asked.option.grid_minutes, clock_around(case.provider.time_zone, case.day)
    bookable = [
        instant
        for instant, shown in clock.items()
        if shown.date() == case.day
        and not instant.minute % CELL_MINUTES
        and not (shown.hour * 60 + shown.minute) % grid
        and time_problem(case.provider, case.asked, instant) is None
        and blocked(Slot(case.provider, instant), case.asked.option, case.occupied) is None
    ]
    assert bookable == case.answer.instants()


@given(cases(), st.sampled_from((0, 30)))
@settings(max_examples=250)
def test_the_least_window_has_all_that_an_answer_needs(case: Case, more: int) -> None:
    wishes = {case.asked.option, option(minutes=case.asked.option.minutes + more)}
    window = window_for(wishes, {case.provider.time_zone}, case.day, 1)
    occupied = Occupied(window, {case.provider.id: window.bits(case.held)}, window.bits(case.patient_held))
    answer = days_of(case.provider, case.asked, occupied, case.day, 1)[0]
    assert (answer.state, answer.instants()) == (case.answer.state, case.answer.instants())


@given(cases(), st.integers(1, 3))
@settings(max_examples=250)
def test_the_first_open_day_is_the_first_day_that_is_open(case: Case, days: int) -> None:
    first = case.day - (days - 1) * DAY
    window = window_for({case.asked.option}, {case.provider.time_zone}, first, days)
    occupied = Occupied(window, {case.provider.id: window.bits(case.held)}, window.bits(case.patient_held))
    expected = [day.day for day in days_of(case.provider, case.asked, occupied, first, days) if day.state is DayState.OPEN]
    assert first_open(case.provider, case.asked, occupied, first, days) == next(iter(expected), None)
    assert may_open(case.provider, case.asked, window, first, days) or not expected


@given(cases(), st.data())
@settings(max_examples=100)
def test_what_is_booked_is_not_offered_again(case: Case, data: st.DataObject) -> None:
    starts = case.answer.instants()
    assume(starts)
    taken = data.draw(st.sampled_from(starts))
    wish = case.asked.option
    now_held = replace(case, held=case.held | set(provider_cells(wish, taken)), patient_held=case.patient_held | set(patient_cells(wish, taken)))
    visit = timedelta(minutes=wish.minutes)
    assert set(now_held.answer.instants()) < set(starts)
    assert all(abs(start - taken) >= visit for start in now_held.answer.instants())


@given(cases())
@settings(max_examples=50)
def test_no_two_bookings_made_one_after_the_other_overlap(case: Case) -> None:
    held: frozenset[int] = case.held
    while starts := replace(case, held=held).answer.instants():
        cells = frozenset(provider_cells(case.asked.option, starts[0]))
        assert not held & cells
        held |= cells


@given(cases())
@settings(max_examples=100)
def test_nothing_is_offered_outside_hours(case: Case) -> None:
    clock = clock_around(case.provider.time_zone, case.day)
    for start in case.answer.instants():
        assert all(works_at(case.provider, clock[minute]) for minute in minutes_of(start, timedelta(minutes=case.asked.option.minutes)))
