"""What a demonstration tells: its sign-ins, its bearer keys, a booking by curl, and the facts file for programs."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.demo.people import DEPENDANTS, MAYA, PEOPLE, Person, actor_of, patient_id_of
from portal.demo.seed import open_time
from portal.domain.catalogue import Catalogue
from portal.domain.clinic import Clinic
from portal.domain.keys import DAYS_DEFAULT
from portal.domain.openings import Asked
from portal.services import keys
from portal.storage.catalogue import current_catalogue


@dataclass(frozen=True, slots=True)
class Demo:
    """A filled demonstration: where it answers, what it offers, and each person's bearer key by e-mail address."""

    base_url: str
    clinic: Clinic
    catalogue: Catalogue
    tokens: Mapping[str, str]


def tokens(session: Session, clinic: Clinic, kept: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Return a live bearer key for each person: the kept one while it holds, so that older facts files keep working."""
    return {person.email: _token(session, clinic, person, kept.get(person.email, ""), now) for person in PEOPLE}


def _token(session: Session, clinic: Clinic, person: Person, kept: str, now: datetime) -> str:
    user_id = clinic.id_of("user", person.email)
    found = keys.find(session, kept, now)
    return kept if found and found.user_id == user_id else keys.issue(session, clinic.id, user_id, DAYS_DEFAULT, now)


def demo(session: Session, base_url: str, clinic: Clinic, tokens_by_email: Mapping[str, str]) -> Demo:
    """Return a filled demonstration as it can be told about."""
    return Demo(base_url, clinic, current_catalogue(session, clinic.id), tokens_by_email)


def sign_ins() -> list[str]:
    """Return a line for each person who can sign in."""
    widths = [max(len(text) for text in column) for column in zip(*((person.email, person.password) for person in PEOPLE), strict=True)]
    return [f"{person.email:{widths[0]}}  {person.password:{widths[1]}}  {person.name}, {person.role}" for person in PEOPLE]


def curl_line(session: Session, shown: Demo, now: datetime) -> str:
    """Return a command that books a time which is open now, for the first person, with their bearer key."""
    catalogue = shown.catalogue
    for option in catalogue.visit_options.values():
        for provider in catalogue.providers_of(None, option):
            start = open_time(session, provider, Asked(option, now), patient_id_of(shown.clinic, MAYA.email))
            if start is not None:
                return _curl(shown, provider.id, option.id, start)
    return "every time of the demonstration is booked; start it again with --fresh"


def _curl(shown: Demo, provider_id: UUID, option_id: UUID, start: datetime) -> str:
    actor = actor_of(shown.clinic, MAYA.email)
    body = {
        "UserId": str(actor.user_id),
        "AccountId": str(actor.account_id),
        "PatientId": str(actor.own_patient_id),
        "ProviderId": str(provider_id),
        "EncounterTypeModeDurationId": str(option_id),
        "AppointmentOn": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "Reason": "Booked with curl",
    }
    return (
        f"curl -i {shown.base_url}/api/Calendar/PatientAppointmentPost "
        f"-H 'Authorization: Bearer {shown.tokens[MAYA.email]}' -H 'Content-Type: application/json' -d '{json.dumps(body)}'"
    )


def facts(shown: Demo) -> str:
    """Return the facts file: JSON with every id, password and bearer key that a program needs to try the JSON call."""
    catalogue = shown.catalogue
    told = {
        "account_id": shown.clinic.id,
        "base_url": shown.base_url,
        "users": [_user(shown, person) for person in PEOPLE],
        "facilities": [{"id": one.id, "name": one.name, "time_zone": one.time_zone} for one in catalogue.facilities.values()],
        "specialities": _named(catalogue.specialities.values()),
        "providers": [
            {"id": one.id, "name": one.name, "speciality_ids": one.speciality_ids, "facility_id": one.facility_id}
            for one in catalogue.providers.values()
        ],
        "encounter_types": _named(catalogue.encounter_types.values()),
        "visit_options": [
            {
                "id": one.id,
                "encounter_type_id": one.encounter_type_id,
                "mode": one.mode.name.lower().replace("_", " "),
                "minutes": one.minutes,
                "provider_ids": sorted(one.provider_ids),
            }
            for one in catalogue.visit_options.values()
        ],
        "reasons": _named(catalogue.reasons.values()),
    }
    return json.dumps(told, default=str, indent=2) + "\n"


def _named(elements: Iterable[Any]) -> list[dict[str, Any]]:
    return [{"id": element.id, "name": element.name} for element in elements]


def _user(shown: Demo, person: Person) -> dict[str, Any]:
    actor = actor_of(shown.clinic, person.email)
    return {
        "name": person.name,
        "email": person.email,
        "password": person.password,
        "user_id": actor.user_id,
        "patient_id": actor.own_patient_id,
        "token": shown.tokens[person.email],
        "dependants": [{"patient_id": patient_id_of(shown.clinic, key), "name": DEPENDANTS[key].name} for key in person.dependants],
    }
