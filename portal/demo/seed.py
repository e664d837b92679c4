"""Filling an empty database with the demonstration clinic, its people and some weeks of bookings from today on."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from portal.demo.people import DANIEL, MAYA, actor_of, add_crowd, add_people, patient_id_of
from portal.domain.booking import BookingRequest
from portal.domain.catalogue import Catalogue, Provider, TimeOff, VisitOption
from portal.domain.cells import CELL_MINUTES
from portal.domain.clinic import Clinic, ProviderEntry
from portal.domain.clinic_file import read_clinic
from portal.domain.guardianship import Actor
from portal.domain.openings import Asked, open_runs
from portal.domain.schedule import Status
from portal.domain.walltime import local_day
from portal.services import clinic as clinics
from portal.services import openings
from portal.services.booking import Booked, Forbidden, Refused, book
from portal.storage import schedules
from portal.storage.catalogue import current_catalogue

FILE = "riverbend.toml"
# How much of a working day is booked, by weeks from today.
SHARES = (0.6, 0.4, 0.2, 0.1)
# Working days from tomorrow, counted from 0, on which a provider has nothing left.
FULL_DAYS = {"okafor": (0, 1), "bell": (0,), "reyes": (2,), "yazzie": (0, 1)}
MINUTES_A_BOOKING = 30
BOOKED_AHEAD_MINUTES = 7 * 24 * 60
_SAME_EVERY_TIME = 512


@dataclass(frozen=True, slots=True)
class PeoplesVisit:
    """A visit of one of those who can sign in: who books it for whom, with whom, as what, why and how long ago, and what became of it."""

    email: str
    patient: str
    provider: str
    option: str
    reason: str
    weeks_ago: int = 0
    status: Status | None = None


VISITS = (
    PeoplesVisit(MAYA.email, MAYA.email, "okafor", "check-up/in-person", "Yearly check-up", 30, Status.FULFILLED),
    PeoplesVisit(MAYA.email, MAYA.email, "okafor", "follow-up/phone", "Results of the blood test", 12, Status.NO_SHOW),
    PeoplesVisit(MAYA.email, MAYA.email, "okafor", "follow-up/video", "Blood pressure readings from last month"),
    PeoplesVisit(MAYA.email, MAYA.email, "yazzie", "counselling/in-person", "Trouble sleeping"),
    PeoplesVisit(DANIEL.email, "leo", "reyes", "illness/in-person", "Earache since the weekend, worse at night"),
)


@dataclass(frozen=True, slots=True)
class Seeding:
    """A demonstration that is being filled."""

    session: Session
    clinic: Clinic
    catalogue: Catalogue
    crowd: list[Actor]
    chance: Random
    now: datetime


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A provider's day that is to be booked in part; `bookings` None means until nothing is left."""

    provider: Provider
    day: date
    bookings: int | None


def example() -> Clinic:
    """Return the clinic of the example file as it stands."""
    return read_clinic(files("portal.demo").joinpath(FILE).read_bytes(), FILE)


def riverbend(today: date) -> Clinic:
    """Return the clinic of the example file, with absences that move along with the date so that some days are always closed."""
    clinic = example()
    monday = today + timedelta(days=7 - today.weekday())
    away = {
        "whitaker": _time_off(monday, time(11), monday, time(15)),
        "trujillo": _time_off(monday + timedelta(days=2), time(), monday + timedelta(days=4), time()),
        "bell": _time_off(monday + timedelta(days=7), time(), monday + timedelta(days=12), time()),
    }
    providers = tuple(_absent(provider, away[provider.key]) if provider.key in away else provider for provider in clinic.providers)
    return replace(clinic, providers=providers)


def _time_off(first: date, starts: time, last: date, ends: time) -> TimeOff:
    return TimeOff(datetime.combine(first, starts), datetime.combine(last, ends))


def _absent(provider: ProviderEntry, absence: TimeOff) -> ProviderEntry:
    others = [other for other in provider.time_off if other.ends_wall <= absence.starts_wall or absence.ends_wall <= other.starts_wall]
    return replace(provider, time_off=(*others, absence))


def begin(session: Session, now: datetime) -> Seeding:
    """Write the clinic, its people and their bookings into the caller's transaction, which must have begun as a writer."""
    clinic = riverbend(now.date())
    clinics.apply(session, clinic)
    add_people(session, clinic)
    chance = Random(_SAME_EVERY_TIME)  # noqa: S311 - the demonstration is the same each time; nothing here is a secret
    seeding = Seeding(session, clinic, current_catalogue(session, clinic.id), add_crowd(session, clinic, chance), chance, now)
    for visit in VISITS:
        _book_for_people(seeding, visit)
    return seeding


def _book_for_people(seeding: Seeding, visit: PeoplesVisit) -> None:
    session, clinic, catalogue = seeding.session, seeding.clinic, seeding.catalogue
    booked_at = seeding.now - timedelta(weeks=visit.weeks_ago)
    provider = catalogue.providers[clinic.id_of("provider", visit.provider)]
    option = catalogue.visit_options[clinic.id_of("visit_option", visit.option)]
    patient_id = patient_id_of(clinic, visit.patient)
    start = open_time(session, provider, Asked(option, booked_at), patient_id)
    if start is None:
        return
    outcome = _book(seeding, actor_of(clinic, visit.email), patient_id, (provider, option, start, visit.reason, booked_at))
    if visit.status is not None and isinstance(outcome, Booked):
        schedules.change(session, outcome.schedule_id, {"status": visit.status, "modified_at": start})
        # mail of what was so long ago is not sent now
        schedules.raise_sequence(session, outcome.schedule_id)


def open_time(session: Session, provider: Provider, asked: Asked, patient_id: UUID) -> datetime | None:
    """Return a time that a provider offers to a patient from the day after tomorrow on, or None."""
    search = openings.Search((provider,), asked, patient_id)
    day = openings.first_open_day(session, search, local_day(asked.now, provider.time_zone) + timedelta(days=2))
    starts = openings.times(session, search, day, 1)[0].starts() if day else []
    return starts[len(starts) // 2] if starts else None


def working_days(seeding: Seeding) -> list[WorkingDay]:
    """Return the days to book in part, from tomorrow on."""
    full = {seeding.clinic.id_of("provider", key): days for key, days in FULL_DAYS.items()}
    return [day for provider in seeding.catalogue.providers.values() for day in _days_of(seeding, provider, full.get(provider.id, ()))]


def _days_of(seeding: Seeding, provider: Provider, full: tuple[int, ...]) -> Iterator[WorkingDay]:
    today = local_day(seeding.now, provider.time_zone)
    place = 0
    for ahead in range(1, 7 * len(SHARES) + 1):
        day = today + timedelta(days=ahead)
        minutes = open_runs(provider.hours, provider.time_off, provider.time_zone, day)[1].bit_count() * CELL_MINUTES
        if minutes:
            share = SHARES[(ahead - 1) // 7] * seeding.chance.uniform(0.4, 1.3)
            yield WorkingDay(provider, day, None if place in full else round(share * minutes / MINUTES_A_BOOKING))
            place += 1


def fill(seeding: Seeding, working_day: WorkingDay) -> int:
    """Book a day as far as it is to be booked, through the booking service; return how many bookings were tried."""
    tried = 0
    while (working_day.bookings is None or tried < working_day.bookings) and _book_one(seeding, working_day):
        tried += 1
    return tried


def _book_one(seeding: Seeding, working_day: WorkingDay) -> bool:
    chance, provider = seeding.chance, working_day.provider
    booked_at = seeding.now - timedelta(minutes=chance.randrange(BOOKED_AHEAD_MINUTES))
    offered = seeding.catalogue.visit_options_of(frozenset([provider.id]))
    for option in chance.sample(offered, len(offered)):
        search = openings.Search((provider,), Asked(option, booked_at), None)
        starts = openings.times(seeding.session, search, working_day.day, 1)[0].starts()
        if starts:
            actor, reason = chance.choice(seeding.crowd), chance.choice(list(seeding.catalogue.reasons.values()))
            _book(seeding, actor, actor.own_patient_id or actor.user_id, (provider, option, chance.choice(starts), reason.name, booked_at))
            return True
    return False


def _book(
    seeding: Seeding, actor: Actor, patient_id: UUID, what: tuple[Provider, VisitOption, datetime, str, datetime]
) -> Booked | Refused | Forbidden:
    provider, option, start, reason, booked_at = what
    request = BookingRequest(
        user_id=actor.user_id,
        account_id=actor.account_id,
        patient_id=patient_id,
        first_choice=start,
        reason=reason,
        provider_id=provider.id,
        visit_option_id=option.id,
        reason_ids=tuple(code.id for code in seeding.catalogue.reasons.values() if code.name == reason),
    )
    return book(seeding.session, actor, request, booked_at)
