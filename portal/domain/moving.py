"""What is asked of a move, and when one has been made already."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal.domain.schedule import ALLOWED, Change, ScheduleFacts, Status
from portal.domain.slots import resolve


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """Another time for a Schedule: a choice is an aware instant or a naive wall time at the facility, a form how a program wrote it."""

    schedule_id: UUID
    first_choice: datetime
    second_choice: datetime | None = None
    first_choice_form: str = "utc"
    second_choice_form: str = "utc"


def is_repeated(schedule: ScheduleFacts, request: MoveRequest) -> bool:
    """Tell whether the last move of a schedule that can still be moved was for the same two choices, whatever was given of them.

    A request keeps only the time that it was moved to, so that is all it is known by.
    """
    if schedule.old_starts_at is None or Change.MOVE not in ALLOWED[Status(schedule.status)]:
        return False
    second = request.second_choice
    asked = (resolve(request.first_choice, schedule.time_zone), second and resolve(second, schedule.time_zone))
    if schedule.status == Status.REQUESTED and schedule.other_choice_at is None:
        return schedule.starts_at == (asked[0] if schedule.first_choice_given else asked[1])
    return schedule.choices == asked
