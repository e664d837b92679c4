"""Callers who ask too much: by key and by address, for all processes together."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from portal.api.throttle import EXTENSION
from portal.domain import throttle
from portal.domain.keys import KeyText
from portal.domain.throttle import Limit
from portal.services.throttle import Pack, Packs
from portal.storage.calls import CallCount
from portal.storage.core import POOL_SIZE
from portal.storage.engine import DatabaseBusyError, begin_write, sessions
from portal.storage.people import ApiKey
from portal.storage.schedule import Schedule
from portal.storage.throttle import remove_ended
from tests.api.caller import PATH, Caller, key_of, members, told
from tests.clinic import NOW, Clinic
from tests.conftest import ENGINES
from tests.serving.running import together
from tests.stored import rows
from tests.web.client import Clock, engine_of, running
from tests.web.page import Answer

MINUTE = timedelta(minutes=1)
# Small enough to be met by a test.
STORED_BY_PERSON = Limit(40, MINUTE)
FAILED_BY_ADDRESS = Limit(20, 10 * MINUTE)
UNKNOWN = str(KeyText("a" * 8, "b" * 43))
# Off hours: judged in full, and refused.
SUNDAY = "2027-03-07T15:00:00Z"


def times(count: int) -> list[str]:
    """Return so many starts of a phone call, on the practice's first days."""
    slots = [(day, hour, minute) for day in (2, 3, 4, 5) for hour in (14, 15, 16, 18, 19, 20) for minute in (0, 15, 30, 45)]
    return [datetime(2027, 3, day, hour, minute, tzinfo=UTC).isoformat() for day, hour, minute in slots][:count]


def phone(clinic: Clinic, start: str, user: str = "ada") -> dict[str, object]:
    return members(clinic, user, AppointmentOn=start, EncounterTypeModeDurationId=clinic.option("phone"))


def assert_told_to_wait(answer: Answer, seconds: int) -> None:
    assert (answer.status, answer.headers["Retry-After"]) == (429, str(seconds))
    assert told(answer) == {"Message": f"Too many calls. Call again in {seconds} seconds."}


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the limits of this module those of the portal."""
    monkeypatch.setattr(throttle, "STORED_BY_PERSON", STORED_BY_PERSON)
    monkeypatch.setattr(throttle, "FAILED_BY_ADDRESS", FAILED_BY_ADDRESS)


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Limit:
    """Lets a person's key ask only a few times a minute."""
    limit = Limit(6, MINUTE, pack=2)
    monkeypatch.setattr(throttle, "ASKED_BY_PERSON", limit)
    return limit


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_2_4_1_fifty_bookings_a_minute_by_one_person_are_too_many(ada: Caller, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    most = STORED_BY_PERSON.calls
    clock.passes(seconds=40)
    answers = [ada.post(phone(clinic, start)) for start in times(50)]
    assert [answer.status for answer in answers] == [200] * most + [429] * (50 - most)
    assert_told_to_wait(answers[-1], 60)
    assert len(rows(engine, Schedule)) == most


def test_when_the_time_is_over_the_person_may_book_again(ada: Caller, clinic: Clinic, clock: Clock) -> None:
    starts = times(STORED_BY_PERSON.calls + 2)
    for start in starts[:-2]:
        ada.post(phone(clinic, start))
    clock.passes(seconds=59)
    assert_told_to_wait(ada.post(phone(clinic, starts[-2])), 1)
    clock.passes(seconds=1)
    assert ada.post(phone(clinic, starts[-1])).status == 200


def test_another_key_is_not_held_up(ada: Caller, maya: Caller, clinic: Clinic) -> None:
    for start in times(STORED_BY_PERSON.calls + 1):
        last = ada.post(phone(clinic, start))
    assert last.status == 429
    assert maya.post(phone(clinic, times(50)[-1], "maya")).status == 200


def test_a_practices_own_program_books_for_many(practice: Caller, clinic: Clinic, engine: Engine) -> None:
    assert {practice.post(phone(clinic, start)).status for start in times(50)} == {200}
    assert [row["subject"][:6] for row in rows(engine, CallCount)] == ["asked:", "asked:"]


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_known_idempotency_key_is_never_held_up(ada: Caller, clinic: Clinic) -> None:
    starts = times(STORED_BY_PERSON.calls)
    first = ada.post(phone(clinic, starts[0]), Idempotency_Key="kept")
    for start in starts[1:]:
        ada.post(phone(clinic, start))
    assert ada.post(phone(clinic, times(50)[-1]), Idempotency_Key="new").status == 429
    again = ada.post(phone(clinic, starts[0]), Idempotency_Key="kept")
    assert (again.status, again.body, again.headers["Idempotent-Replayed"]) == (200, first.body, "true")


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_together_they_stay_within_the_limit(app: Flask, ada: Caller, clinic: Clinic, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "STORED_BY_PERSON", Limit(3, MINUTE))
    # What the inspecting client asks after each request is true of one alone.
    app.test_client_class = FlaskClient
    answers = together([partial(ada.post, phone(clinic, start)) for start in times(POOL_SIZE)])
    assert sorted(answer.status for answer in answers) == [200] * 3 + [429] * (POOL_SIZE - 3)
    assert len(rows(engine, Schedule)) == 3


def test_refused_calls_are_counted_apart(ada: Caller, clinic: Clinic, engine: Engine, few: Limit) -> None:
    answers = [ada.post(members(clinic, AppointmentOn=SUNDAY)) for _ in range(few.calls + 2)]
    assert [answer.status for answer in answers] == [400] * few.calls + [429] * 2
    assert_told_to_wait(answers[-1], 60)
    assert [row["subject"] for row in rows(engine, CallCount)] == ["asked:127.0.0.1", f"asked:{rows(engine, ApiKey)[0]['id']}"]


def test_whoever_has_been_refused_too_often_waits_until_the_minute_is_over(ada: Caller, clinic: Clinic, clock: Clock, few: Limit) -> None:
    for _ in range(few.calls + 1):
        ada.post("{")
    assert ada.post(members(clinic)).status == 429
    clock.passes(minutes=1)
    assert ada.post(members(clinic)).status == 200


def test_a_booking_is_not_counted_as_a_refusal(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    ada.post(members(clinic))
    assert [(row["subject"][:7], row["used"]) for row in rows(engine, CallCount)] == [("stored:", 1)]


def test_a_refusal_is_not_counted_as_a_booking(ada: Caller, clinic: Clinic, engine: Engine) -> None:
    ada.post(members(clinic, AppointmentOn=SUNDAY))
    assert {row["subject"].partition(":")[0] for row in rows(engine, CallCount)} == {"asked"}


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_processes_share_the_limit(app: Flask, ada: Caller, clock: Clock, few: Limit) -> None:
    url = str(engine_of(app).url.render_as_string(hide_password=False))
    with running(url, clock) as second:
        callers = [ada, Caller(second, ada.key)]
        answers = [callers[number % 2].post("{").status for number in range(2 * few.calls)]
    assert (answers.count(400), answers.count(429)) == (few.calls, few.calls)


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
@pytest.mark.parametrize("wrong", [UNKNOWN, "nonsense"])
def test_an_address_may_send_so_many_wrong_keys(wrong: str, app: Flask, engine: Engine) -> None:
    most = FAILED_BY_ADDRESS.calls
    answers = [Caller(app, wrong).post("{}", X_Forwarded_For=f"203.0.113.{number}") for number in range(most + 5)]
    assert [answer.status for answer in answers] == [401] * most + [429] * 5
    assert_told_to_wait(answers[-1], 600)
    assert rows(engine, CallCount)[0]["used"] == most


def test_wrong_keys_of_others_lock_nobody_out(app: Flask, ada: Caller, clinic: Clinic) -> None:
    for _ in range(FAILED_BY_ADDRESS.calls + 1):
        last = Caller(app, UNKNOWN).post("{}")
    assert last.status == 429
    assert ada.post(members(clinic)).status == 200


def test_after_ten_minutes_wrong_keys_are_judged_again(app: Flask, clock: Clock) -> None:
    for _ in range(FAILED_BY_ADDRESS.calls + 1):
        Caller(app, UNKNOWN).post("{}")
    clock.passes(minutes=10)
    assert Caller(app, UNKNOWN).post("{}").status == 401


def test_to_send_no_key_is_no_try(app: Flask, engine: Engine) -> None:
    answers = [Caller(app, None).post("{}", Authorization=value) for value in ("", "Basic eDp4", "Bearer ") for _ in range(10)]
    assert {answer.status for answer in answers} == {401}
    assert rows(engine, CallCount) == []


@pytest.mark.parametrize(("proxies", "statuses"), [(0, {401, 429}), (1, {401})])
def test_4_1_3_only_a_proxy_of_ours_says_who_called(proxies: int, statuses: set[int], database_url: str, clinic: Clinic, clock: Clock) -> None:
    del clinic
    with running(database_url, clock, proxies=proxies) as app:
        stranger = Caller(app, UNKNOWN)
        found = {stranger.post("{}", X_Forwarded_For=f"203.0.113.{number}").status for number in range(FAILED_BY_ADDRESS.calls + 5)}
    assert found == statuses


def test_behind_our_proxy_a_forged_address_counts_for_nothing(database_url: str, clinic: Clinic, clock: Clock) -> None:
    del clinic
    with running(database_url, clock, proxies=1) as app:
        headers = [f"203.0.113.{number}, 198.51.100.7" for number in range(FAILED_BY_ADDRESS.calls + 1)]
        assert [Caller(app, UNKNOWN).post("{}", X_Forwarded_For=header).status for header in headers][-1] == 429


def test_when_nothing_can_be_written_refusals_are_still_told(ada: Caller, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_engine: Engine) -> None:
        raise DatabaseBusyError

    monkeypatch.setattr("portal.context.open_writing", busy)
    assert [ada.post("{").status for _ in range(3)] == [400] * 3
    assert rows(engine, CallCount) == []


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_the_use_of_a_key_is_written_once_a_minute(ada: Caller, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    used = []
    for start, seconds in zip(times(4), (0, 59, 1, 30), strict=True):
        clock.passes(seconds=seconds)
        ada.post(phone(clinic, start))
        used.append(rows(engine, ApiKey)[0]["last_used_at"])
    assert used == [NOW, NOW, NOW + MINUTE, NOW + MINUTE]


def test_a_refused_call_is_a_use_of_the_key(ada: Caller, engine: Engine) -> None:
    ada.post("{")
    assert rows(engine, ApiKey)[0]["last_used_at"] == NOW


def test_the_use_of_a_wrong_secret_is_none(app: Flask, ada: Caller, engine: Engine) -> None:
    assert ada.key is not None
    Caller(app, ada.key[:-1]).post("{}")
    assert rows(engine, ApiKey)[0]["last_used_at"] is None


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_counts_that_mean_nothing_any_more_are_removed(ada: Caller, app: Flask, clock: Clock, engine: Engine) -> None:
    for number in range(3):
        Caller(app, UNKNOWN).post("{}", Authorization=f"Bearer {number}")
    clock.passes(minutes=11)
    ada.post("{")
    assert {row["subject"].partition(":")[0] for row in rows(engine, CallCount)} == {"asked"}
    with sessions(engine).begin() as session:
        begin_write(session)
        remove_ended(session, clock.now)
    assert len(rows(engine, CallCount)) == 2


def test_a_process_forgets_packs_that_are_over(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.services.throttle.SUBJECTS_KEPT", 3)
    packs = Packs()
    for number in range(5):
        packs.put(Pack(str(number), 1, NOW + number * MINUTE), NOW + 3 * MINUTE)
    assert packs.peek("4", NOW + 3 * MINUTE) == Pack("4", 1, NOW + 4 * MINUTE)
    assert packs.peek("1", NOW) is None
    assert isinstance(app.extensions[EXTENSION], Packs)


def test_two_packs_of_one_span_add_up(engine: Engine) -> None:
    del engine
    packs, end = Packs(), NOW + MINUTE
    for _ in range(2):
        packs.put(Pack("a", 2, end), NOW)
    assert [packs.take("a", NOW) is not None for _ in range(5)] == [True] * 4 + [False]
    packs.put(Pack("a", 0, end), NOW)
    assert packs.take("a", NOW) == Pack("a", 0, end)


def test_the_address_of_the_call_is_where_it_was(app: Flask, clinic: Clinic, engine: Engine) -> None:
    key = key_of(engine, clinic, None, NOW)
    assert app.test_client().post(PATH, data="{", headers={"Authorization": f"Bearer {key}"}).status_code == 415
    assert {row["subject"] for row in rows(engine, CallCount)} >= {"asked:127.0.0.1"}
