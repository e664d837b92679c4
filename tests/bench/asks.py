"""The requests that are measured, as they go over the wire; what they need in the database is made beforehand."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from sqlalchemy import insert

from portal.storage import drafts
from portal.storage.schedule import Draft
from tests.bench import load
from tests.bench.practice import MINUTES, Practice, Slot
from tests.bench.visitors import FORM, Visitor

JSON = {"Content-Type": "application/json", "Accept": "application/json"}
DAYS_LOOKED_AT = 10
REASON = "A cough since last week"


@dataclass(frozen=True, slots=True)
class Look:
    """A person who looks for a time: who, with a draft that has come to the step of the time."""

    visitor: Visitor
    draft_id: UUID


def looks(practice: Practice, visitors: Sequence[Visitor]) -> list[Look]:
    """Begin a booking for every visitor, with the clinicians in turn."""
    providers = practice.providers
    found = [Look(visitor, uuid4()) for visitor in visitors]
    rows = [_draft(practice, look.draft_id, look.visitor, providers[place % len(providers)].id) for place, look in enumerate(found)]
    with practice.session.begin() as session:
        session.execute(insert(Draft), rows)
    return found


def pages(url: str, looking: Iterable[Look]) -> list[bytes]:
    """Return the requests for the whole time page."""
    return [load.request(_step(url, look.visitor, look.draft_id, "time"), look.visitor.headers) for look in looking]


def fragments(url: str, practice: Practice, looking: Iterable[Look]) -> list[bytes]:
    """Return the requests that a press on each of the first days makes."""
    first, *others = islice(practice.working_days(), DAYS_LOOKED_AT)
    return [_fragment(url, look, first, day) for look in looking for day in (first, *others)]


def _fragment(url: str, look: Look, first: date, day: date) -> bytes:
    address = _step(url, look.visitor, look.draft_id, "time")
    htmx = {"HX-Request": "true", "HX-Target": "times", "HX-Current-URL": address}
    return load.request(f"{address}?{urlencode({'from': first, 'day': day})}", {**look.visitor.headers, **htmx})


def calls(url: str, practice: Practice, slots: Iterable[Slot], minutes: int = MINUTES) -> list[bytes]:
    """Return the JSON calls that book some slots."""
    headers = {**JSON, "Authorization": f"Bearer {practice.key}"}
    option_id = str(practice.option(minutes).id)
    return [load.request(f"{url}/api/Calendar/PatientAppointmentPost", headers, _body(slot, option_id)) for slot in slots]


def _body(slot: Slot, option_id: str) -> bytes:
    person = slot.person
    members: dict[str, Any] = {
        "UserId": str(person.user_id),
        "AccountId": str(person.account_id),
        "PatientId": str(person.own_patient_id),
        "ProviderId": str(slot.provider.id),
        "EncounterTypeModeDurationId": option_id,
        "AppointmentOn": slot.start.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Reason": REASON,
        "Note": None,
        "Reasons": [],
        "PaidAmount": 0,
    }
    return json.dumps(members).encode()


def inserts(url: str, practice: Practice, numbers: Iterable[int]) -> list[bytes]:
    """Return requests of the yardstick, each with a start of its own."""
    providers, people = practice.providers, practice.people
    rows = ((providers[number % len(providers)].id.hex, f"{number:025}", people[number % len(people)].user_id.hex) for number in numbers)
    return [load.request(f"{url}/insert", JSON, _row(*row)) for row in rows]


def _row(provider: str, start: str, patient: str) -> bytes:
    return json.dumps({"provider": provider, "start": start, "patient": patient, "reason": REASON}).encode()


@dataclass(frozen=True, slots=True)
class Checked:
    """A booking that waits for its last press, and what its page showed."""

    visitor: Visitor
    draft_id: UUID
    shown: str


def checked(practice: Practice, visitors: Sequence[Visitor], slots: Iterable[Slot], minutes: int = MINUTES) -> list[Checked]:
    """Bring a draft to the last step for every slot; a slot's person must be one of the visitors."""
    by_actor = {visitor.actor: visitor for visitor in visitors}
    wanted = [(uuid4(), by_actor[slot.person], slot) for slot in slots]
    rows = [_draft(practice, draft_id, visitor, slot.provider.id, minutes) | {"first_choice_at": slot.start} for draft_id, visitor, slot in wanted]
    with practice.session.begin() as session:
        session.execute(insert(Draft), rows)
        found = []
        for draft_id, visitor, _ in wanted:
            facts = drafts.draft(session, draft_id, visitor.actor.user_id, visitor.actor.own_patient_id or draft_id)
            if facts is None:
                raise LookupError(draft_id)
            found.append(Checked(visitor, draft_id, facts[0].version))
    return found


def presses(url: str, waiting: Iterable[Checked]) -> list[bytes]:
    """Return the requests of the last press."""
    return [_press(url, one) for one in waiting]


def _press(url: str, one: Checked) -> bytes:
    address = _step(url, one.visitor, one.draft_id, "check")
    fields = {"csrf_token": one.visitor.token, "patient": str(one.visitor.actor.own_patient_id), "shown": one.shown}
    headers = {**one.visitor.headers, **FORM, "Origin": url, "Referer": address}
    return load.request(address, headers, urlencode(fields).encode())


def _draft(practice: Practice, draft_id: UUID, visitor: Visitor, provider_id: UUID, minutes: int = MINUTES) -> dict[str, Any]:
    person = visitor.actor
    who = {"id": draft_id, "user_id": person.user_id, "patient_id": person.own_patient_id, "created_at": practice.now - timedelta(minutes=1)}
    speciality_id = next(iter(practice.catalogue.specialities))
    return {**who, "speciality_id": speciality_id, "provider_id": provider_id, "visit_option_id": practice.option(minutes).id, "reason": REASON}


def _step(url: str, visitor: Visitor, draft_id: UUID, step: str) -> str:
    return f"{url}/booking/{visitor.actor.own_patient_id}/{draft_id}/{step}"
