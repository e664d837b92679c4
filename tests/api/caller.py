"""A client program: it holds a bearer key and books by one JSON call."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Flask
from sqlalchemy import Engine

from portal.services import keys
from portal.storage.engine import begin_write, sessions
from tests.clinic import Clinic
from tests.web.page import Answer
from tests.web.visitor import TUESDAY

PATH = "/api/Calendar/PatientAppointmentPost"
KEY_DAYS = 30
Members = Mapping[str, Any]


def key_of(engine: Engine, clinic: Clinic, user: str | None, now: datetime, account_id: UUID | None = None) -> str:
    """Issue a bearer key to a user, or with None to the whole account."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return keys.issue(session, account_id or clinic.account_id, clinic.user(user) if user else None, KEY_DAYS, now)


def members(clinic: Clinic, user: str = "ada", /, **changes: object) -> dict[str, object]:
    """Return the members of a complete request for a check-up of the user's own with Dr Chen, changed as wanted; None leaves one out."""
    plain: dict[str, object] = {
        "UserId": clinic.user(user),
        "AccountId": clinic.account_id,
        "ProviderId": clinic.provider("chen"),
        "SpecialityId": clinic.speciality("family medicine"),
        "EncounterTypeModeDurationId": clinic.option("check-up"),
        "AppointmentOn": TUESDAY,
        "Reason": "It hurts",
    }
    return {name: value for name, value in {**plain, **changes}.items() if value is not None}


@dataclass(frozen=True)
class Caller:
    """A program with a key."""

    app: Flask
    key: str | None

    def post(self, body: Members | bytes | str, path: str = PATH, **headers: str) -> Answer:
        """Send one call; `headers` have underscores for hyphens and take the place of the usual ones."""
        data = json.dumps(body, default=str) if isinstance(body, Mapping) else body
        return self.send("POST", path, data, **{"Content-Type": "application/json", **headers})

    def get(self, path: str, query: Members | str = "", **members: object) -> Answer:
        """Ask one call, with these members in its query; those that are None are left out."""
        asked = {**({} if isinstance(query, str) else query), **members}
        text = query if isinstance(query, str) and not members else urlencode({name: value for name, value in asked.items() if value is not None})
        return self.send("GET", f"{path}?{text}" if text else path, None)

    def send(self, method: str, path: str, data: bytes | str | None, **headers: str) -> Answer:
        """Send a request with the key."""
        usual = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        named = {**usual, **{name.replace("_", "-"): value for name, value in headers.items()}}
        response = self.app.test_client().open(path, method=method, data=data, headers=named)
        return Answer(response.status_code, dict(response.headers), response.get_data(as_text=True))


def told(answer: Answer) -> dict[str, Any]:
    """Return what an answer says."""
    said: dict[str, Any] = json.loads(answer.body)
    return said
