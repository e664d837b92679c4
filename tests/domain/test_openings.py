from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from portal.domain.catalogue import Provider, TimeOff, WorkingHours
from portal.domain.cells import CELL_MINUTES, cells_between, instant_of
from portal.domain.openings import Asked, Day, DayState, Occupied, Window, days_of, is_repeated, window_of, within_hours
from portal.domain.slots import Slot, blocked, patient_cells, provider_cells, slots, time_problem
from tests.domain.oracle import Held, clock_around, minutes_of, offered, works_at
from tests.domain.samples import FIRST_DAY, LAST_DAY, ZONES, at, change_days, hours, option, provider, time_off

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
    now = datetime.combine(day, MIDNIGHT, tzinfo=ZoneInfo("UTC")) + timedelta(seconds=draw(st.integers(-4 * 86400, 86400)))
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


def day_of(worker: Provider, asked: Asked, day: str, held: frozenset[int] = frozenset()) -> Day:
    return Case(worker, asked, date.fromisoformat(day), held, frozenset()).answer


@pytest.mark.parametrize(
    ("zone", "day", "count"),
    [
        ("America/New_York", "2027-03-14", 23 * 4),
        ("America/New_York", "2027-11-07", 25 * 4),
        ("America/New_York", "2027-06-07", 24 * 4),
        ("Australia/Lord_Howe", "2027-04-04", 49 * 2),
        ("Australia/Lord_Howe", "2027-10-03", 47 * 2),
        ("Africa/Cairo", "2027-04-30", 23 * 4),
        ("Africa/Cairo", "2027-10-28", 25 * 4),
        ("America/Santiago", "2027-09-05", 23 * 4),
        ("Atlantic/Azores", "2027-10-31", 25 * 4),
        ("Asia/Kathmandu", "2027-03-28", 24 * 4),
    ],
)
def test_a_day_round_the_clock_offers_each_quarter_hour_once(zone: str, day: str, count: int) -> None:
    worker = provider(time_zone=zone, hours=hours("00:00", "24:00"))
    answer = day_of(worker, Asked(option(minutes=15), at("2026-12-01")), day)
    assert answer.count == len(set(answer.instants())) == count


def test_both_passes_of_a_repeated_hour_are_offered() -> None:
    worker = provider(time_zone="America/New_York", hours=hours("01:00", "02:00"))
    answer = day_of(worker, Asked(option(grid_minutes=30), at("2026-12-01")), "2027-11-07")
    assert answer.instants() == [at(f"2027-11-07T{shown}") for shown in ("05:00", "05:30", "06:00", "06:30")]


def test_hours_that_a_spring_change_skips_leave_a_day_closed() -> None:
    worker = provider(time_zone="America/New_York", hours=hours("02:00", "03:00"))
    assert day_of(worker, Asked(option(), at("2026-12-01")), "2027-03-14").state is DayState.CLOSED


def test_a_visit_may_run_through_a_clock_change_and_through_midnight() -> None:
    worker = provider(time_zone="Africa/Cairo", hours=hours("00:00", "24:00"))
    answer = day_of(worker, Asked(option(minutes=90, grid_minutes=60), at("2026-12-01")), "2027-04-29")
    assert answer.instants()[-1] == at("2027-04-29T21:00")
    assert answer.count == 24


def test_a_break_is_not_bridged() -> None:
    worker = provider(hours=(*hours("09:00", "10:00"), *hours("10:15", "11:00")))
    answer = day_of(worker, Asked(option(minutes=30), at("2026-12-01")), "2027-03-01")
    assert [f"{start:%H:%M}" for start in answer.instants()] == ["09:00", "09:15", "09:30", "10:15", "10:30"]


def test_shifts_that_touch_make_one_run() -> None:
    worker = provider(hours=(*hours("09:00", "10:00"), *hours("10:00", "10:30")))
    answer = day_of(worker, Asked(option(minutes=60, grid_minutes=30), at("2026-12-01")), "2027-03-01")
    assert [f"{start:%H:%M}" for start in answer.instants()] == ["09:00", "09:30"]


def test_the_grid_is_tied_to_local_midnight_not_to_the_start_of_hours() -> None:
    worker = provider(time_zone="Asia/Kathmandu", hours=hours("09:10", "10:00"))
    answer = day_of(worker, Asked(option(minutes=20, grid_minutes=20), at("2026-12-01")), "2027-03-01")
    assert answer.instants() == [at("2027-03-01T03:35"), at("2027-03-01T03:55")]


def test_buffers_hold_the_provider_and_may_lie_outside_hours() -> None:
    wish = option(buffer_before_minutes=10, buffer_after_minutes=10)
    free = day_of(provider(hours=hours("09:00", "10:00")), Asked(wish, at("2026-12-01")), "2027-03-01")
    assert [f"{start:%H:%M}" for start in free.instants()] == ["09:00", "09:15", "09:30"]
    held = frozenset(provider_cells(wish, at("2027-03-01T09:00")))
    assert not day_of(provider(hours=hours("09:00", "10:00")), Asked(wish, at("2026-12-01")), "2027-03-01", held).count


def test_an_absence_that_ends_off_the_grid_of_cells_takes_the_whole_cell() -> None:
    worker = provider(hours=hours("09:00", "10:00"), time_off=(time_off("2027-03-01T08:00", "2027-03-01T09:31"),))
    answer = day_of(worker, Asked(option(minutes=5, grid_minutes=5), at("2026-12-01")), "2027-03-01")
    assert answer.instants()[0] == at("2027-03-01T09:35")


@pytest.mark.parametrize(
    ("now", "first"),
    [("2027-03-01T07:00", "09:00"), ("2027-03-01T07:00:01", "09:15"), ("2027-03-01T07:15", "09:15"), ("2027-03-01T07:15:00.000001", "09:30")],
)
def test_notice_is_kept_to_the_microsecond(now: str, first: str) -> None:
    answer = day_of(provider(), Asked(option(notice_minutes=120), at(now)), "2027-03-01")
    assert f"{answer.instants()[0]:%H:%M}" == first


def test_the_horizon_counts_the_dates_of_the_facility() -> None:
    worker = provider(time_zone="Asia/Kolkata", hours=hours("00:00", "24:00"))
    asked = Asked(option(horizon_days=1), at("2027-03-01T18:30"))
    assert asked.last_day("Asia/Kolkata") == date(2027, 3, 3)
    assert day_of(worker, asked, "2027-03-03").state is DayState.OPEN
    assert day_of(worker, asked, "2027-03-04").state is DayState.TOO_FAR


@pytest.mark.parametrize(
    ("day", "state"),
    [
        ("2027-02-26", DayState.TOO_SOON),
        ("2027-03-01", DayState.OPEN),
        ("2027-03-02", DayState.CLOSED),
        ("2027-03-06", DayState.OFF),
        ("2027-04-01", DayState.TOO_FAR),
        ("2027-04-03", DayState.OFF),
    ],
)
def test_a_day_says_why_it_offers_nothing(day: str, state: DayState) -> None:
    worker = provider(hours=hours("09:00", "17:00", "01234"), time_off=(time_off("2027-03-02T00:00", "2027-03-03T00:00"),))
    answer = day_of(worker, Asked(option(horizon_days=20), at("2027-03-01T06:00")), day)
    assert answer.state is state
    assert bool(answer.count) is (state is DayState.OPEN)


def test_a_day_with_every_start_taken_is_full() -> None:
    held = frozenset(cells_between(at("2027-03-01T09:00"), at("2027-03-01T17:00")))
    assert day_of(provider(), Asked(option(), at("2026-12-01")), "2027-03-01", held).state is DayState.FULL


def test_a_visit_longer_than_the_shift_leaves_the_day_full() -> None:
    assert day_of(provider(hours=hours("09:00", "10:00")), Asked(option(minutes=90), at("2026-12-01")), "2027-03-01").state is DayState.FULL


def test_days_come_in_order_and_as_many_as_asked() -> None:
    window = window_of(date(2027, 3, 1), 10)
    answer = days_of(provider(), Asked(option(), at("2026-12-01")), Occupied(window, {}, 0), date(2027, 3, 1), 10)
    assert [day.day for day in answer] == [date(2027, 3, 1) + ahead * DAY for ahead in range(10)]


def test_a_window_clips_what_lies_outside() -> None:
    window = Window(100, 10)
    assert window.run(range(95, 102)) == 0b11
    assert window.run(range(108, 200)) == 0b11_0000_0000
    assert window.run(range(200, 300)) == window.run(range(10)) == 0
    assert window.bits([99, 100, 109, 110]) == 0b10_0000_0001


@pytest.mark.parametrize(
    ("start", "minutes", "inside"),
    [
        ("2027-03-01T09:00", 30, True),
        ("2027-03-01T08:59", 30, False),
        ("2027-03-01T16:30", 30, True),
        ("2027-03-01T16:31", 30, False),
        ("2027-03-01T09:07", 30, True),
        ("2027-03-01T09:00", 24 * 60, False),
    ],
)
def test_a_visit_lies_inside_hours_with_its_last_minute_too(start: str, minutes: int, inside: bool) -> None:  # noqa: FBT001 - a column of the table
    assert within_hours(provider(), at(start), minutes) is inside


def test_a_visit_may_run_over_midnight_where_hours_do() -> None:
    assert within_hours(provider(hours=hours("00:00", "24:00")), at("2027-03-01T23:45"), 30)
    assert not within_hours(provider(hours=hours("00:00", "24:00", "0")), at("2027-03-01T23:45"), 30)


@pytest.mark.parametrize(("instant", "repeated"), [("04:59", False), ("05:00", True), ("06:59", True), ("07:00", False)])
def test_the_repeated_hour_is_told(instant: str, repeated: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_repeated(at(f"2027-11-07T{instant}"), "America/New_York") is repeated
