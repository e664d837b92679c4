"""Many people want one time at the same moment, through both doors of a real server with several processes."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import Engine

from portal.domain.booking import Code, Field, Problem
from portal.services import booking
from portal.services.booking import Booked, Refused
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Schedule
from tests.api.caller import key_of
from tests.clinic import NOW, Clinic
from tests.serving.running import Server, crowd, open_times, phone_call, serving, spread, together, written
from tests.stored import assert_sound, rows
from tests.web.page import Page
from tests.web.visitor import TUESDAY, Visitor, Wish, wish

ROUNDS = 3
EACH_DOOR = 10


def judged_page(visitor: Visitor, page: Page, wanted: Wish) -> str:
    """Choose the time, which holds it, and press the last button; return what came of it, once each answer has proved honest."""
    answer = visitor.send(page, "first_choice", **wanted.answers("time"))
    if answer.status == 303:
        answer = visitor.confirm(visitor.page(answer.location))
    if answer.status == 422:
        assert answer.page.problems == ["This time has just been taken"]
        return "refused"
    assert (answer.status, answer.location.endswith("/booked")) == (303, True)
    return "booked"


def judged_call(server: Server, bearer: str, body: dict[str, str]) -> str:
    """Send the call; return what came of it, once the answer has proved honest."""
    answer = server.post(bearer, body)
    if answer.status_code == 409:
        assert answer.json()["Code"] == "time_taken"
        return "refused"
    assert (answer.status_code, answer.json()["AppointmentOnUTC"]) == (200, body["AppointmentOn"])
    return "booked"


def test_2_3_4_and_past_24_of_twenty_at_both_doors_one_gets_the_time(database_url: str, engine: Engine, clinic: Clinic) -> None:
    names = crowd(engine, 2 * EACH_DOOR)
    bearer = key_of(engine, clinic, None, datetime.now(UTC))
    with serving(database_url) as server:
        visitors = {name: server.visitor() for name in names[:EACH_DOOR]}
        assert {visitor.sign_in(f"{name}@example.org").status for name, visitor in visitors.items()} == {303}
        for start in spread(open_times(), ROUNDS):
            asked = {"visit_option": str(clinic.option("phone")), "first_choice": written(start)}
            wishes = {name: wish(clinic, name, **asked) for name in visitors}
            pages = [(visitor, visitor.walk(wishes[name], until="time").page, wishes[name]) for name, visitor in visitors.items()]
            calls = [phone_call(clinic, name, "chen", start) for name in names[EACH_DOOR:]]
            acts = [partial(judged_page, *page) for page in pages] + [partial(judged_call, server, bearer, call) for call in calls]
            assert Counter(together(acts)) == {"booked": 1, "refused": 2 * EACH_DOOR - 1}
            assert [row["starts_at"] for row in rows(engine, Schedule)].count(start) == 1
    assert len(rows(engine, Schedule)) == ROUNDS
    assert_sound(engine)


def test_one_request_sent_twenty_times_at_once_books_once(database_url: str, engine: Engine, clinic: Clinic) -> None:
    bearer = key_of(engine, clinic, None, datetime.now(UTC))
    with serving(database_url) as server:
        for start in spread(open_times(), ROUNDS):
            answers = together([partial(server.post, bearer, phone_call(clinic, "ada", "chen", start))] * 20)
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["ID"] for answer in answers}) == 1
    assert len(rows(engine, Schedule)) == ROUNDS
    assert_sound(engine)


def test_visits_of_different_lengths_at_overlapping_times_never_overlap(database_url: str, engine: Engine, clinic: Clinic) -> None:
    names = crowd(engine, 16)
    bearer = key_of(engine, clinic, None, datetime.now(UTC))
    long = {"EncounterTypeModeDurationId": str(clinic.option("check-up"))}
    with serving(database_url) as server:
        calls = [phone_call(clinic, name, "chen", open_times()[place % 4]) | (long if place % 2 else {}) for place, name in enumerate(names)]
        outcomes = together([partial(judged_call, server, bearer, call) for call in calls])
    assert 1 <= outcomes.count("booked") == len(rows(engine, Schedule)) <= 4
    assert_sound(engine)


@pytest.mark.parametrize("patients", [("ada", "omar"), ("ada", "ada")], ids=["two patients", "one patient twice"])
def test_two_sessions_want_one_time_and_one_is_told(patients: tuple[str, str], engine: Engine, clinic: Clinic) -> None:
    start = datetime.fromisoformat(TUESDAY)

    def book(name: str, reason: str) -> Booked | Refused | booking.Forbidden:
        with sessions(engine).begin() as session:
            begin_write(session)
            return booking.book(session, clinic.actor(name), clinic.request(name, name, start, reason=reason), NOW)

    outcomes = together([partial(book, name, f"reason {place}") for place, name in enumerate(patients)])
    [refused] = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    expected = Code.PATIENT_BUSY if patients[0] == patients[1] else Code.TIME_TAKEN
    assert refused.problems == (Problem(Field.FIRST_CHOICE, expected),)
    assert len(rows(engine, Schedule)) == 1
    assert_sound(engine)
