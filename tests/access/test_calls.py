"""Every call, by every name and method, for every kind of program: the answer that `portal.api.permissions` says."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.api.door import CALLS, DESCRIPTION
from portal.api.permissions import MATRIX, Answer, Caller, Kind
from portal.domain.guardianship import Act
from portal.storage.engine import begin_write, sessions
from portal.web.permissions import Caller as PageCaller
from tests.access import people
from tests.access.people import Part
from tests.access.scene import Scene, bearer
from tests.api.caller import members
from tests.clinic import schedule
from tests.stored import everything

DENIED = "Authorization has been denied for this request."
# Mondays to Fridays at four hours that are working hours before and after the clocks change: no booking is in the way of another test's.
MONDAY = datetime.fromisoformat("2027-03-08T00:00:00Z")
HOURS = (14, 15, 18.5, 19.5)
# Calls that take a time.
TAKING = ("Calendar/PatientAppointmentPost", "Calendar/PatientAppointmentReschedule")
_places = count()


@dataclass(frozen=True)
class Program:
    """Who plays a caller: in whose name it calls, about which patient, and with which key of the scene."""

    user: str
    patient: str = "ada"
    key: str | None = None
    headers: Callable[[str], list[tuple[str, str]]] = field(default=lambda text: [("Authorization", f"Bearer {text}")])


def _of(caller: PageCaller) -> Program:
    part = people.CAST[caller]
    return Program(str(part.user), part.patient, part.user)


CAST: Mapping[Caller, Program] = {
    Caller.NO_KEY: Program("ada", headers=lambda _: []),
    Caller.BROWSER: Program("ada", headers=lambda _: []),
    Caller.KEY_IN_ADDRESS: Program("ada", key="ada", headers=lambda _: []),
    Caller.TWO_HEADERS: Program("ada", key="ada", headers=lambda text: 2 * [("Authorization", f"Bearer {text}")]),
    Caller.EXPIRED: Program("ada", key="expired"),
    Caller.REVOKED: Program("ada", key="revoked"),
    Caller.SHUT_OUT: _of(PageCaller.SHUT_OUT),
    Caller.USER: _of(PageCaller.PATIENT),
    Caller.YOUNG_PERSON: _of(PageCaller.YOUNG_PERSON),
    Caller.GUARDIAN: _of(PageCaller.GUARDIAN),
    Caller.AGREED: _of(PageCaller.AGREED),
    Caller.NOT_AGREED: _of(PageCaller.NOT_AGREED),
    Caller.WITHOUT_SCOPE: _of(PageCaller.WITHOUT_SCOPE),
    Caller.SUSPENDED: _of(PageCaller.SUSPENDED),
    Caller.ENDED: _of(PageCaller.ENDED),
    Caller.OTHER_USER: _of(PageCaller.OTHER_PATIENT),
    Caller.NEWCOMER: _of(PageCaller.NEWCOMER),
    Caller.STAFF: _of(PageCaller.STAFF),
    Caller.ACCOUNT: Program("ada", key="practice"),
    Caller.ACCOUNT_FOR_OTHER: Program("omar", key="practice"),
    Caller.OTHER_ACCOUNT: Program("ada", key="other practice"),
}


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix; `path` is one of the call's names."""

    method: str
    path: str
    act: Act | None
    kind: Kind
    caller: Caller

    @property
    def expected(self) -> Answer:
        return MATRIX[self.caller][self.kind]

    @property
    def program(self) -> Program:
        if self.caller is Caller.WITHOUT_SCOPE and self.act:
            return Program(people.without(self.act), "leo", people.without(self.act))
        return CAST[self.caller]

    def __str__(self) -> str:
        return f"{self.method} {self.path}-{self.kind}-{self.caller}"


def _cells() -> Iterator[Cell]:
    for call in (*CALLS, DESCRIPTION):
        kind = call.permission.kind
        for path in (call.path, *call.aliases):
            for method in call.methods:
                for one in (kind, Kind.PRIVATE_SCHEDULE) if kind is Kind.SCHEDULE else (kind,):
                    yield from (Cell(method, path, call.permission.act, one, caller) for caller in Caller)


CELLS = list(_cells())
REFUSED = [cell for cell in CELLS if cell.expected is not Answer.LET_IN]


def next_start() -> datetime:
    """Return a start that no test has had."""
    day, hour = divmod(next(_places), len(HOURS))
    return MONDAY + timedelta(days=day // 5 * 7 + day % 5, hours=HOURS[hour])


def appointment(scene: Scene, program: Program, *, private: bool) -> UUID:
    """Book for the program's patient, by whatever way, and return the id of it."""
    row = schedule(scene.clinic, MONDAY, id=uuid4(), reference=uuid4().hex[:8].upper(), private=private)
    row.patient_id, row.user_id = scene.clinic.patient(program.patient), scene.clinic.user(program.user)
    made = row.id
    with sessions(scene.engine).begin() as session:
        begin_write(session)
        session.add(row)
    return made


def _members(scene: Scene, cell: Cell, schedule_id: UUID) -> dict[str, dict[str, Any]]:
    """Return what each call is asked with, by its path; a call that is not here has no test."""
    program = cell.program
    start = next_start() if cell.expected is Answer.LET_IN and cell.path.startswith(TAKING) else MONDAY
    who = {"UserId": scene.clinic.user(program.user), "AccountId": scene.clinic.account_id}
    by, patient = {"ModifiedBy": who["UserId"], "AccountId": who["AccountId"]}, {"PatientId": scene.clinic.patient(program.patient)}
    booking = members(scene.clinic, program.user, **patient, AppointmentOn=start.isoformat())
    form = {"CustomFormId": uuid4(), "RecordId": schedule_id, "ModuleId": 1, "RecordTypeId": 1, **patient, **by}
    payment = {"AppointmentId": schedule_id, "Currency": "USD", "Status": "succeeded", "Type": "card", "Amount": "1.00", **by}
    whom = {"ProviderId": scene.clinic.provider("chen"), "SpecialityId": scene.clinic.speciality("family medicine")}
    offer = {**whom, "EncounterTypeModeDurationId": scene.clinic.option("check-up"), "From": "2027-03-02", "To": "2027-03-03"}
    return {
        **{f"Calendar/PatientAppointmentPost{version}": dict(booking) for version in ("", "_v1", "_v2")},
        "Calendar/PatientAppointments": {**who, **patient},
        "Calendar/PatientAppointment": {**who, "ID": schedule_id},
        "Calendar/PatientAppointmentCancel": {**who, "ID": schedule_id},
        "Calendar/PatientAppointmentReschedule": {**who, "ID": schedule_id, "AppointmentOn": start.isoformat()},
        "Calendar/BookingOptions": {},
        "Calendar/AvailableTimes": {**offer, **patient},
        "CustomForm": form,
        "Payment": payment,
        "openapi.json": {},
    }


def send(scene: Scene, cell: Cell, asked: Mapping[str, Any]) -> TestResponse:
    program = cell.program
    client = browser(scene) if cell.caller is Caller.BROWSER else scene.app.test_client()
    address = f"/api/{cell.path}"
    text = bearer(program.key) if program.key else ""
    query = {"access_token": text} if cell.caller is Caller.KEY_IN_ADDRESS else {}
    headers = program.headers(text)
    if cell.method == "GET":
        return client.get(address, query_string={**{name: str(value) for name, value in asked.items()}, **query}, headers=headers)
    body = json.dumps(asked, default=str)
    return client.open(address, method=cell.method, query_string=query, data=body, content_type="application/json", headers=headers)


def browser(scene: Scene) -> FlaskClient:
    return scene.client(PageCaller.PATIENT, Part("ada"))


def test_8_1_1_every_kind_of_call_has_an_answer_for_every_program() -> None:
    assert set(MATRIX) == set(CAST) == set(Caller)
    assert all(set(row) == set(Kind) for row in MATRIX.values())


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.expected is Answer.LET_IN], ids=str)
def test_8_2_1_who_may_call_is_answered(cell: Cell, scene: Scene) -> None:
    schedule_id = appointment(scene, cell.program, private=cell.kind is Kind.PRIVATE_SCHEDULE)
    response = send(scene, cell, _members(scene, cell, schedule_id)[cell.path])
    assert response.status_code == cell.expected, response.get_data(as_text=True)


@pytest.mark.parametrize("cell", REFUSED, ids=str)
def test_8_2_1_past_4_26_what_is_refused_stores_nothing_and_looks_like_what_is_unknown(cell: Cell, scene: Scene) -> None:
    schedule_id = appointment(scene, cell.program, private=cell.kind is Kind.PRIVATE_SCHEDULE)
    asked = _members(scene, cell, schedule_id)[cell.path]
    personal = ("ID", "RecordId", "AppointmentId", "PatientId")
    before = everything(scene.engine, besides=("user_session",))
    theirs = send(scene, cell, asked)
    nobodys = send(scene, cell, {name: uuid4() if name in personal else value for name, value in asked.items()})
    assert (theirs.status_code, theirs.json) == (nobodys.status_code, nobodys.json) == (cell.expected, {"Message": DENIED})
    assert everything(scene.engine, besides=("user_session",)) == before
