"""The wait list: who is told of a time that becomes free, in which order, when, and for how long it is theirs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portal.domain.catalogue import Provider, VisitOption
from portal.domain.openings import Asked
from portal.domain.practice import PracticeRules
from portal.domain.slots import Slot, time_problem
from portal.domain.walltime import instants, local, local_day

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


class WaitState(StrEnum):
    """The life of an entry of the wait list: it waits, holds an offer, led to a visit, or was left."""

    WAITING = "waiting"
    OFFERED = "offered"
    DONE = "done"
    LEFT = "left"


class OfferState(StrEnum):
    """What became of an offer."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    PASSED = "passed"


class WaitCode(StrEnum):
    """Why somebody cannot wait like that."""

    ENDS_BEFORE = "ends_before"
    IN_PAST = "in_past"
    NOT_EARLIER = "not_earlier"


@dataclass(frozen=True, slots=True)
class Days:
    """The days on which somebody would come, by the facility's calendar; `until` None is without an end."""

    start: date
    until: date | None

    def __contains__(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.start <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True)
class Wish:
    """An entry of the wait list as its turn is decided by: with whom, for what and when; `booked_at` is the visit that an earlier time is for."""

    id: UUID
    waits_since: datetime
    speciality_id: UUID
    facility_id: UUID | None
    provider_id: UUID | None
    days: Days
    booked_at: datetime | None


def in_turn(wishes: Iterable[Wish]) -> list[Wish]:
    """Return wishes in the order in which they are told: who has no visit before who has one, and of these whoever has waited longest."""
    return sorted(wishes, key=lambda wish: (wish.booked_at is not None, wish.waits_since, wish.id))


def suits(wish: Wish, slot: Slot, asked: Asked) -> bool:
    """Tell whether a freed time is one that somebody waits for and that the rules of the visit still allow; who is busy is not asked here."""
    provider = slot.provider
    return (
        wish.provider_id in (None, provider.id)
        and wish.facility_id in (None, provider.facility_id)
        and wish.speciality_id in provider.speciality_ids
        and provider.id in asked.option.provider_ids
        and local_day(slot.start, provider.time_zone) in wish.days
        and (wish.booked_at is None or slot.start < wish.booked_at)
        and time_problem(provider, asked, slot.start) is None
    )


def told_at(now: datetime, zone: str, rules: PracticeRules) -> datetime:
    """Return when the mail of an offer may leave: at once, or at the end of the quiet hours by the practice's clock."""
    shown = local(now, zone)
    minute, first, last = shown.hour * 60 + shown.minute, rules.quiet_from_minute, rules.quiet_until_minute
    is_quiet = first <= minute < last if first < last else first != last and (minute >= first or minute < last)
    if not is_quiet:
        return now
    midnight = datetime.combine(shown.date() + _DAY * (minute >= last), datetime.min.time())
    wall = midnight + timedelta(minutes=last)
    # In the hour that a spring change skips there is no such time: an hour later there is.
    return next(found for found in (*instants(wall, zone), *instants(wall + _HOUR, zone)) if found > now)


def held_until(told: datetime, slot: Slot, option: VisitOption, rules: PracticeRules) -> datetime | None:
    """Return up to when an offered time is held: the minutes of an offer from the mail on, but not beyond when it can last be booked.

    None when that is over before anybody could be told.
    """
    ends = min(told + timedelta(minutes=rules.offer_minutes), slot.start - timedelta(minutes=option.notice_minutes))
    return ends if ends > told else None


def wait_codes(days: Days, provider: Provider, booked_at: datetime | None, now: datetime) -> list[WaitCode]:
    """Return every reason why nobody can wait for a time on such days, with a visit at `booked_at` if an earlier one is wanted."""
    codes = [WaitCode.ENDS_BEFORE] if days.until is not None and days.until < days.start else []
    if days.until is not None and days.until < local_day(now, provider.time_zone):
        codes.append(WaitCode.IN_PAST)
    if booked_at is not None and days.start > local_day(booked_at, provider.time_zone):
        codes.append(WaitCode.NOT_EARLIER)
    return codes
