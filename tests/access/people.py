"""Everybody of the access matrix: who plays each kind of caller, and for whom they ask."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, Basis, LinkState
from portal.storage import people
from portal.web.permissions import Caller
from tests.clinic import LONG_AGO, NOW, PASSWORD_HASH, Clinic, key

# Fourteen years old: since the twelfth birthday guardians need an agreement.
KIT_BORN = date(2013, 1, 10)
AGREED_AT = datetime(2026, 6, 1, tzinfo=UTC)
ALL_ACTS = frozenset(Act)


@dataclass(frozen=True)
class Part:
    """Who plays a caller (a user of the clinic's or of these), and about which patient they ask."""

    user: str | None
    patient: str = "ada"


def without(act: Act) -> str:
    """Return the name of the guardian who may do all but this."""
    return f"all-but-{act.value}"


CAST: Mapping[Caller, Part] = {
    Caller.STRANGER: Part(None),
    Caller.SIGNED_OUT: Part("ada"),
    Caller.SHUT_OUT: Part("ines", "ines"),
    Caller.USER_KEY: Part("ada"),
    Caller.ACCOUNT_KEY: Part(None),
    Caller.EXPIRED_KEY: Part("ada"),
    Caller.REVOKED_KEY: Part("ada"),
    Caller.PATIENT: Part("ada"),
    Caller.YOUNG_PERSON: Part("kit", "kit"),
    Caller.GUARDIAN: Part("grace", "leo"),
    Caller.AGREED: Part("gina", "kit"),
    Caller.NOT_AGREED: Part("noel", "kit"),
    Caller.WITHOUT_SCOPE: Part(without(Act.SEE), "leo"),
    Caller.REQUESTED: Part("rosa", "leo"),
    Caller.SUSPENDED: Part("sven", "leo"),
    Caller.ENDED: Part("emil", "leo"),
    Caller.RUN_OUT: Part("rune", "leo"),
    Caller.OTHER_PATIENT: Part("omar"),
    Caller.NEWCOMER: Part("finn"),
    Caller.STAFF: Part("stan"),
    Caller.ELSEWHERE: Part("zoe"),
}
_USERS: Mapping[str, Mapping[str, Any]] = {
    "kit": {"patient": "kit", "born_on": KIT_BORN},
    "ines": {"patient": "ines", "active": False},
    "stan": {"role": "staff"},
    "petra": {"patient": "petra"},
    **{name: {} for name in ("gina", "noel", "rosa", "sven", "emil", "rune", "finn", "dora", "asta", *map(without, Act))},
}
_LINKS: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("gina", "kit"): {"agreed_at": AGREED_AT},
    ("noel", "kit"): {},
    ("rosa", "leo"): {"state": LinkState.REQUESTED},
    ("sven", "leo"): {"state": LinkState.SUSPENDED},
    ("emil", "leo"): {"state": LinkState.ENDED, "ends_at": NOW},
    ("rune", "leo"): {"ends_at": NOW},
    **{(without(act), "leo"): {"scopes": ALL_ACTS - {act}} for act in Act},
    # Those whose links other pages change: a proxy of Ada's, and two guardians whom Kit has agreed to, and has not.
    ("petra", "ada"): {"basis": Basis.CONSENT, "relationship": "friend", "ends_at": NOW + timedelta(days=90)},
    ("dora", "kit"): {"agreed_at": AGREED_AT},
    ("asta", "kit"): {},
}


def part(caller: Caller, act: Act | None) -> Part:
    """Return who plays a caller on a page for this act; each act has its own guardian without it."""
    return Part(without(act), "leo") if caller is Caller.WITHOUT_SCOPE and act else CAST[caller]


def parts() -> Iterator[Part]:
    """Give everybody of the matrix."""
    yield from CAST.values()
    yield from (Part(without(act), "leo") for act in Act)


def add(session: Session, names: Clinic) -> None:
    """Add everybody whom the small practice does not have; flushes, never commits."""
    for name, born_on in {"kit": KIT_BORN, "ines": date(1970, 7, 7), "petra": date(1969, 3, 3)}.items():
        row = {"id": names.patient(name), "given_name": name.title(), "family_name": "Dahl", "born_on": born_on, "time_zone": None}
        session.add(people.Patient(account_id=names.account_id, **row))
    session.flush()
    for name, columns in _USERS.items():
        own = {"patient_id": names.patient(columns["patient"]) if "patient" in columns else None}
        row = {"id": names.user(name), "email": names.email(name), "name": name.title(), "password_hash": PASSWORD_HASH, "language": "en"}
        session.add(people.User(account_id=names.account_id, **row, **own, **{key: value for key, value in columns.items() if key != "patient"}))
    session.flush()
    for (guardian, dependant), columns in _LINKS.items():
        plain = {"state": LinkState.ACTIVE, "scopes": ALL_ACTS, "starts_at": LONG_AGO, "ends_at": None, "relationship": "parent"}
        members = {**plain, **columns}
        row = {"id": key("guardian_link", f"{guardian}/{dependant}"), "user_id": names.user(guardian), "patient_id": names.patient(dependant)}
        session.add(people.GuardianLink(**row, **{**members, "scopes": " ".join(sorted(members["scopes"]))}))
    session.flush()
