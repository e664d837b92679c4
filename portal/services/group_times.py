"""The times at which a whole group can be seen: one query for what is held, whatever the number of people and providers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.openings import Asked, Window, window_for
from portal.domain.slots import nearest
from portal.domain.together import Group, Held, Part, days_together, plan, why_not
from portal.domain.walltime import local_day
from portal.services import openings
from portal.services.openings import LOOK_AHEAD_DAYS, NEAREST_DAYS, DayTimes
from portal.storage import occupancy


@dataclass(frozen=True, slots=True)
class GroupSearch:
    """A group whose times are wanted; what the draft `besides` holds counts as free."""

    group: Group
    besides: UUID | None = None

    @property
    def zone(self) -> str:
        """Zone by which days are told."""
        return self.group.zone

    @property
    def asked(self) -> Asked:
        """The first person's visit: it is theirs whose start is chosen."""
        return Asked(self.group.members[0].option, self.group.now)


def times(session: Session, search: GroupSearch, first: date, days: int) -> tuple[DayTimes, ...]:
    """Return the starts offered to the whole group on each of `days` dates from `first`: one query."""
    group = search.group
    window = window_for([member.option for member in group.members], {one.time_zone for one in group.providers}, first, days + 1)
    found = days_together(group, _held(session, search, window), first, days)
    return tuple(DayTimes(day.day, day.state, window.base, day.starts) for day in found)


def first_open_day(session: Session, search: GroupSearch, first: date) -> date | None:
    """Return the first date from `first` on with a time for all, or None up to the horizon, by which alone the number of queries goes."""
    last = search.asked.last_day(search.zone)
    while first <= last:
        days = min(LOOK_AHEAD_DAYS, (last - first).days + 1)
        if found := next((day.day for day in times(session, search, first, days) if day.count), None):
            return found
        first += timedelta(days=days)
    return None


def alternatives(session: Session, search: GroupSearch, wanted: datetime, count: int) -> list[datetime]:
    """Return the `count` starts for the whole group nearest to a wanted one, a week each way, ascending."""
    first = max(local_day(wanted, search.zone) - timedelta(days=NEAREST_DAYS), local_day(search.group.now, search.zone))
    days = times(session, search, first, 2 * NEAREST_DAYS + 1)
    return nearest((start for day in days for start in day.starts() if start != wanted), wanted, count)


def planned(session: Session, search: GroupSearch, start: datetime, preferred: Sequence[UUID | None] = ()) -> tuple[Part, ...] | None:
    """Return who is seen by whom and when if the group starts then, the `preferred` providers first, or None; one query."""
    return plan(search.group, _held(session, search, openings.around(start)), start, preferred)


def obstacles(session: Session, search: GroupSearch, start: datetime) -> list[tuple[UUID | None, Code]]:
    """Return which of the group cannot be seen then, and why; one query."""
    return why_not(search.group, _held(session, search, openings.around(start)), start)


def _held(session: Session, search: GroupSearch, window: Window) -> Held:
    group = search.group
    resources = [*(provider.id for provider in group.providers), *(member.patient_id for member in group.members)]
    held = occupancy.held(session, resources, window, group.now, (search.besides, None))
    return Held(window, {resource_id: window.bits(map(int, cells.split(","))) for resource_id, cells in held.items()})
