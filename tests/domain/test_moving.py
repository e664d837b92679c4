from dataclasses import replace
from datetime import datetime

import pytest

from portal.domain.moving import MoveRequest, is_repeated
from portal.domain.schedule import Status
from tests.domain.samples import SCHEDULE, at, wall

WEDNESDAY = at("2027-03-03T15:00")
# Asked for Wednesday, or else Tuesday; given Tuesday.
MOVED = replace(SCHEDULE, first_choice_given=False, other_choice_at=WEDNESDAY, old_starts_at=at("2027-03-05T15:00"))


@pytest.mark.parametrize(
    ("first", "second", "repeated"),
    [
        (WEDNESDAY, SCHEDULE.starts_at, True),
        (wall("2027-03-03T10:00"), wall("2027-03-02T10:00"), True),
        (at("2027-03-03T20:30+05:30"), SCHEDULE.starts_at, True),
        (WEDNESDAY, None, False),
        (SCHEDULE.starts_at, WEDNESDAY, False),
        (SCHEDULE.starts_at, None, False),
        (WEDNESDAY, at("2027-03-04T15:00"), False),
        (wall("2027-03-14T02:30"), SCHEDULE.starts_at, False),
    ],
)
def test_a_move_is_repeated_when_it_asks_for_the_same_two_instants(first: datetime, second: datetime | None, repeated: bool) -> None:  # noqa: FBT001 - a column of the table
    assert is_repeated(MOVED, MoveRequest(MOVED.id, first, second)) is repeated


def test_what_was_never_moved_is_not_repeated() -> None:
    assert not is_repeated(SCHEDULE, MoveRequest(SCHEDULE.id, SCHEDULE.starts_at))


@pytest.mark.parametrize("status", Status)
def test_what_cannot_be_moved_any_more_is_not_repeated(status: Status) -> None:
    request = MoveRequest(MOVED.id, WEDNESDAY, SCHEDULE.starts_at)
    assert is_repeated(replace(MOVED, status=status), request) is (status in (Status.REQUESTED, Status.BOOKED))
