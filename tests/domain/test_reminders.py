from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.reminders import HOURS, Quiet, chosen, due, written
from portal.domain.walltime import local

NEW_YORK = "America/New_York"
ANY_TIME = Quiet(0, 0, NEW_YORK)
NIGHT = Quiet(21 * 60, 8 * 60, NEW_YORK)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("hours", "start", "leaves"),
    [
        pytest.param(24, "2027-03-03T10:00-05:00", "2027-03-02T10:00-05:00", id="a day"),
        pytest.param(168, "2027-03-10T10:00-05:00", "2027-03-03T10:00-05:00", id="a week"),
        pytest.param(2, "2027-03-03T10:00-05:00", "2027-03-03T08:00-05:00", id="hours"),
        pytest.param(24, "2027-03-14T10:00-04:00", "2027-03-13T10:00-05:00", id="a day over the spring change is 23 hours"),
        pytest.param(24, "2027-11-07T10:00-05:00", "2027-11-06T10:00-04:00", id="a day over the autumn change is 25 hours"),
        pytest.param(168, "2027-03-17T10:00-04:00", "2027-03-10T10:00-05:00", id="a week over the spring change"),
        pytest.param(2, "2027-03-14T03:30-04:00", "2027-03-14T00:30-05:00", id="hours over the spring change are hours"),
        pytest.param(24, "2027-03-15T02:30-04:00", "2027-03-14T03:30-04:00", id="a time that the clock skips is as long after the change"),
        pytest.param(24, "2027-11-08T01:30-05:00", "2027-11-07T01:30-04:00", id="of a time that comes twice it is the first"),
    ],
)
def test_a_reminder_leaves_so_long_before(hours: int, start: str, leaves: str) -> None:
    assert due(at(start), hours, NEW_YORK, ANY_TIME) == at(leaves)


@pytest.mark.parametrize(
    ("start", "leaves"),
    [
        pytest.param("2027-03-03T09:59-05:00", "2027-03-02T20:59-05:00", id="in the morning"),
        pytest.param("2027-03-03T10:00-05:00", "2027-03-03T08:00-05:00", id="when the quiet hours end"),
        pytest.param("2027-03-02T23:30-05:00", "2027-03-02T20:59-05:00", id="in the evening"),
        pytest.param("2027-03-02T23:00-05:00", "2027-03-02T20:59-05:00", id="when they begin"),
        pytest.param("2027-03-02T22:59-05:00", "2027-03-02T20:59-05:00", id="in the minute before"),
        pytest.param("2027-03-14T09:00-04:00", "2027-03-13T20:59-05:00", id="in the night of the spring change"),
    ],
)
def test_in_quiet_hours_it_leaves_before_them(start: str, leaves: str) -> None:
    assert due(at(start), 2, NEW_YORK, NIGHT) == at(leaves)


def test_quiet_hours_may_lie_within_a_day() -> None:
    assert due(at("2027-03-03T15:00-05:00"), 2, NEW_YORK, Quiet(12 * 60, 14 * 60, NEW_YORK)) == at("2027-03-03T11:59-05:00")


def test_days_are_the_visits_and_quiet_hours_the_practices() -> None:
    # 10:00 in Phoenix, whose clock never changes, a day before; at 8:00 in New York its quiet hours are over.
    assert due(at("2027-03-14T10:00-07:00"), 24, "America/Phoenix", NIGHT) == at("2027-03-13T10:00-07:00")
    assert due(at("2027-03-14T04:30-07:00"), 24, "America/Phoenix", NIGHT) == at("2027-03-12T20:59-05:00")


@given(
    start=st.integers(0, 365 * 24 * 60).map(lambda minutes: at("2027-01-01T00:00Z") + timedelta(minutes=minutes)),
    hours=st.sampled_from(HOURS),
    zone=st.sampled_from((NEW_YORK, "America/Phoenix", "Australia/Lord_Howe", "Europe/London")),
    begins=st.integers(0, 1439),
    ends=st.integers(0, 1439),
)
def test_it_never_leaves_in_quiet_hours_and_never_later_than_wanted(start: datetime, hours: int, zone: str, begins: int, ends: int) -> None:
    leaves = due(start, hours, zone, Quiet(begins, ends, zone))
    wall = local(leaves, zone)
    minute = wall.hour * 60 + wall.minute
    assert leaves <= start - timedelta(hours=hours) + timedelta(hours=1)
    quiet = begins <= minute < ends if begins <= ends else minute >= begins or minute < ends
    assert not quiet


@pytest.mark.parametrize(("hours", "text"), [((), ""), ((2, 24), "24 2"), ((24, 24), "24"), ((168, 48, 24, 2), "168 48 24 2"), ((3,), "")])
def test_times_are_kept_that_are_on_offer_the_longest_first(hours: tuple[int, ...], text: str) -> None:
    assert written(hours) == text
    assert set(chosen(text)) <= set(hours)
