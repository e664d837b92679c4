"""Chapter 2: all of a booking or nothing, and no more of them than a person makes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from portal.domain.throttle import BOOKED_BY_USER, Limit
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft, Schedule
from tests.api.caller import Caller, key_of, members
from tests.clinic import NOW, Clinic
from tests.stored import everything, rows
from tests.web.client import InspectingClient, engine_of, signed_in
from tests.web.conftest import app, clock, databases
from tests.web.page import Answer
from tests.web.visitor import wish

__all__ = ["app", "clock", "databases"]
ENOUGH = 30
MINUTE = timedelta(minutes=1)


class FaultyClient(InspectingClient):
    """A client that expects faults."""

    faults_expected = True


def _press(app: Flask, clinic: Clinic) -> Callable[[], Answer]:
    person = signed_in(app, clinic, "ada")
    page = person.walk(wish(clinic)).page
    return lambda: person.confirm(page)


def _call(app: Flask, clinic: Clinic) -> Callable[[], Answer]:
    program = Caller(app, key_of(engine_of(app), clinic, "ada", NOW))
    return lambda: program.post(members(clinic))


@pytest.mark.parametrize("door", [_press, _call])
def test_2_3_3_a_booking_that_fails_after_any_statement_stores_nothing(door: Any, app: Flask, clinic: Clinic, engine: Engine) -> None:  # noqa: ANN401 - one of the two above
    app.test_client_class = FaultyClient
    book = door(app, clinic)
    before = everything(engine)
    left: list[int] = []

    def fail(*_call: object) -> None:
        if left[0] == 0:
            raise RuntimeError("a fault after so many statements")
        left[0] -= 1

    event.listen(engine_of(app), "before_cursor_execute", fail)
    statuses = []
    for number in range(ENOUGH):
        left[:] = [number]
        statuses.append(book().status)
        if statuses[-1] != 500:
            break
        assert everything(engine) == before
    event.remove(engine_of(app), "before_cursor_execute", fail)
    assert statuses[-1] in (200, 303)
    assert len(statuses) > 5
    assert len(rows(engine, Schedule)) == 1


def _forget_booking(engine: Engine, clinic: Clinic) -> str:
    """Return the address of the check of a new draft of Ada's at a time of its own."""
    made = len(rows(engine, Draft))
    wanted = clinic.request("ada", "ada", NOW)
    answers = {"speciality_id": wanted.speciality_id, "provider_id": wanted.provider_id, "visit_option_id": clinic.option("phone"), "reason": "x"}
    start = NOW.replace(hour=14) + timedelta(days=1 + made // 8, minutes=15 * (made % 8))
    draft = Draft(id=uuid4(), user_id=clinic.user("ada"), patient_id=clinic.patient("ada"), created_at=NOW, first_choice_at=start, **answers)
    url = f"/booking/{clinic.patient('ada')}/{draft.id}/check"
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(draft)
    return url


def test_2_4_1_more_bookings_in_a_minute_than_a_person_makes_are_told_to_wait(
    app: Flask, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert BOOKED_BY_USER.calls < 50
    monkeypatch.setattr("portal.web.booking.check.BOOKED_BY_USER", Limit(3, MINUTE))
    person = signed_in(app, clinic, "ada")
    answers = [person.confirm(person.page(_forget_booking(engine, clinic))) for _ in range(4)]
    assert [answer.status for answer in answers] == [303, 303, 303, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    assert len(rows(engine, Schedule)) == 3


def test_2_4_1_drafts_are_counted_too(app: Flask, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.web.booking.who.BEGUN_BY_USER", Limit(2, MINUTE))
    person = signed_in(app, clinic, "ada")
    statuses = [person.send(person.page("/booking"), "patient").status for _ in range(3)]
    assert (statuses, len(rows(engine, Draft))) == ([303, 303, 429], 2)
