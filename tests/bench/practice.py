"""The practice that is measured: its clinic, its people, the times at which it can be booked, and as many bookings as wanted."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count, cycle, islice
from typing import NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session, sessionmaker

from portal.domain.catalogue import Catalogue, Mode, Provider, VisitOption, WorkingHours
from portal.domain.clinic import AccountEntry, Clinic, EncounterTypeEntry, FacilityEntry, ProviderEntry, SpecialityEntry, VisitOptionEntry
from portal.domain.guardianship import Actor
from portal.domain.practice import VisitRules
from portal.domain.walltime import instants
from portal.services import clinic as clinics
from portal.services import keys, passwords
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.people import Patient, User
from portal.storage.schema import upgrade

ZONE = "America/Chicago"
MINUTES = 20
PEOPLE = 1000
HORIZON_DAYS = 365
WORKING_WEEKDAYS = range(5)
HOURS = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
PASSWORD = "a-password-of-the-benchmark"
KEY_DAYS = 1


class Slot(NamedTuple):
    """A time of one provider, and the person who is to have it."""

    provider: Provider
    person: Actor
    start: datetime


@dataclass(frozen=True, slots=True)
class Practice:
    """A practice in a database of its own; `key` is a bearer key for all its people, `now` the instant of its making."""

    url: str
    session: sessionmaker[Session]
    catalogue: Catalogue
    people: list[Actor]
    key: str
    now: datetime

    @property
    def providers(self) -> list[Provider]:
        """The clinicians."""
        return list(self.catalogue.providers.values())

    def option(self, minutes: int = MINUTES) -> VisitOption:
        """Return the visit of a length: the usual one, or twice as long."""
        return next(option for option in self.catalogue.visit_options.values() if option.minutes == minutes)

    def working_days(self, skipped: int = 0) -> Iterator[date]:
        """Give the days on which everybody works, from tomorrow on, less some that are skipped."""
        days = (self.now.date() + timedelta(days=ahead) for ahead in count(1))
        return islice((day for day in days if day.weekday() in WORKING_WEEKDAYS), skipped, None)

    def slots(self, days: Iterable[date], people: list[Actor]) -> Iterator[Slot]:
        """Give the times of some days in order, each for another person than the ones beside it."""
        places = count()
        for day in days:
            for start in _starts(day):
                for provider in self.providers:
                    yield Slot(provider, people[next(places) % len(people)], start)


def email(number: int) -> str:
    """Return the address with which a person signs in."""
    return f"person.{number}@example.org"


def build(url: str, providers: int, specialities: int = 1) -> Practice:
    """Make a practice in an empty database, its clinicians spread evenly over the specialities."""
    engine = open_engine(url)
    upgrade(engine)
    clinic = _clinic(providers, specialities)
    now = datetime.now(UTC)
    with sessions(engine).begin() as session:
        begin_write(session)
        clinics.apply(session, clinic)
        people = _people(session, clinic)
        key = keys.issue(session, clinic.id, None, KEY_DAYS, now)
        catalogue = current_catalogue(session, clinic.id)
    return Practice(url, sessions(engine), catalogue, people, key, now)


def _starts(day: date) -> Iterator[datetime]:
    midnight = datetime.combine(day, datetime.min.time())
    for opens, closes in HOURS:
        for minute in range(opens, closes, MINUTES):
            yield instants(midnight + timedelta(minutes=minute), ZONE)[0]


def _clinic(providers: int, specialities: int) -> Clinic:
    names = [f"provider-{number}" for number in range(providers)]
    fields = [f"field-{number}" for number in range(specialities)]
    hours = tuple(WorkingHours(weekday, *span) for weekday in WORKING_WEEKDAYS for span in HOURS)

    def provider(name: str, field: str) -> ProviderEntry:
        return ProviderEntry(name, f"Dr. {name}", "centre", (field,), "visit/short", hours, ())

    options = (_option("short", MINUTES, names), _option("long", 2 * MINUTES, names))
    return Clinic(
        account=AccountEntry("measured", "Measured Practice", ZONE, "512-555-0100", "Monday to Friday, 9 am to 5 pm", "911"),
        facilities=(FacilityEntry("centre", "Health Centre", ZONE, "Austin", "1 Main Street, Austin, TX 78704"),),
        specialities=tuple(SpecialityEntry(field, f"Medicine {field}") for field in fields),
        encounter_types=(EncounterTypeEntry("visit", "Visit", "visit/short", options),),
        providers=tuple(map(provider, names, cycle(fields))),
        reasons=(),
    )


def _option(key: str, minutes: int, providers: list[str]) -> VisitOptionEntry:
    times: dict[str, int] = {
        "notice_minutes": 120,
        "horizon_days": HORIZON_DAYS,
        "buffer_before_minutes": 0,
        "buffer_after_minutes": 0,
        "grid_minutes": MINUTES,
    }
    rules = VisitRules()
    return VisitOptionEntry(f"visit/{key}", Mode.IN_PERSON, minutes, Decimal("95.00"), provider_keys=frozenset(providers), rules=rules, **times)


def _people(session: Session, clinic: Clinic) -> list[Actor]:
    people = [Actor(clinic.id_of("user", email(number)), clinic.id, clinic.id_of("patient", email(number))) for number in range(PEOPLE)]
    shared = passwords.hash_password(PASSWORD)
    names = {"account_id": clinic.id, "given_name": "Ada", "family_name": "Berg", "born_on": date(1980, 5, 2)}
    session.execute(insert(Patient), [{"id": person.own_patient_id, **names} for person in people])
    signs_in = {"account_id": clinic.id, "name": "Ada Berg", "password_hash": shared, "language": "en", "active": True}
    rows = [{"id": one.user_id, "patient_id": one.own_patient_id, "email": email(number), **signs_in} for number, one in enumerate(people)]
    session.execute(insert(User), rows)
    return people
