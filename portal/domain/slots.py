"""From a wanted time to slots: which provider could start the visit at which instant, and what stands in the way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta
from uuid import UUID

from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Provider, VisitOption
from portal.domain.cells import cells_between
from portal.domain.openings import Asked, Occupied, days_of, within_hours
from portal.domain.walltime import instants, local_day


@dataclass(frozen=True, slots=True)
class Slot:
    """One provider and one instant at which the visit could start."""

    provider: Provider
    start: datetime


def resolve(wanted: datetime, zone: str) -> datetime | None:
    """Return the instant of a wanted time: a naive one is wall time in the zone, in a repeated hour the first; None in a skipped hour."""
    if wanted.tzinfo is not None:
        return wanted
    if wanted.year in (MINYEAR, MAXYEAR):
        # an offset could carry it beyond the calendar; it is refused as past or too far whatever the zone
        return wanted.replace(tzinfo=UTC)
    shown = instants(wanted, zone)
    return shown[0] if shown else None


def slots(providers: Iterable[Provider], asked: Asked, wanted: datetime) -> list[Slot] | Code:
    """Return the slots that hours, notice and horizon allow for a wanted time, or why there is none."""
    found: list[Slot] = []
    codes: list[Code] = []
    for provider in providers:
        start = resolve(wanted, provider.time_zone)
        code = Code.SKIPPED_TIME if start is None else time_problem(provider, asked, start)
        if start is not None and code is None:
            found.append(Slot(provider, start))
        elif code is not None:
            codes.append(code)
    return found or codes[0]


def offered(
    providers: Iterable[Provider], asked: Asked, first: datetime, second: datetime | None
) -> tuple[list[tuple[Field, list[Slot]]], list[Problem]]:
    """Return the slots of the first choice and of the second, and every problem with the two."""
    tries = [(field, slots(providers, asked, time)) for field, time in ((Field.FIRST_CHOICE, first), (Field.SECOND_CHOICE, second)) if time]
    problems = [Problem(field, found) for field, found in tries if isinstance(found, Code)]
    choices = [(field, found) for field, found in tries if not isinstance(found, Code)]
    if len(choices) == 2 and choices[0][1][0].start == choices[1][1][0].start:
        problems.append(Problem(Field.SECOND_CHOICE, Code.SAME_TIME))
    return choices, problems


def other_choice(choices: Iterable[tuple[Field, list[Slot]]], given: Field) -> datetime | None:
    """Return the instant of the choice that is not given."""
    return next((found[0].start for field, found in choices if field is not given), None)


def time_problem(provider: Provider, asked: Asked, start: datetime) -> Code | None:
    """Return why a provider cannot be asked to start the visit then, occupancy apart, or None."""
    if start < asked.now:
        return Code.IN_PAST
    if start < asked.earliest:
        return Code.TOO_SOON
    if start.year == MAXYEAR or local_day(start, provider.time_zone) > asked.last_day(provider.time_zone):
        return Code.TOO_FAR
    return None if within_hours(provider, start, asked.option.minutes) else Code.OUTSIDE_HOURS


def provider_cells(option: VisitOption, start: datetime) -> range:
    """Return the cells that the visit holds of its provider, buffers included."""
    before, after = timedelta(minutes=option.buffer_before_minutes), timedelta(minutes=option.buffer_after_minutes)
    return cells_between(start - before, start + timedelta(minutes=option.minutes) + after)


def patient_cells(option: VisitOption, start: datetime) -> range:
    """Return the cells that the visit holds of its patient; buffers are the provider's alone."""
    return cells_between(start, start + timedelta(minutes=option.minutes))


def cells_held(slot: Slot, option: VisitOption, patient_id: UUID) -> dict[UUID, range]:
    """Return all the cells that the visit holds there, by whose they are."""
    return {slot.provider.id: provider_cells(option, slot.start), patient_id: patient_cells(option, slot.start)}


def blocked(slot: Slot, option: VisitOption, occupied: Occupied) -> Code | None:
    """Return who is held at a slot already, the patient before the provider, or None."""
    if occupied.patient & occupied.window.run(patient_cells(option, slot.start)):
        return Code.PATIENT_BUSY
    if occupied.providers.get(slot.provider.id, 0) & occupied.window.run(provider_cells(option, slot.start)):
        return Code.TIME_TAKEN
    return None


def by_room(candidates: list[Slot], asked: Asked, occupied: Occupied) -> list[Slot]:
    """Return the slots, that of the provider with most open times on its day first; equal ones keep their order."""
    if len(candidates) < 2:
        return candidates
    return sorted(candidates, key=lambda slot: _room(slot, asked, occupied), reverse=True)


def _room(slot: Slot, asked: Asked, occupied: Occupied) -> int:
    return days_of(slot.provider, asked, occupied, local_day(slot.start, slot.provider.time_zone), 1)[0].count


def nearest(starts: Iterable[datetime], wanted: datetime, count: int) -> list[datetime]:
    """Return the `count` different starts nearest to a wanted instant, in order of time."""
    return sorted(sorted(set(starts), key=lambda start: (abs(start - wanted), start))[:count])
