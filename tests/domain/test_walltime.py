import zoneinfo
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.cells import CELL_MINUTES, instant_of
from portal.domain.walltime import day_cells, instants, local, local_day, local_midnight_cell, offset_minutes, segments, wall_cells, zone_of
from tests.domain.oracle import clock_around
from tests.domain.samples import FIRST_DAY, LAST_DAY, ZONES, at, change_days, minutes, wall

DAY = timedelta(days=1)
any_day = st.dates(FIRST_DAY, LAST_DAY)


def assert_day_is_exact(zone: str, day: date) -> None:
    """Hold the runs of a date against the zone's clock: joined, of the right offset, and neither longer nor shorter than the date."""
    info, parts = ZoneInfo(zone), segments(zone, day)
    for earlier, later in pairwise(parts):
        assert earlier.last == later.first
        assert earlier.shift != later.shift
    for part in parts:
        for cell in (part.first, part.last - 1):
            offset = instant_of(cell).astimezone(info).utcoffset()
            assert offset == timedelta(minutes=part.shift * CELL_MINUTES)
    first, last = parts[0].first, parts[-1].last
    assert [instant_of(cell).astimezone(info).date() for cell in (first - 1, first, last - 1, last)] == [day - DAY, day, day, day + DAY]
    assert sum(part.last - part.first for part in parts) == last - first


def test_every_zone_every_clock_change_has_no_missing_and_no_doubled_instant() -> None:
    changes = 0
    for zone in available_timezones():
        for changed in change_days(zone):
            for day in (changed - DAY, changed, changed + DAY):
                assert_day_is_exact(zone, day)
                assert day_cells(zone, day).stop == day_cells(zone, day + DAY).start
            changes += 1
    assert changes > 1500


@pytest.mark.parametrize("zone", ZONES)
def test_days_around_each_change_match_the_clock_minute_by_minute(zone: str) -> None:
    for changed in (*change_days(zone)[:4], date(2027, 6, 15)):
        for day in (changed - DAY, changed, changed + DAY):
            shown = clock_around(zone, day)
            expected = [instant for instant, wall_time in shown.items() if wall_time.date() == day and not instant.minute % CELL_MINUTES]
            assert [instant_of(cell) for cell in day_cells(zone, day)] == expected


@given(st.sampled_from(sorted(ZONES)), any_day, st.integers(0, 287), st.integers(1, 288))
def test_wall_cells_are_those_at_which_the_clock_shows_the_time(zone: str, day: date, opens: int, length: int) -> None:
    opens_minute, closes_minute = opens * 5, min(opens + length, 288) * 5
    found = [cell for span in wall_cells(zone, day, opens_minute, closes_minute) for cell in span]
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall time
    expected = [
        cell for cell in day_cells(zone, day) if opens_minute * 60 <= (naive(instant_of(cell), zone) - midnight).total_seconds() < closes_minute * 60
    ]
    assert found == expected


def naive(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@given(st.sampled_from(sorted(ZONES)), any_day)
def test_each_day_follows_the_one_before(zone: str, day: date) -> None:
    assert_day_is_exact(zone, day)
    assert day_cells(zone, day).stop == day_cells(zone, day + DAY).start


@pytest.mark.parametrize(
    ("zone", "day", "lengths"),
    [
        ("America/New_York", "2027-03-14", [24, 252]),
        ("America/New_York", "2027-11-07", [24, 276]),
        ("America/New_York", "2027-11-08", [288]),
        ("Australia/Lord_Howe", "2027-04-04", [24, 270]),
        ("Australia/Lord_Howe", "2027-10-03", [24, 258]),
        ("Africa/Cairo", "2027-04-30", [276]),
        ("Africa/Cairo", "2027-10-28", [288, 12]),
        ("Asia/Beirut", "2027-03-28", [276]),
        ("America/Santiago", "2027-09-05", [276]),
        ("America/Santiago", "2027-04-03", [288, 12]),
        ("Atlantic/Azores", "2027-03-28", [276]),
        ("Atlantic/Azores", "2027-10-31", [12, 288]),
        ("Asia/Kolkata", "2027-03-28", [288]),
    ],
)
def test_days_of_23_24_and_25_hours(zone: str, day: str, lengths: list[int]) -> None:
    assert sorted(part.last - part.first for part in segments(zone, date.fromisoformat(day))) == sorted(lengths)


def test_a_date_that_a_zone_skipped_has_no_cells() -> None:
    skipped = date(2011, 12, 30)
    assert segments("Pacific/Apia", skipped) == ()
    assert not day_cells("Pacific/Apia", skipped)
    assert wall_cells("Pacific/Apia", skipped, 0, minutes("24:00")) == []


@pytest.mark.parametrize(
    ("zone", "shown", "expected"),
    [
        ("America/New_York", "2027-03-14T02:30", []),
        ("America/New_York", "2027-03-14T03:00", ["2027-03-14T07:00"]),
        ("America/New_York", "2027-11-07T01:30", ["2027-11-07T05:30", "2027-11-07T06:30"]),
        ("America/New_York", "2027-11-07T02:00", ["2027-11-07T07:00"]),
        ("Australia/Lord_Howe", "2027-04-04T01:45", ["2027-04-03T14:45", "2027-04-03T15:15"]),
        ("Australia/Lord_Howe", "2027-10-03T02:15", []),
        ("Europe/Dublin", "2027-10-31T01:30", ["2027-10-31T00:30", "2027-10-31T01:30"]),
        ("Europe/Dublin", "2027-03-28T01:30", []),
        ("Africa/Cairo", "2027-04-30T00:30", []),
        ("Asia/Kathmandu", "2027-03-01T05:45", ["2027-03-01T00:00"]),
    ],
)
def test_a_wall_time_names_no_instant_one_or_two(zone: str, shown: str, expected: list[str]) -> None:
    assert instants(wall(shown), zone) == tuple(map(at, expected))


@given(st.sampled_from(sorted(ZONES)), st.datetimes(datetime(2026, 1, 2), datetime(2030, 12, 30)))  # noqa: DTZ001 - wall times
def test_instants_of_a_wall_time_show_that_wall_time(zone: str, shown: datetime) -> None:
    found = instants(shown, zone)
    assert all(naive(instant, zone) == shown for instant in found)
    assert list(found) == sorted(set(found))


@given(st.sampled_from(sorted(ZONES)), st.datetimes(datetime(2026, 1, 2), datetime(2030, 12, 30), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis adds the zone
def test_every_instant_is_one_of_those_of_its_wall_time(zone: str, instant: datetime) -> None:
    assert instant in instants(naive(instant, zone), zone)
    assert local_day(instant, zone) == naive(instant, zone).date()
    assert timedelta(minutes=offset_minutes(instant, zone)) == naive(instant, zone) - instant.replace(tzinfo=None)


def test_local_keeps_the_instant() -> None:
    shown = local(at("2027-03-01T18:30"), "Asia/Kolkata")
    assert shown == at("2027-03-01T18:30")
    assert shown.replace(tzinfo=None) == wall("2027-03-02T00:00")


def test_offsets_west_are_negative() -> None:
    assert offset_minutes(at("2027-01-01"), "America/New_York") == -300
    assert offset_minutes(at("2027-01-01"), "Asia/Kathmandu") == 345


def test_local_midnights_are_a_day_of_cells_apart() -> None:
    assert local_midnight_cell(date(1970, 1, 1)) == 0
    assert local_midnight_cell(date(2027, 3, 2)) - local_midnight_cell(date(2027, 3, 1)) == 288


@pytest.mark.parametrize("text", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "America", "a\0b", "x" * 300])
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises((ZoneInfoNotFoundError, ValueError)):
        zone_of(text)


def test_zone_rules_come_with_the_portal_not_with_the_host() -> None:
    assert zoneinfo.TZPATH == ()
