from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from portal.domain.asked_days import DAYS_MAX, AskedDays

NEW_YORK = "America/New_York"
FIRST = datetime(2027, 3, 1)  # noqa: DTZ001 - a date at the facility
INSTANT = datetime(2027, 3, 1, 3, tzinfo=UTC)


@pytest.mark.parametrize(("ahead", "too_long"), [(0, False), (DAYS_MAX - 1, False), (DAYS_MAX, True)])
def test_dates_are_counted_with_the_first_and_the_last(ahead: int, *, too_long: bool) -> None:
    days = AskedDays(FIRST, FIRST + timedelta(days=ahead, hours=23))
    assert (days.is_too_long, len(days.dates(NEW_YORK))) == (too_long, ahead + 1)


@pytest.mark.parametrize(("span", "too_long"), [(timedelta(), False), (timedelta(days=DAYS_MAX), False), (timedelta(days=DAYS_MAX, seconds=1), True)])
def test_between_instants_time_is_counted(span: timedelta, *, too_long: bool) -> None:
    assert AskedDays(INSTANT, INSTANT + span).is_too_long is too_long


def test_the_last_may_not_be_before_the_first() -> None:
    assert AskedDays(FIRST, FIRST - timedelta(days=1)).is_backwards
    assert AskedDays(INSTANT, INSTANT - timedelta(seconds=1)).is_backwards
    assert not AskedDays(FIRST + timedelta(hours=5), FIRST).is_backwards


def test_an_instant_is_on_the_date_that_the_facility_shows() -> None:
    assert AskedDays(INSTANT, INSTANT + timedelta(days=1)).dates(NEW_YORK) == [date(2027, 2, 28), date(2027, 3, 1)]
    assert AskedDays(INSTANT, FIRST).dates("Asia/Kolkata") == [date(2027, 3, 1)]


def test_times_outside_instants_are_not_asked_for() -> None:
    days = AskedDays(INSTANT, INSTANT + timedelta(hours=2))
    held = [days.hold(INSTANT + timedelta(hours=hours)) for hours in (-1, 0, 2, 3)]
    assert held == [False, True, True, False]
    assert AskedDays(FIRST, FIRST).hold(INSTANT)


@pytest.mark.parametrize("zone", [None, UTC, timezone(timedelta(hours=14)), timezone(-timedelta(hours=14))])
def test_the_ends_of_the_calendar_are_dates_too(zone: timezone | None) -> None:
    least, greatest = datetime.min.replace(tzinfo=zone), datetime.max.replace(tzinfo=zone)
    assert AskedDays(least, least).dates(NEW_YORK) == [date.min]
    assert AskedDays(greatest, greatest).dates("Asia/Kolkata") == [date.max]
    assert AskedDays(least, greatest).is_too_long
    assert AskedDays(greatest, least).is_backwards
    assert not AskedDays(greatest, greatest).hold(INSTANT) or zone is None
