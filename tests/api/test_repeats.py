"""Calls with an Idempotency-Key: answered once, and the same again; nothing happens twice."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, Executable, delete, update

from portal.domain.repeats import KEPT
from portal.domain.schedule import Status
from portal.storage.calls import Repeat
from portal.storage.core import POOL_SIZE
from portal.storage.engine import begin_write, sessions
from portal.storage.people import ApiKey, GuardianLink, User
from portal.storage.schedule import Occupancy, Schedule
from tests.api.caller import KEY_DAYS, PATH, Caller, key_of, members, told
from tests.clinic import NOW, Clinic
from tests.conftest import ENGINES
from tests.house.source import calls, modules
from tests.serving.running import together
from tests.stored import assert_sound, rows
from tests.web.client import Clock
from tests.web.page import Answer

LATER = "2027-03-03T15:00:00Z"
TOMORROW = "2027-03-04T15:00:00Z"


def keyed(caller: Caller, body: dict[str, Any] | bytes | str, key: str = "one", path: str = PATH, **headers: str) -> Answer:
    return caller.post(body, path, Idempotency_Key=key, **headers)


def plain(answer: Answer) -> tuple[int, str, str | None]:
    return answer.status, answer.body, answer.headers.get("Content-Type")


def is_replayed(answer: Answer) -> bool:
    return answer.headers.get("Idempotent-Replayed") == "true"


@pytest.fixture
def crowded(app: Flask) -> None:
    """Lets requests come at the same time: what the inspecting client asks after each is true of one alone."""
    app.test_client_class = FlaskClient


def cancel_all(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(status=Status.CANCELLED))
        session.execute(delete(Occupancy))


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_same_call_again_gets_the_same_answer(ada: Caller, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    first = keyed(ada, members(clinic))
    clock.passes(hours=23)
    again = keyed(ada, members(clinic))
    assert first.status == 200
    assert plain(first) == plain(again)
    assert (is_replayed(first), is_replayed(again)) == (False, True)
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_answer_is_replayed_whatever_has_become_of_the_schedule(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    first = keyed(ada, members(clinic))
    cancel_all(engine)
    assert plain(keyed(ada, members(clinic))) == plain(first)
    assert len(rows(engine, Schedule)) == 1


def test_an_answer_of_another_media_type_is_replayed_as_it_was(ada: Caller, clinic: Clinic) -> None:
    first, again = keyed(ada, members(clinic), Accept="text/json"), keyed(ada, members(clinic))
    assert plain(again) == plain(first)
    assert again.headers["Content-Type"] == "text/json; charset=utf-8"
    assert is_replayed(again)


@pytest.mark.parametrize("path", [PATH, f"{PATH}_v1", f"{PATH.lower()}/", f"{PATH}?x=1"])
def test_another_way_to_write_the_address_is_the_same_call(path: str, ada: Caller, clinic: Clinic) -> None:
    keyed(ada, members(clinic))
    assert is_replayed(keyed(ada, members(clinic), path=path))


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_key_with_another_body_is_refused(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    keyed(ada, members(clinic))
    answer = keyed(ada, members(clinic, AppointmentOn=LATER))
    assert (answer.status, told(answer)) == (422, {"Message": "This Idempotency-Key was used with another request."})
    assert len(rows(engine, Schedule)) == 1


def test_another_key_with_the_same_body_gets_the_schedule_that_is_there(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answers = [keyed(ada, members(clinic), key) for key in ("one", "two")]
    assert len({told(answer)["ID"] for answer in answers}) == 1
    assert not is_replayed(answers[1])
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\tb", "a\x7fb", "\u00e9"], ids=ascii)
def test_a_malformed_key_is_refused(key: str, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answer = keyed(ada, members(clinic), key)
    assert (answer.status, told(answer)) == (400, {"Message": "The Idempotency-Key header must be 1 to 255 printable ASCII characters."})
    assert rows(engine, Schedule) == []


def test_a_key_of_255_characters_is_taken(ada: Caller, clinic: Clinic) -> None:
    assert [keyed(ada, members(clinic), "x" * 255).status for _ in range(2)] == [200, 200]


def test_who_may_not_call_learns_nothing_by_a_key(ada: Caller, app: Flask, clinic: Clinic) -> None:
    keyed(ada, members(clinic))
    for key in ("one", "", "x" * 256):
        assert keyed(Caller(app, None), members(clinic), key).status == 401


def test_the_same_key_of_another_caller_is_another(ada: Caller, maya: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    keyed(ada, members(clinic))
    assert keyed(maya, members(clinic, "maya", AppointmentOn=LATER)).status == 200
    assert keyed(practice, members(clinic, "omar", AppointmentOn=TOMORROW)).status == 200
    assert len(rows(engine, Schedule)) == 3


def test_a_new_bearer_key_of_the_same_person_finds_the_answer(app: Flask, ada: Caller, clinic: Clinic, engine: Engine) -> None:
    first = keyed(ada, members(clinic))
    rotated = Caller(app, key_of(engine, clinic, "ada", NOW))
    assert plain(keyed(rotated, members(clinic))) == plain(first)


def test_a_refusal_is_not_kept(ada: Caller, practice: Caller, clinic: Clinic, engine: Engine) -> None:
    practice.post(members(clinic, "omar"))
    assert keyed(ada, members(clinic)).status == 409
    assert rows(engine, Repeat) == []
    cancel_all(engine)
    assert keyed(ada, members(clinic)).status == 200


def test_a_body_that_cannot_be_read_keeps_nothing(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    assert [keyed(ada, body).status for body in ("{", "[]", "null")] == [400, 400, 400]
    assert keyed(ada, members(clinic), Content_Type="text/plain").status == 415
    assert rows(engine, Repeat) == []
    assert keyed(ada, members(clinic)).status == 200


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_after_a_day_the_key_is_free(practice: Caller, clinic: Clinic, clock: Clock) -> None:
    first = keyed(practice, members(clinic))
    clock.now = NOW + KEPT
    other = keyed(practice, members(clinic, "omar", AppointmentOn=LATER))
    assert (first.status, other.status, is_replayed(other)) == (200, 200, False)
    assert is_replayed(keyed(practice, members(clinic, "omar", AppointmentOn=LATER)))


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_old_answers_are_removed_by_later_writers(practice: Caller, clinic: Clinic, clock: Clock, engine: Engine) -> None:
    for number in range(3):
        keyed(practice, members(clinic, AppointmentOn=f"2027-03-03T1{5 + number}:00:00Z"), f"old {number}")
    clock.now = NOW + KEPT + timedelta(seconds=1)
    keyed(practice, members(clinic, "omar", AppointmentOn=TOMORROW), "new")
    assert [row["created_at"] for row in rows(engine, Repeat)] == [clock.now]


def test_without_a_key_nothing_is_kept(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answers = [ada.post(members(clinic)) for _ in range(2)]
    assert not any(is_replayed(answer) for answer in answers)
    assert rows(engine, Repeat) == []


def test_a_key_that_has_ended_replays_nothing(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    keyed(ada, members(clinic))
    clock.passes(days=KEY_DAYS)
    assert keyed(ada, members(clinic)).status == 401


def test_who_was_shut_out_is_not_answered_again(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    keyed(ada, members(clinic))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(User).values(active=False))
    assert keyed(ada, members(clinic)).status == 403


def test_a_guardian_is_not_told_again_once_the_link_has_ended_at_noon(app: Flask, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    maya, noon = Caller(app, key_of(engine, clinic, "maya", NOW)), NOW + timedelta(hours=4)
    body = members(clinic, "maya", PatientId=clinic.patient("leo"))
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "leo")).values(ends_at=noon))
    assert keyed(maya, body).status == 200
    clock.now = noon - timedelta(microseconds=1)
    assert (keyed(maya, body).status, is_replayed(keyed(maya, body))) == (200, True)
    clock.now = noon
    assert keyed(maya, body).status == 403


def test_a_key_that_is_revoked_in_that_moment_claims_nothing(
    ada: Caller, clinic: Clinic, engine: Engine, meanwhile: Callable[[Executable], None]
) -> None:
    meanwhile(update(ApiKey).values(revoked_at=NOW))
    assert keyed(ada, members(clinic)).status == 401
    assert rows(engine, Repeat) == []


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.usefixtures("crowded")
def test_all_at_once_get_one_answer(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    answers = together([partial(keyed, ada, members(clinic))] * POOL_SIZE)
    assert len({plain(answer) for answer in answers}) == 1
    assert answers[0].status == 200
    assert [is_replayed(answer) for answer in answers].count(False) == 1
    assert len(rows(engine, Schedule)) == len(rows(engine, Repeat)) == 1
    assert_sound(engine)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.usefixtures("crowded")
def test_of_many_bodies_under_one_key_one_is_booked(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    bodies = [members(clinic, AppointmentOn=f"2027-03-0{2 + place % 4}T1{5 + place // 4}:00:00Z") for place in range(POOL_SIZE)]
    answers = together([partial(keyed, practice, body) for body in bodies])
    statuses = [answer.status for answer in answers]
    assert (statuses.count(200), statuses.count(422)) == (1, POOL_SIZE - 1)
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_request_whose_twin_takes_too_long_is_told_to_come_back(
    ada: Caller, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyed(ada, members(clinic))
    [kept] = rows(engine, Repeat)
    monkeypatch.setattr("portal.storage.repeats._FIND.one", lambda *_: None)
    with sessions(engine)() as session:
        session.execute(update(Repeat).where(Repeat.id == kept["id"]).values(status=kept["status"]))
        answer = keyed(ada, members(clinic))
    assert (answer.status, told(answer)["Code"], answer.headers["Retry-After"]) == (409, "in_flight", "5")
    assert len(rows(engine, Schedule)) == 1


@pytest.mark.parametrize("name", sorted(name for name in modules() if name.startswith("portal.api.")))
def test_every_call_writes_by_the_one_way_that_answers_again(name: str) -> None:
    by_itself = [called for _, called in calls(name) if called in ("context.begin_write", "context.commit")]
    assert by_itself == [] or name in ("portal.api.access", "portal.api.throttle")
