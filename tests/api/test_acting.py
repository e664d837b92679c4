"""Who may read, cancel and move an appointment by the call: by key, by user, by a guardian's link."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, Executable, update

from portal.domain.guardianship import Act, LinkState
from portal.domain.schedule import Status
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, GuardianLink, User
from portal.storage.schedule import Schedule
from tests.api.appointments import CANCEL, ELEVEN, FORBIDDEN, LIST, MOVE, ONE, WEDNESDAY, booked, everything, ids
from tests.api.caller import Caller, key_of, told
from tests.clinic import NOW, Clinic, key
from tests.stored import bookings, rows
from tests.web.visitor import TUESDAY


def test_anothers_appointment_looks_like_one_that_is_not_there(app: Flask, ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    theirs, own = booked(practice, clinic, "omar"), booked(ada, clinic, AppointmentOn=WEDNESDAY)
    zoe = Caller(app, key_of(engine, clinic, "zoe", NOW, key("account", "elsewhere")))
    before = bookings(engine)
    assert [everything(ada, theirs), everything(ada, uuid4()), everything(zoe, own)] == [[FORBIDDEN] * 3] * 3
    assert bookings(engine) == before


def test_another_patient_is_refused_whether_they_exist_or_not(ada: Caller, clinic: Clinic) -> None:
    answers = [ada.get(LIST, PatientId=patient) for patient in (clinic.patient("omar"), clinic.patient("leo"), clinic.patient("zoe"), uuid4())]
    assert [(answer.status, told(answer)) for answer in answers] == [FORBIDDEN] * 4


def test_a_key_of_the_account_must_say_for_whom(practice: Caller, ada: Caller, clinic: Clinic) -> None:
    schedule_id = booked(ada, clinic)
    assert everything(practice, schedule_id) == [FORBIDDEN] * 3
    assert practice.get(LIST).status == 403
    assert ids(practice.get(LIST, UserId=clinic.user("ada"))) == [schedule_id]
    assert [status for status, _ in everything(practice, schedule_id, UserId=clinic.user("ada"), AccountId=clinic.account_id)] == [200, 200, 200]


@pytest.mark.parametrize("who", ["another user", "nobody", "a user of another account", "another account"])
def test_a_key_acts_for_nobody_else(who: str, ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(ada, clinic)
    before = bookings(engine)
    named: dict[str, dict[str, object]] = {
        "another user": {"UserId": clinic.user("omar")},
        "nobody": {"UserId": uuid4()},
        "a user of another account": {"UserId": clinic.user("zoe")},
        "another account": {"UserId": clinic.user("ada"), "AccountId": key("account", "elsewhere")},
    }
    for caller in (ada, practice):
        assert [*everything(caller, schedule_id, **named[who])] == [FORBIDDEN] * 3
    assert ada.get(LIST, named[who]).status == 403
    assert bookings(engine) == before


@pytest.mark.parametrize(
    ("acts", "statuses"),
    [
        ((Act.SEE,), [200, 403, 403]),
        ((Act.SEE, Act.BOOK), [200, 200, 403]),
        ((Act.SEE, Act.CANCEL), [200, 403, 200]),
        ((Act.BOOK, Act.CANCEL), [403, 403, 403]),
        (tuple(Act), [200, 200, 200]),
    ],
    ids=str,
)
def test_a_guardian_does_what_the_link_allows(acts: tuple[Act, ...], statuses: list[int], maya: Caller, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).values(scopes=" ".join(acts)))
    assert ids(maya.get(LIST)) == ([schedule_id] if Act.SEE in acts else [])
    assert [status for status, _ in everything(maya, schedule_id)] == statuses


MEANWHILE: dict[str, tuple[Executable, int]] = {
    "the key has been revoked": (update(ApiKey).values(revoked_at=NOW), 401),
    "the user has been shut out": (update(User).values(active=False), 403),
    "the guardian's link has ended": (update(GuardianLink).values(state=LinkState.ENDED), 403),
    "the appointment has been cancelled": (update(Schedule).values(status=Status.CANCELLED), 400),
}


@pytest.mark.parametrize("what", MEANWHILE)
def test_nothing_moves_when_in_that_moment(what: str, maya: Caller, clinic: Clinic, engine: Engine, meanwhile: Callable[[Executable], None]) -> None:
    schedule_id = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    change, status = MEANWHILE[what]
    meanwhile(change)
    assert maya.post({"ID": schedule_id, "AppointmentOn": ELEVEN}, MOVE).status == status
    assert [row["starts_at"] for row in rows(engine, Schedule)] == [datetime.fromisoformat(TUESDAY)]


@pytest.mark.parametrize("path", [LIST, ONE, CANCEL, MOVE])
def test_another_method_is_refused(path: str, ada: Caller) -> None:
    answer = ada.send("PUT", path, "{}", Content_Type="application/json") if path in (LIST, ONE) else ada.get(path)
    assert (answer.status, answer.headers["Allow"]) == (405, "GET" if path in (LIST, ONE) else "POST")
