"""Reading booked appointments by the call: one, or a list in parts."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from portal.api.appointments import TAKE_MAX
from portal.api.schedule import MEMBERS
from portal.storage.engine import begin_write, sessions
from tests.api.appointments import CANCEL, ELEVEN, LIST, ON_BOTH, ONE, WEDNESDAY, booked, ids, refused
from tests.api.caller import Caller, members, told
from tests.clinic import NOW, Clinic, schedule
from tests.web.client import Clock
from tests.web.visitor import TUESDAY


def fill(engine: Engine, clinic: Clinic, count: int, **columns: object) -> None:
    """Store so many appointments of Ada's, an hour after each other."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add_all(schedule(clinic, NOW + timedelta(hours=number), **columns) for number in range(count))


@ON_BOTH
def test_what_was_booked_is_listed_and_read_as_it_was_answered(ada: Caller, clinic: Clinic) -> None:
    answers = [told(ada.post(members(clinic, AppointmentOn=start))) for start in (WEDNESDAY, TUESDAY)]
    assert tuple(answers[0]) == MEMBERS
    listed: Any = told(ada.get(LIST))
    assert listed == answers[::-1]
    assert [told(ada.get(ONE, ID=answer["ID"])) for answer in answers] == answers


def test_nothing_booked_is_an_empty_list(ada: Caller) -> None:
    assert ada.get(LIST).body == "[]"


def test_cancelled_and_past_ones_are_listed_too(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    past, off = booked(ada, clinic), booked(ada, clinic, AppointmentOn=WEDNESDAY)
    ada.post({"ID": off}, CANCEL)
    clock.passes(days=7)
    assert ids(ada.get(LIST)) == [past, off]
    assert [told(ada.get(ONE, ID=one))["StatusName"] for one in (past, off)] == ["Booked", "Cancelled"]


def test_a_guardian_sees_all_who_are_theirs_or_the_one_who_is_named(maya: Caller, ada: Caller, clinic: Clinic) -> None:
    leo = booked(maya, clinic, "maya", PatientId=clinic.patient("leo"))
    own = booked(maya, clinic, "maya", AppointmentOn=ELEVEN)
    booked(ada, clinic, AppointmentOn=WEDNESDAY)
    assert ids(maya.get(LIST)) == [leo, own]
    assert ids(maya.get(LIST, PatientId=clinic.patient("leo"))) == [leo]
    assert ids(maya.get(LIST, PatientId=clinic.patient("nia"))) == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"From": "2027-03-01T10:00:00Z"}, [2, 3, 4]),
        ({"To": "2027-03-01T10:00:00Z"}, [0, 1]),
        ({"From": "2027-03-01T04:00:00", "To": "2027-03-01T06:00:00"}, [1, 2]),
        ({"From": "2027-03-01T14:30:00+05:30", "To": "2027-03-01T11:00:00Z"}, [1, 2]),
        ({"From": "2027-03-02"}, []),
        ({"From": "2027-03-01", "To": "2027-03-02"}, [0, 1, 2, 3, 4]),
        ({"From": "2027-03-02", "To": "2027-03-01"}, []),
        ({"From": "0001-01-01T00:00:00+14:00", "To": "9999-12-31T23:59:59-14:00"}, [0, 1, 2, 3, 4]),
        ({"Take": 2}, [0, 1]),
        ({"Skip": 2, "Take": 2}, [2, 3]),
        ({"Skip": 4, "Take": TAKE_MAX}, [4]),
        ({"Skip": 2**31 - 1}, []),
        ({"from": "2027-03-01T10:00:00Z", "take": "1"}, [2]),
    ],
    ids=str,
)
@ON_BOTH
def test_a_part_of_the_list_can_be_asked_for(query: dict[str, object], expected: list[int], ada: Caller, clinic: Clinic, engine: Engine) -> None:
    fill(engine, clinic, 5)
    whole = ids(ada.get(LIST))
    assert ids(ada.get(LIST, query)) == [whole[place] for place in expected]


def test_a_list_is_never_longer_than_it_may_be(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    fill(engine, clinic, TAKE_MAX + 1)
    assert (len(ids(ada.get(LIST))), len(ids(ada.get(LIST, Skip=TAKE_MAX)))) == (TAKE_MAX, 1)


@pytest.mark.parametrize(
    ("query", "state"),
    [
        ({"Take": 0}, {"query.Take": ["The field Take must be between 1 and 200."]}),
        ({"Take": TAKE_MAX + 1}, {"query.Take": ["The field Take must be between 1 and 200."]}),
        ({"Skip": -1}, {"query.Skip": ["The field Skip must be 0 or more."]}),
        ({"From": "soon"}, {"query.From": ["The value 'soon' is not valid for From."]}),
        ({"PatientId": "me"}, {"query.PatientId": ["The value 'me' is not valid for PatientId."]}),
    ],
    ids=str,
)
def test_a_query_that_cannot_be_is_refused(query: dict[str, object], state: dict[str, list[str]], ada: Caller) -> None:
    assert refused(ada.get(LIST, query)) == (400, state)


@pytest.mark.parametrize("query", [{}, {"ID": ""}, {"ID": "x"}], ids=str)
def test_to_read_one_its_id_is_needed(query: dict[str, object], ada: Caller) -> None:
    status, state = refused(ada.get(ONE, query))
    assert (status, "query.ID" in state) == (400, True)
