from datetime import date, timedelta

import pytest

from portal.domain.catalogue import Provider
from portal.domain.cells import cells_between
from portal.domain.openings import Asked, Day, DayState, Occupied, Window, days_of, is_repeated, window_of, within_hours
from portal.domain.slots import provider_cells
from tests.domain.samples import at, hours, option, provider, time_off

DAY = timedelta(days=1)
NOTHING: frozenset[int] = frozenset()


def day_of(worker: Provider, asked: Asked, day: str, held: frozenset[int] = NOTHING) -> Day:
    window = window_of(date.fromisoformat(day), 1)
    return days_of(worker, asked, Occupied(window, {worker.id: window.bits(held)}, 0), date.fromisoformat(day), 1)[0]


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
