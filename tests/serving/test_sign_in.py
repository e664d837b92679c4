"""Tries at passwords, counted by four processes together; and events, written once each."""

import json
from functools import partial

import pytest
import requests
from sqlalchemy import Engine, delete

from portal.storage.calls import CallCount
from portal.storage.engine import begin_write, sessions
from tests.clinic import Clinic
from tests.serving.running import WAIT_SECONDS, Server, serving, together
from tests.web.page import Page

WORKERS = 4
TRIES = 32


def attempt(server: Server, email: str, number: int) -> int:
    """Try a wrong password with an empty browser, from what it says is an address of its own; return the status."""
    browser = requests.Session()
    browser.headers["X-Forwarded-For"] = f"203.0.113.{number}"
    page = Page(browser.get(f"{server.base_url}/sign-in", timeout=WAIT_SECONDS).text)
    fields = page.form_with("email").filled({"email": email, "password": "wrong"})
    return browser.post(f"{server.base_url}/sign-in", data=fields, timeout=WAIT_SECONDS).status_code


def events(server: Server, kind: str) -> list[dict[str, str]]:
    lines = [json.loads(line) for line in server.said if line.startswith("{")]
    return [line for line in lines if line["event"] == kind]


@pytest.mark.parametrize("databases", ["sqlite", "postgresql"], indirect=True)
def test_6_3_1_four_processes_together_let_no_more_through_than_one(database_url: str, engine: Engine, clinic: Clinic) -> None:
    with serving(database_url, workers=WORKERS) as server:
        one = together([partial(attempt, server, clinic.email("ada"), number) for number in range(TRIES // 2)])
        with sessions(engine).begin() as session:
            begin_write(session)
            session.execute(delete(CallCount))
        many = together([partial(attempt, server, f"person-{number}@example.org", number) for number in range(TRIES)])
    looked_at = [statuses.count(422) for statuses in (one, many)]
    assert 1 <= looked_at[0] <= 8
    assert 1 <= looked_at[1] <= 20
    assert set(one) | set(many) <= {422, 429, 503}
    failed = events(server, "sign_in_failed")
    assert len(failed) == sum(looked_at)
    assert {line["address"] for line in failed} == {"127.0.0.1"}
