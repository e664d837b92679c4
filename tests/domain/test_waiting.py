"""Whose turn it is on the wait list, which times suit them, and up to when an offer holds."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from portal.domain.openings import Asked
from portal.domain.practice import PracticeRules
from portal.domain.slots import Slot
from portal.domain.waiting import Days, WaitCode, Wish, held_until, in_turn, suits, told_at, wait_codes
from tests.domain.samples import option, provider

NOW = datetime(2027, 3, 1, 14, tzinfo=UTC)
TEN = datetime(2027, 3, 2, 15, tzinfo=UTC)
DOCTOR = provider()
VISIT = option(provider_ids=frozenset({DOCTOR.id}))
ZONE = "America/New_York"
RULES = PracticeRules()
WISH = Wish(UUID(int=1), NOW, DOCTOR.speciality_ids[0], None, None, Days(date(2027, 3, 2), date(2027, 3, 5)), None)


def wish(number: int, days_waited: int, booked_at: datetime | None = None) -> Wish:
    return replace(WISH, id=UUID(int=number), waits_since=NOW - timedelta(days=days_waited), booked_at=booked_at)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_who_has_no_visit_comes_first_and_then_whoever_has_waited_longest() -> None:
    entries = [wish(1, 2), wish(2, 1), wish(3, 1), wish(4, 9, TEN), wish(5, 3, TEN)]
    for order in permutations(entries):
        assert [one.id.int for one in in_turn(order)] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("changed", "fits"),
    [
        ({}, True),
        ({"provider_id": DOCTOR.id}, True),
        ({"provider_id": UUID(int=9)}, False),
        ({"facility_id": DOCTOR.facility_id}, True),
        ({"facility_id": UUID(int=9)}, False),
        ({"speciality_id": UUID(int=9)}, False),
        ({"days": Days(date(2027, 3, 2), date(2027, 3, 2))}, True),
        ({"days": Days(date(2027, 3, 2), None)}, True),
        ({"days": Days(date(2027, 3, 3), None)}, False),
        ({"days": Days(date(2027, 3, 1), date(2027, 3, 1))}, False),
        ({"booked_at": TEN + timedelta(minutes=5)}, True),
        ({"booked_at": TEN}, False),
        ({"booked_at": TEN - timedelta(minutes=5)}, False),
    ],
)
def test_a_time_suits_whoever_waits_for_it(changed: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - a column of the table above
    assert suits(replace(WISH, **changed), Slot(DOCTOR, TEN), Asked(VISIT, NOW)) is fits


@pytest.mark.parametrize(
    ("start", "visit"),
    [
        (TEN, replace(VISIT, notice_minutes=60 * 48)),
        (TEN, replace(VISIT, horizon_days=0)),
        (at("2027-03-02T08:00:00Z"), VISIT),
        (TEN, replace(VISIT, provider_ids=frozenset())),
    ],
)
def test_a_time_that_the_rules_do_not_allow_suits_nobody(start: datetime, visit: Any) -> None:  # noqa: ANN401 - a visit option
    assert not suits(WISH, Slot(DOCTOR, start), Asked(visit, NOW))


@pytest.mark.parametrize(
    ("now", "quiet", "told"),
    [
        ("2027-03-02T12:00:00-05:00", (1260, 480), "2027-03-02T12:00:00-05:00"),
        ("2027-03-02T20:59:00-05:00", (1260, 480), "2027-03-02T20:59:00-05:00"),
        ("2027-03-02T21:00:00-05:00", (1260, 480), "2027-03-03T08:00:00-05:00"),
        ("2027-03-03T00:30:00-05:00", (1260, 480), "2027-03-03T08:00:00-05:00"),
        ("2027-03-03T07:59:00-05:00", (1260, 480), "2027-03-03T08:00:00-05:00"),
        ("2027-03-03T08:00:00-05:00", (1260, 480), "2027-03-03T08:00:00-05:00"),
        ("2027-03-03T13:30:00-05:00", (780, 840), "2027-03-03T14:00:00-05:00"),
        ("2027-03-03T14:00:00-05:00", (780, 840), "2027-03-03T14:00:00-05:00"),
        ("2027-03-03T23:00:00-05:00", (0, 0), "2027-03-03T23:00:00-05:00"),
        # the night on which clocks go forward, and a quiet end that it skips
        ("2027-03-13T22:00:00-05:00", (1260, 480), "2027-03-14T08:00:00-04:00"),
        ("2027-03-13T22:00:00-05:00", (1260, 150), "2027-03-14T03:30:00-04:00"),
        # the night on which they go back: the first of two half past ones, then the second
        ("2027-11-06T22:00:00-04:00", (1260, 90), "2027-11-07T01:30:00-04:00"),
    ],
)
def test_no_mail_leaves_in_the_quiet_hours(now: str, quiet: tuple[int, int], told: str) -> None:
    rules = PracticeRules(quiet_from_minute=quiet[0], quiet_until_minute=quiet[1])
    assert told_at(at(now), ZONE, rules) == at(told)


@pytest.mark.parametrize(
    ("told", "until"),
    [
        ("2027-03-01T15:00:00Z", "2027-03-01T17:00:00Z"),
        ("2027-03-02T12:30:00Z", "2027-03-02T14:00:00Z"),
        ("2027-03-02T13:59:00Z", "2027-03-02T14:00:00Z"),
        ("2027-03-02T14:00:00Z", None),
        ("2027-03-02T14:30:00Z", None),
    ],
)
def test_an_offer_holds_from_its_mail_on_and_not_beyond_the_notice(told: str, until: str | None) -> None:
    visit = replace(VISIT, notice_minutes=60)
    assert held_until(at(told), Slot(DOCTOR, TEN), visit, RULES) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("days", "booked_at", "codes"),
    [
        (Days(date(2027, 3, 1), None), None, []),
        (Days(date(2027, 3, 2), date(2027, 3, 1)), None, [WaitCode.ENDS_BEFORE]),
        (Days(date(2027, 2, 1), date(2027, 2, 28)), None, [WaitCode.IN_PAST]),
        (Days(date(2027, 3, 2), None), TEN, []),
        (Days(date(2027, 3, 3), None), TEN, [WaitCode.NOT_EARLIER]),
    ],
)
def test_days_on_which_nothing_can_come_are_refused(days: Days, booked_at: datetime | None, codes: list[WaitCode]) -> None:
    assert wait_codes(days, DOCTOR, booked_at, NOW) == codes
