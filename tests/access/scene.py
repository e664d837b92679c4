"""The scene of the access matrix: a practice with everybody of it, and what each of them has; one scene serves many tests."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid4

from flask import Flask
from flask import session as cookie
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.domain.keys import KeyText
from portal.services import sign_in
from portal.services.mailed_links import Purpose
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, UserSession
from portal.storage.proofs import Passkey, Proof
from portal.storage.schedule import Draft
from portal.storage.waiting import Offer, Waiting
from portal.web.permissions import Caller
from tests.access import people
from tests.access.people import Part
from tests.clinic import NOW, Clinic, build, key, schedule
from tests.databases import Databases
from tests.web.client import Clock, engine_of, running
from tests.web.visitor import TUESDAY

CSRF = "csrf_token"
Ids = dict[str, Any]
# The links that patients change, by the last word of the page's name; any other page is about the guardian's own.
LINKS: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(("end", "narrow", "renew"), ("petra", "ada")),
    "agree": ("asta", "kit"),
    "disagree": ("dora", "kit"),
}
# What the mail to Omar carries in which Petra offers that he acts for her.
OFFERED = "an-offer-to-omar"
START = datetime.fromisoformat(TUESDAY)
# Pages of a draft that has become an appointment.
BOOKED = ("booking.booked",)
# Keys by name: of each user of the cast, and these. The name is that of the user whose key it is, None for one of the account's.
OTHER_KEYS: Mapping[str, tuple[str | None, str, Mapping[str, datetime]]] = {
    "practice": (None, "riverside", {}),
    "other practice": (None, "elsewhere", {}),
    "expired": ("ada", "riverside", {"expires_at": NOW}),
    "revoked": ("ada", "riverside", {"revoked_at": NOW}),
}
PROGRAMS = {Caller.USER_KEY: "ada", Caller.ACCOUNT_KEY: "practice", Caller.EXPIRED_KEY: "expired", Caller.REVOKED_KEY: "revoked"}


def bearer(name: str) -> str:
    """Return the text of a key of the scene."""
    return str(_key(name))


def _key(name: str) -> KeyText:
    return KeyText(key("key", name).hex[:8], (2 * key("secret", name).hex)[:43])


@dataclass(frozen=True)
class Scene:
    """The portal, its database and its people; `token` goes with the secret that every browser of the scene has in its cookie."""

    app: Flask
    engine: Engine
    clinic: Clinic
    secret: str
    token: str

    def ids(self, part: Part, endpoint: str, *, private: bool = False) -> Ids:
        """Return the ids of an address that would be this person's own, were they allowed to have it."""
        draft = "booked draft" if endpoint in BOOKED else "draft"
        return {
            "patient_id": self.clinic.patient(part.patient),
            "draft_id": key(draft, f"{part.user}/{part.patient}"),
            "schedule_id": key("private schedule" if private else "schedule", part.patient),
            "link_id": self.clinic.link(*LINKS.get(endpoint.rpartition("_")[2].rpartition(".")[2], (part.user or "nobody", part.patient))),
            "token": OFFERED,
            "offer_id": key("offer", f"{part.user}/{part.patient}"),
        }

    def own(self, part: Part) -> dict[str, str]:
        """Return the names by which forms and queries carry ids of what a user has, each with this user's."""
        names = {"passkey": "passkey", "session": "session"}
        own = {name: str(key(one, part.user or "nobody")) for name, one in names.items()}
        return {"key": _key(part.user or "practice").id, "entry": str(key("waiting", f"{part.user}/{part.patient}")), **own}

    def fields(self, part: Part) -> dict[str, str]:
        """Return the names by which forms and queries carry ids of people's things, each with what this person has or asks for."""
        return {
            **self.own(part),
            "patient": str(self.clinic.patient(part.patient)),
            "person": str(self.clinic.patient(part.patient)),
            "schedule": str(key("schedule", part.patient)),
            "draft": str(key("draft", f"{part.user}/{part.patient}")),
            "user": str(self.clinic.user(part.user or "ada")),
            "account": str(self.clinic.account_id),
        }

    def client(self, caller: Caller, part: Part) -> FlaskClient:
        """Return the browser, or the program, of a caller."""
        client = self.app.test_client()
        carried = {CSRF: self.secret}
        if caller in PROGRAMS:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {bearer(PROGRAMS[caller])}"
        elif part.user is not None:
            carried["_user_id"] = self.sign_in(part.user, ended=caller is Caller.SIGNED_OUT)
        with client.session_transaction() as session:
            session.update(carried)
        return client

    def sign_in(self, user: str, *, ended: bool = False) -> str:
        """Start a browser session for a user and return its token."""
        with sessions(self.engine).begin() as session:
            begin_write(session)
            # no member of the staff gets further without a second factor
            level = 2 if user == "stan" else 1
            token = sign_in.start_session(session, sign_in.Verified(self.clinic.user(user), None, level), "a browser", NOW)
            if ended:
                sign_in.end_session(session, token, NOW)
        return token

    def ask(self, client: FlaskClient, method: str, url: str, fields: Mapping[str, str], **headers: str) -> TestResponse:
        """Send a form with a good token, or open an address with these names in its query."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if method == "GET":
            return client.get(url, query_string=dict(fields), headers=named)
        return client.post(url, data={CSRF: self.token, **fields}, headers=named)


@contextmanager
def scene(databases: Databases) -> Iterator[Scene]:
    """Give the scene on a database of its own."""
    url = databases.migrated()
    # by a name, since numbers have no passkeys
    with running(url, Clock(), public_url="http://localhost") as app:
        app.test_client_class = FlaskClient
        engine = engine_of(app)
        with sessions(engine).begin() as session:
            begin_write(session)
            clinic = build(session)
            people.add(session, clinic)
            _add_things(session, clinic)
            _add_keys(session, clinic)
            _add_offer(session, clinic)
        with app.test_request_context():
            token = generate_csrf()
            secret = cookie[CSRF]
        yield Scene(app, engine, clinic, secret, token)
    databases.drop(url)


def unknown(ids: Mapping[str, UUID]) -> Ids:
    """Return ids that nothing has, in place of these."""
    return {name: uuid4() for name in ids}


def _add_things(session: Session, clinic: Clinic) -> None:
    """Add an appointment and a private one for every patient, and two drafts for everybody who asks: one open, one that was booked."""
    parts = {(part.user, part.patient): part for part in people.parts() if part.user}
    for place, patient in enumerate(sorted({part.patient for part in parts.values()})):
        whose = {"patient_id": clinic.patient(patient), "user_id": clinic.user(patient if patient != "leo" else "maya")}
        session.add(schedule(clinic, START + timedelta(days=place), id=key("schedule", patient), **whose))
        session.add(schedule(clinic, START + timedelta(days=place, hours=1), id=key("private schedule", patient), private=True, **whose))
    session.flush()
    wish = clinic.request("ada", "ada", START)
    answers = {"speciality_id": wish.speciality_id, "provider_id": wish.provider_id, "visit_option_id": wish.visit_option_id, "reason": "It hurts"}
    for user, patient in parts:
        whose = {"user_id": clinic.user(str(user)), "patient_id": clinic.patient(patient)}
        members: dict[str, Any] = {**whose, **answers, "created_at": NOW, "first_choice_at": START}
        session.add(Draft(id=key("draft", f"{user}/{patient}"), **members))
        session.add(_waiting(user, patient, members))
        session.add(Draft(id=key("booked draft", f"{user}/{patient}"), schedule_id=key("schedule", patient), **members))
    session.flush()
    for user, patient in parts:
        name = f"{user}/{patient}"
        made = {"provider_id": wish.provider_id, "starts_at": START, "offered_at": NOW, "expires_at": NOW + timedelta(hours=2), "state": "open"}
        session.add(Offer(id=key("offer", name), waiting_id=key("waiting", name), draft_id=key("draft", name), **made))
    session.flush()


def _waiting(user: str | None, patient: str, answers: Mapping[str, Any]) -> Waiting:
    """Return an entry of the wait list with the answers of a draft."""
    kept = {name: value for name, value in answers.items() if name != "first_choice_at"}
    return Waiting(id=key("waiting", f"{user}/{patient}"), state="offered", from_on=START.date(), **kept)


def _add_offer(session: Session, clinic: Clinic) -> None:
    facts = {"patient_id": str(clinic.patient("petra")), "relationship": "friend", "scopes": "see book", "until": "2027-06-01"}
    times = {"created_at": NOW, "expires_at": NOW + timedelta(days=1), "spent_at": None}
    who = {"account_id": clinic.account_id, "user_id": clinic.user("petra"), "email": clinic.email("omar")}
    session.add(Proof(token_hash=sha256(OFFERED.encode()).hexdigest(), kind=Purpose.PROXY.value, **who, facts=json.dumps(facts), **times))
    session.flush()


def _add_keys(session: Session, clinic: Clinic) -> None:
    users = {part.user for part in people.parts() if part.user}
    own = {user: (user, "elsewhere" if user == "zoe" else "riverside", dict[str, datetime]()) for user in users}
    passkey = {"public_key": b"", "sign_count": 0, "name": "Phone", "created_at": NOW}
    session.add_all(Passkey(id=key("passkey", user), user_id=clinic.user(user), credential_id=key("passkey", user).hex, **passkey) for user in users)
    seen = {"created_at": NOW, "seen_at": NOW, "device": "another browser"}
    session.add_all(
        UserSession(token_hash=key("session", user).hex * 2, id=key("session", user), user_id=clinic.user(user), **seen) for user in users
    )
    for name, (user, account, changes) in {**own, **OTHER_KEYS}.items():
        text = _key(name)
        row = {"id": text.id, "secret_hash": text.digest, "user_id": clinic.user(user) if user else None, "account_id": key("account", account)}
        session.add(ApiKey(**row, **{"created_at": NOW - timedelta(days=30), "expires_at": NOW + timedelta(days=30), **changes}))
    session.flush()
