"""A small practice and its people, as plain rows with fixed ids: four providers in three zones, two families, a stranger."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from sqlalchemy.orm import Session

from portal.domain.booking import BookingRequest
from portal.domain.catalogue import Mode
from portal.domain.guardianship import Act, Actor, LinkState
from portal.domain.schedule import Status
from portal.storage import clinic, people
from portal.storage.schedule import Schedule

# A Monday: 03:00 in New York, 08:00 in Dublin, 13:30 in Kolkata.
NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"
PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$+Rgg6K8VdJVXNwW02l5cYw$qpEmMXqrR+vae7hfFRXYmMCMOmyN9nnqDPo9YJ6OH84"
ZONES = {"harbour": "America/New_York", "hillside": "Asia/Kolkata", "quay": "Europe/Dublin"}
PLACES = {"harbour": "Boston", "hillside": "Pune", "quay": "Galway"}
SPECIALITIES = ("family medicine", "paediatrics")
PROVIDERS = {
    "chen": ("harbour", ("family medicine",), "check-up"),
    "novak": ("harbour", ("paediatrics", "family medicine"), "check-up"),
    "rao": ("hillside", ("family medicine",), "video"),
    "byrne": ("quay", ("paediatrics",), "check-up"),
}
ENCOUNTER_TYPES = {"examination": "check-up", "advice": None}
HOURS = ((9 * 60, 12 * 60), (13 * 60, 17 * 60))
REASONS = ("fever", "cough", "rash")
OPTIONS: dict[str, dict[str, Any]] = {
    "check-up": {
        "encounter_type": "examination",
        "mode": Mode.IN_PERSON,
        "minutes": 30,
        "fee": Decimal("40.00"),
        "notice_minutes": 120,
        "horizon_days": 60,
        "buffer_before_minutes": 5,
        "buffer_after_minutes": 10,
        "grid_minutes": 15,
    },
    "video": {"encounter_type": "examination", "mode": Mode.VIDEO, "minutes": 20, "grid_minutes": 20, "notice_minutes": 60, "horizon_days": 30},
    "phone": {"encounter_type": "advice", "mode": Mode.PHONE, "minutes": 15, "grid_minutes": 15, "notice_minutes": 0, "horizon_days": 14},
}
# Who signs in, and their own patient record, if they have one.
USERS = {"ada": "ada", "maya": "maya", "grace": None, "omar": "omar"}
BORN = {"ada": date(1988, 5, 2), "maya": date(1990, 8, 17), "omar": date(1975, 1, 30), "leo": date(2018, 2, 28), "nia": date(2021, 11, 5)}
GUARDIANS = (("maya", "leo"), ("maya", "nia"), ("grace", "leo"))


def key(kind: str, name: str) -> UUID:
    """Return the id of a row, the same in every database."""
    return uuid5(NAMESPACE_OID, f"{kind}/{name}")


@dataclass(frozen=True)
class Clinic:
    """Finds the ids of the rows by name."""

    account_id: UUID

    def facility(self, name: str) -> UUID:
        return key("facility", name)

    def speciality(self, name: str) -> UUID:
        return key("speciality", name)

    def provider(self, name: str) -> UUID:
        return key("provider", name)

    def encounter_type(self, name: str) -> UUID:
        return key("encounter_type", name)

    def option(self, name: str) -> UUID:
        return key("visit_option", name)

    def reason(self, name: str) -> UUID:
        return key("reason", name)

    def patient(self, name: str) -> UUID:
        return key("patient", name)

    def user(self, name: str) -> UUID:
        return key("user", name)

    def link(self, guardian: str, dependant: str) -> UUID:
        return key("guardian_link", f"{guardian}/{dependant}")

    def email(self, name: str) -> str:
        return f"{name}@example.org"

    def actor(self, name: str) -> Actor:
        own = USERS.get(name)
        return Actor(self.user(name), self.account_id, self.patient(own) if own else None)

    def request(self, user: str, patient: str, first_choice: datetime, **changes: Any) -> BookingRequest:  # noqa: ANN401 - any member of the request
        """Return a complete request for a check-up with Dr Chen, changed as wanted."""
        plain = BookingRequest(
            user_id=self.user(user),
            account_id=self.account_id,
            patient_id=self.patient(patient),
            first_choice=first_choice,
            reason="It hurts",
            provider_id=self.provider("chen"),
            speciality_id=self.speciality("family medicine"),
            visit_option_id=self.option("check-up"),
        )
        return replace(plain, **changes)


def build(session: Session) -> Clinic:
    """Put the practice, its people and one patient of another practice into a migrated database; flushes, never commits."""
    names = Clinic(key("account", "riverside"))
    _practice(session, "riverside", names.account_id)
    _catalogue(session, names)
    _providers(session, names)
    _people(session, names)
    _elsewhere(session, names)
    return names


def schedule(names: Clinic, starts_at: datetime, **changes: Any) -> Schedule:  # noqa: ANN401 - any column
    """Return the row of a check-up of Ada's with Dr Chen, changed as wanted; it holds no cells."""
    word = starts_at.isoformat()
    members: dict[str, Any] = {
        "id": key("schedule", word),
        "account_id": names.account_id,
        "reference": key("reference", word).hex[:8].upper(),
        "status": Status.BOOKED,
        "patient_id": names.patient("ada"),
        "user_id": names.user("ada"),
        "provider_id": names.provider("chen"),
        "facility_id": names.facility("harbour"),
        "speciality_id": names.speciality("family medicine"),
        "visit_option_id": names.option("check-up"),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=30),
        "first_choice_given": True,
        "reason": "It hurts",
        "paid_amount": Decimal(0),
        "first_choice_form": "utc",
        "second_choice_form": "utc",
        "fingerprint": key("fingerprint", word).hex * 2,
        "created_at": NOW,
        "modified_at": NOW,
        "modified_by": names.user("ada"),
    }
    return Schedule(**{**members, **changes})


def _practice(session: Session, name: str, account_id: UUID) -> None:
    words = {"key": name, "name": name.title(), "phone": "555 0100", "help_hours": "Mon to Fri, 8 to 6", "emergency": "In an emergency call 911."}
    session.add(clinic.Account(id=account_id, time_zone=ZONES["harbour"], revision=1, **words))
    session.flush()


def _catalogue(session: Session, names: Clinic) -> None:
    account = names.account_id
    for position, (name, zone) in enumerate(ZONES.items()):
        row = {"id": names.facility(name), "name": name.title(), "place": PLACES[name], "address": f"1 {name.title()} Road", "time_zone": zone}
        session.add(clinic.Facility(account_id=account, position=position, **row))
    for position, name in enumerate(SPECIALITIES):
        session.add(clinic.Speciality(id=names.speciality(name), account_id=account, name=name.capitalize(), position=position))
    for position, (name, default) in enumerate(ENCOUNTER_TYPES.items()):
        default_id = names.option(default) if default else None
        row = {"id": names.encounter_type(name), "name": name.capitalize(), "default_visit_option_id": default_id}
        session.add(clinic.EncounterType(account_id=account, position=position, **row))
    for position, name in enumerate(REASONS):
        session.add(clinic.Reason(id=names.reason(name), account_id=account, code=f"R{position + 1}", name=name.capitalize(), position=position))
    session.flush()


def _providers(session: Session, names: Clinic) -> None:
    for position, (name, (facility, _, default)) in enumerate(PROVIDERS.items()):
        row = {"id": names.provider(name), "name": f"Dr {name.title()}", "facility_id": names.facility(facility)}
        session.add(clinic.Provider(account_id=names.account_id, default_visit_option_id=names.option(default), position=position, **row))
    plain: dict[str, Any] = {"fee": Decimal("0.00"), "buffer_before_minutes": 0, "buffer_after_minutes": 0}
    for position, (name, chosen) in enumerate(OPTIONS.items()):
        members = {**plain, **chosen}
        type_id = names.encounter_type(members.pop("encounter_type"))
        session.add(clinic.VisitOption(id=names.option(name), encounter_type_id=type_id, position=position, **members))
    session.flush()
    for name, (_, specialities, _) in PROVIDERS.items():
        provider_id = names.provider(name)
        for position, speciality in enumerate(specialities):
            session.add(clinic.ProviderSpeciality(provider_id=provider_id, speciality_id=names.speciality(speciality), position=position))
        session.add_all(clinic.VisitOptionProvider(visit_option_id=names.option(option), provider_id=provider_id) for option in OPTIONS)
        shifts = [(weekday, *span) for weekday in range(5) for span in HOURS]
        session.add_all(clinic.WorkingHours(provider_id=provider_id, weekday=day, opens_minute=a, closes_minute=z) for day, a, z in shifts)
    session.flush()


def _people(session: Session, names: Clinic) -> None:
    for name, born_on in BORN.items():
        row = {"id": names.patient(name), "given_name": name.title(), "family_name": "Berg", "born_on": born_on, "time_zone": None}
        session.add(people.Patient(account_id=names.account_id, **row))
    session.flush()
    for name, own in USERS.items():
        session.add(_user(names, name, names.account_id, names.patient(own) if own else None))
    session.flush()
    for guardian, dependant in GUARDIANS:
        row = {"id": names.link(guardian, dependant), "user_id": names.user(guardian), "patient_id": names.patient(dependant)}
        span = {"starts_at": LONG_AGO, "ends_at": None}
        session.add(people.GuardianLink(relationship="parent", state=LinkState.ACTIVE, scopes=" ".join(Act), **row, **span))
    session.flush()


def _user(names: Clinic, name: str, account_id: UUID, patient_id: UUID | None) -> people.User:
    row = {"id": names.user(name), "email": names.email(name), "name": f"{name.title()} Berg", "password_hash": PASSWORD_HASH}
    return people.User(account_id=account_id, patient_id=patient_id, language="en", active=True, **row)


def _elsewhere(session: Session, names: Clinic) -> None:
    account_id = key("account", "elsewhere")
    _practice(session, "elsewhere", account_id)
    row = {"id": names.patient("zoe"), "given_name": "Zoe", "family_name": "Far", "born_on": date(1980, 1, 1), "time_zone": None}
    session.add(people.Patient(account_id=account_id, **row))
    session.flush()
    session.add(_user(names, "zoe", account_id, names.patient("zoe")))
    session.flush()
