"""Programs that repeat themselves, or ask too much, on a real server with several processes."""

from collections import Counter
from datetime import UTC, datetime
from functools import partial

import pytest
import requests
from sqlalchemy import Engine

from portal.domain.keys import KeyText
from portal.domain.throttle import FAILED_BY_ADDRESS
from portal.storage.calls import CallCount, Repeat
from portal.storage.schedule import Schedule
from tests.api.caller import PATH, key_of
from tests.clinic import Clinic
from tests.serving.running import WAIT_SECONDS, Server, open_times, phone_call, serving, spread, together
from tests.stored import assert_sound, rows

ROUNDS = 3
WORKERS = 4
UNKNOWN = str(KeyText("a" * 8, "b" * 43))


def post(server: Server, bearer: str, body: dict[str, str], **headers: str) -> requests.Response:
    named = {"Authorization": f"Bearer {bearer}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    return requests.post(server.base_url + PATH, json=body, headers=named, timeout=WAIT_SECONDS)


def test_twenty_identical_posts_at_once_make_one_schedule_and_equal_answers(database_url: str, engine: Engine, clinic: Clinic) -> None:
    bearer = key_of(engine, clinic, None, datetime.now(UTC))
    with serving(database_url, WORKERS) as server:
        for place, start in enumerate(spread(open_times(), ROUNDS)):
            act = partial(post, server, bearer, phone_call(clinic, "ada", "chen", start), Idempotency_Key=f"round {place}")
            answers = together([act] * 20)
            assert {(answer.status_code, answer.content, answer.headers["Content-Type"]) for answer in answers} == {
                (200, answers[0].content, "application/json; charset=utf-8")
            }
            assert Counter(answer.headers.get("Idempotent-Replayed") for answer in answers) == {None: 1, "true": 19}
    assert len(rows(engine, Schedule)) == len(rows(engine, Repeat)) == ROUNDS
    assert_sound(engine)


@pytest.mark.usefixtures("clinic")
def test_wrong_keys_are_counted_by_all_processes_whatever_address_they_claim(database_url: str, engine: Engine) -> None:
    with serving(database_url, WORKERS) as server:
        acts = [partial(post, server, UNKNOWN, {}, X_Forwarded_For=f"203.0.113.{number}") for number in range(2 * FAILED_BY_ADDRESS.calls)]
        answers = [answer for first in range(0, len(acts), 20) for answer in together(acts[first:][:20])]
    assert Counter(answer.status_code for answer in answers) == {401: FAILED_BY_ADDRESS.calls, 429: FAILED_BY_ADDRESS.calls}
    assert [row["subject"] for row in rows(engine, CallCount)] == ["failed:127.0.0.1"]
