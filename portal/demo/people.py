"""The people of the demonstration: those who can sign in, their dependants, and a crowd that has booked already."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.clinic import Clinic
from portal.domain.guardianship import Act, Actor, Basis, LinkState
from portal.services import passwords
from portal.storage.people import GuardianLink, GuardianRequest, Patient, User

CROWD = 160
_SINCE = datetime(2024, 9, 2, 15, tzinfo=UTC)
_ASKED_AT = datetime(2026, 11, 2, 16, tzinfo=UTC)
_GIVEN_NAMES = [
    "Alice",
    "Ben",
    "Carla",
    "Dev",
    "Eva",
    "Felix",
    "Gita",
    "Hugo",
    "Ines",
    "Jonas",
    "Kofi",
    "Lena",
    "Mateo",
    "Nadia",
    "Oscar",
    "Petra",
    "Quinn",
    "Rosa",
    "Simon",
    "Tara",
]
_FAMILY_NAMES = [
    "Adams",
    "Brandt",
    "Castillo",
    "Doyle",
    "Eriksen",
    "Farah",
    "Garcia",
    "Huang",
    "Ibrahim",
    "Jensen",
    "Kumar",
    "Lopez",
    "Moreau",
    "Novak",
    "Osei",
    "Patel",
]


@dataclass(frozen=True, slots=True)
class Dependant:
    """Somebody who receives care; a child here does not sign in."""

    given_name: str
    family_name: str
    born_on: date

    @property
    def name(self) -> str:
        """Full name."""
        return f"{self.given_name} {self.family_name}"


@dataclass(frozen=True, slots=True)
class Person(Dependant):
    """Somebody who can sign in, and the keys of those they care for."""

    email: str
    password: str
    role: str = ""
    time_zone: str | None = None
    relationship: str = ""
    dependants: tuple[str, ...] = ()


DEPENDANTS: Mapping[str, Dependant] = {
    "ava": Dependant("Ava", "Kim", date(2016, 3, 14)),
    "leo": Dependant("Leo", "Kim", date(2020, 9, 2)),
}
MAYA = Person("Maya", "Torres", date(1987, 6, 21), "maya.torres@example.org", "maple-river-lantern-42", "a patient")
DANIEL = Person(
    "Daniel",
    "Kim",
    date(1984, 1, 9),
    "daniel.kim@example.org",
    "quiet-orchard-bicycle-17",
    "guardian of Ava and Leo",
    relationship="father",
    dependants=("ava", "leo"),
)
HANNAH = Person(
    "Hannah",
    "Park",
    date(1986, 11, 30),
    "hannah.park@example.org",
    "copper-kettle-morning-58",
    "second guardian of Leo",
    relationship="mother",
    dependants=("leo",),
)
ROBERT = Person(
    "Robert",
    "Whitfield",
    date(1959, 4, 3),
    "robert.whitfield@example.org",
    "granite-harbor-violin-83",
    "a patient who is nobody's relative",
    time_zone="America/New_York",
)
LINH = Person(
    "Linh",
    "Nguyen",
    date(1983, 2, 18),
    "linh.nguyen@example.org",
    "willow-station-ember-26",
    "mother of Zoe, who is asked for her agreement",
    relationship="mother",
)
ZOE = Person("Zoe", "Nguyen", date(2012, 5, 9), "zoe.nguyen@example.org", "paper-compass-garden-64", "a young person with a sign-in of her own")
PEOPLE = (MAYA, DANIEL, HANNAH, ROBERT, LINH, ZOE)


def actor_of(clinic: Clinic, email: str) -> Actor:
    """Return a person of the demonstration as an actor."""
    return Actor(clinic.id_of("user", email), clinic.id, clinic.id_of("patient", email))


def patient_id_of(clinic: Clinic, key: str) -> UUID:
    """Return the patient of a dependant's key or of a person's e-mail address."""
    return clinic.id_of("patient", key)


def add_people(session: Session, clinic: Clinic) -> None:
    """Add everybody who can sign in, their dependants, and the links between them."""
    for key, dependant in DEPENDANTS.items():
        session.add(_patient(clinic, key, dependant))
    for person in PEOPLE:
        _add_user(session, clinic, person, passwords.hash_password(person.password))
    session.flush()
    session.add_all(_link(clinic, person, key) for person in PEOPLE for key in person.dependants)
    # Zoe has not agreed, so that this gives nothing until she does.
    session.add(_link(clinic, LINH, ZOE.email))
    session.add(_request(clinic))
    session.flush()


def add_crowd(session: Session, clinic: Clinic, chance: Random) -> list[Actor]:
    """Add people who have booked already and cannot sign in, and return them."""
    crowd = []
    for number in range(CROWD):
        given, family = chance.choice(_GIVEN_NAMES), chance.choice(_FAMILY_NAMES)
        born_on = date(chance.randrange(1940, 2006), chance.randrange(1, 13), chance.randrange(1, 29))
        email = f"{given}.{family}.{number}@example.org".lower()
        _add_user(session, clinic, Person(given, family, born_on, email, ""), passwords.NO_PASSWORD)
        crowd.append(actor_of(clinic, email))
    session.flush()
    return crowd


def _add_user(session: Session, clinic: Clinic, person: Person, password_hash: str) -> None:
    actor = actor_of(clinic, person.email)
    session.add(_patient(clinic, person.email, person))
    session.flush()
    session.add(
        User(
            id=actor.user_id,
            account_id=clinic.id,
            email=person.email,
            name=person.name,
            password_hash=password_hash,
            patient_id=actor.own_patient_id,
            language="en",
            active=True,
            born_on=person.born_on,
        )
    )


def _patient(clinic: Clinic, key: str, who: Dependant) -> Patient:
    zone = who.time_zone if isinstance(who, Person) else None
    names = {"given_name": who.given_name, "family_name": who.family_name}
    return Patient(id=patient_id_of(clinic, key), account_id=clinic.id, born_on=who.born_on, time_zone=zone, **names)


def _link(clinic: Clinic, person: Person, key: str) -> GuardianLink:
    return GuardianLink(
        id=clinic.id_of("guardian_link", f"{person.email}/{key}"),
        user_id=clinic.id_of("user", person.email),
        patient_id=patient_id_of(clinic, key),
        relationship=person.relationship,
        state=LinkState.ACTIVE.value,
        scopes=" ".join(Act),
        starts_at=_SINCE,
        ends_at=None,
        basis=Basis.PARENT.value,
        evidence="Birth certificate and passport",
        checked_by="Front desk, Riverbend",
        checked_at=_SINCE,
    )


def _request(clinic: Clinic) -> GuardianRequest:
    """Return a request that waits for the practice."""
    return GuardianRequest(
        id=clinic.id_of("guardian_request", LINH.email),
        user_id=clinic.id_of("user", LINH.email),
        name="Bao Nguyen",
        born_on=date(2019, 10, 3),
        relationship="aunt",
        basis=Basis.LEGAL_GUARDIAN.value,
        evidence="Letter of the family court",
        requested_at=_ASKED_AT,
        state="requested",
    )
