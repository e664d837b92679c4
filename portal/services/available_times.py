"""The open times of some days as programs ask for them: with whom each can be had, and why a day has none."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.asked_days import AskedDays
from portal.domain.booking import Code, Field, Problem, candidates, choose_option
from portal.domain.catalogue import Catalogue, VisitOption
from portal.domain.openings import Asked, DayState
from portal.domain.programs import Program
from portal.domain.walltime import local_day
from portal.services import openings
from portal.services.booking import Forbidden
from portal.services.openings import OfferedDay, Search
from portal.services.programs import right_to_book


@dataclass(frozen=True, slots=True)
class TimesRequest:
    """With whom, for what and on which days; for a patient, when they are busy counts too. Absent ids are None."""

    days: AskedDays
    provider_id: UUID | None = None
    speciality_id: UUID | None = None
    visit_option_id: UUID | None = None
    patient_id: UUID | None = None
    facility_id: UUID | None = None
    encounter_type_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Available:
    """Every day asked for, ascending, and the visit option whose times these are."""

    option: VisitOption
    days: tuple[OfferedDay, ...]


def available(
    session: Session, program: Program, request: TimesRequest, catalogue: Catalogue, now: datetime
) -> Available | tuple[Problem, ...] | Forbidden:
    """Return the open times of the days asked for, or every problem with the request; one query for what is held.

    Days are those of the first provider's facility.
    """
    if request.patient_id is not None and right_to_book(session, program, request.patient_id, now) is None:
        return Forbidden()
    option = choose_option(request, catalogue)
    providers = candidates(request, option if isinstance(option, VisitOption) else None, catalogue)
    if isinstance(option, Problem) or isinstance(providers, Problem):
        return _problems(option, providers)
    search = Search(providers, Asked(option, now), request.patient_id)
    return Available(option, tuple(_days(session, search, request.days)))


def _problems(*outcomes: object) -> tuple[Problem, ...]:
    """Return what is wrong; that no visit is settled says nothing more where it is not known with whom either."""
    found = tuple(outcome for outcome in outcomes if isinstance(outcome, Problem))
    consequence = Problem(Field.VISIT_OPTION, Code.REQUIRED)
    return tuple(problem for problem in found if problem != consequence) or found


def _days(session: Session, search: Search, asked: AskedDays) -> list[OfferedDay]:
    """Return the days; those before today or beyond the horizon are empty without being computed, however far away they are."""
    zones = {provider.time_zone for provider in search.providers}
    today = min(local_day(search.asked.now, zone) for zone in zones)
    last = max(search.asked.last_day(zone) for zone in zones)
    wanted = asked.dates(search.zone)
    near = [day for day in wanted if today <= day <= last]
    computed = {found.day: found for found in openings.offered(session, search, near[0], len(near))} if near else {}
    return [_within(asked, computed.get(day) or _empty(day, today)) for day in wanted]


def _within(asked: AskedDays, offered: OfferedDay) -> OfferedDay:
    return OfferedDay(offered.day, offered.state, tuple(time for time in offered.times if asked.hold(time.starts_at)))


def _empty(day: date, today: date) -> OfferedDay:
    return OfferedDay(day, DayState.TOO_SOON if day < today else DayState.TOO_FAR, ())
