"""The whole server is killed in the middle of a storm of bookings, several times over."""

import json
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime

import requests
from sqlalchemy import Engine, text

from portal.storage.schedule import Schedule
from tests.api.caller import key_of
from tests.clinic import Clinic
from tests.serving.running import WAIT_SECONDS, Server, crowd, open_times, phone_call, serving
from tests.stored import assert_sound, rows

CLIENTS = 8
KILLS = 3
ACKNOWLEDGED_A_ROUND = 30


@dataclass
class Storm:
    """Clients that each book one time after another, and what they were told."""

    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    unknown: list[dict[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)

    def book(self, server: Server, bearer: str, bodies: list[dict[str, str]]) -> None:
        """Take the times one by one until the server is gone."""
        while bodies:
            body = bodies.pop()
            try:
                answer = server.post(bearer, body)
                told = answer.json()
            except (requests.RequestException, json.JSONDecodeError):
                self.unknown.append(body)
                return
            if answer.status_code == 200:
                self.acknowledged[told["ID"]] = body
            else:
                self.refused.append(answer.text)
            if len(self.acknowledged) % ACKNOWLEDGED_A_ROUND == 0:
                self.enough.set()


def test_what_was_acknowledged_before_a_kill_is_there_and_once(database_url: str, engine: Engine, clinic: Clinic) -> None:
    names = crowd(engine, CLIENTS)
    bearer = key_of(engine, clinic, None, datetime.now(UTC))
    storm = Storm()
    lists = [
        [phone_call(clinic, name, ("chen", "novak")[place % 2], start) for start in open_times()[place // 2 :: CLIENTS // 2]]
        for place, name in enumerate(names)
    ]
    for _ in range(KILLS):
        storm.enough.clear()
        with serving(database_url) as server:
            threads = [threading.Thread(target=storm.book, args=(server, bearer, bodies)) for bodies in lists]
            for thread in threads:
                thread.start()
            assert storm.enough.wait(WAIT_SECONDS)
            server.kill()
            for thread in threads:
                thread.join(WAIT_SECONDS)
        stored = {str(row["id"]): row for row in rows(engine, Schedule)}
        assert set(storm.acknowledged) <= set(stored)
        assert len(stored) <= len(storm.acknowledged) + len(storm.unknown)
        assert_sound(engine)
    assert storm.refused == []
    assert len(storm.acknowledged) >= KILLS * ACKNOWLEDGED_A_ROUND
    retry(database_url, bearer, storm, engine)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def retry(database_url: str, bearer: str, storm: Storm, engine: Engine) -> None:
    """Send everything that got no answer again: it is booked now, and none of it twice."""
    with serving(database_url) as server:
        assert {server.post(bearer, body).status_code for body in storm.unknown} <= {200}
    assert len(rows(engine, Schedule)) == len(storm.acknowledged) + len(storm.unknown)
    assert_sound(engine)
