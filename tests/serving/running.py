"""A portal as it really runs: the command's own processes, and people and programs that reach it over the network."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

import requests
from sqlalchemy import Engine

from portal.storage import people
from portal.storage.engine import begin_write, sessions
from tests.api.caller import PATH
from tests.clinic import PASSWORD_HASH, ZONES, Clinic, key
from tests.web.page import Answer, Fields
from tests.web.visitor import Visitor

T = TypeVar("T")
SECRET = "a secret that only tests know, long enough"
START_SECONDS = 30
WAIT_SECONDS = 30
WORKERS = 2


@dataclass
class Server:
    """The processes of one portal, in a group of their own."""

    process: "subprocess.Popen[str]"
    base_url: str
    said: list[str] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.base_url.rpartition(":")[2])

    def kill(self) -> None:
        """End every process of the group at once, as a failing machine does."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(WAIT_SECONDS)

    def post(self, bearer: str, body: Mapping[str, str]) -> requests.Response:
        """Book by the JSON call."""
        headers = {"Authorization": f"Bearer {bearer}"}
        return requests.post(self.base_url + PATH, json=dict(body), headers=headers, timeout=WAIT_SECONDS)

    def visitor(self) -> Visitor:
        """Return somebody with a browser of their own."""
        browser = requests.Session()

        def ask(method: str, url: str, fields: Fields | None = None, headers: dict[str, str] | None = None) -> Answer:
            found = browser.request(method, self.base_url + url, data=fields, headers=headers, allow_redirects=False, timeout=WAIT_SECONDS)
            return Answer(found.status_code, dict(found.headers), found.text)

        return Visitor(ask)


@contextmanager
def serving(database_url: str, workers: int = WORKERS) -> Iterator[Server]:
    """Serve a database at a free port until the context ends."""
    own = {"PORTAL_DATABASE_URL": database_url, "PORTAL_SECRET_KEY": SECRET, "PORTAL_DEVELOPMENT": "1", "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "portal", "serve", "--port", "0", "--workers", str(workers)]
    process = subprocess.Popen(command, env={**os.environ, **own}, stderr=subprocess.PIPE, text=True, start_new_session=True)  # noqa: S603 - our own program
    assert process.stderr is not None
    server = Server(process, process.stderr.readline().partition("at ")[2].partition(";")[0])
    reader = threading.Thread(target=lambda: server.said.extend(process.stderr or ()))
    reader.start()
    try:
        assert requests.get(f"{server.base_url}/ready", timeout=START_SECONDS).status_code == 200
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(WAIT_SECONDS)
        reader.join(WAIT_SECONDS)
        process.stderr.close()


def crowd(engine: Engine, count: int) -> list[str]:
    """Add users with a patient record each, and return their names."""
    names = [f"person-{number}" for number in range(count)]
    account_id = Clinic(key("account", "riverside")).account_id
    with sessions(engine).begin() as session:
        begin_write(session)
        for name in names:
            born = {"given_name": name, "family_name": "Crowd", "born_on": date(1990, 1, 1), "time_zone": None}
            session.add(people.Patient(id=key("patient", name), account_id=account_id, **born))
        session.flush()
        for name in names:
            row = {"email": f"{name}@example.org", "name": name, "password_hash": PASSWORD_HASH, "patient_id": key("patient", name)}
            session.add(people.User(id=key("user", name), account_id=account_id, language="en", active=True, **row))
    return names


def open_times(days: int = 9) -> list[datetime]:
    """Return the quarters of an hour at which the practice's clinicians in Boston work, on so many days from the day after tomorrow."""
    zone = ZoneInfo(ZONES["harbour"])
    first = datetime.now(zone).date() + timedelta(days=2)
    dates = [first + timedelta(days=ahead) for ahead in range(days)]
    return [
        datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
        for day in dates
        if day.weekday() < 5
        for hour in (9, 10, 11, 13, 14, 15, 16)
        for minute in (0, 15, 30, 45)
    ]


def spread(times: list[datetime], count: int) -> list[datetime]:
    """Return so many of some times, as far apart as they allow."""
    return times[:: len(times) // count][:count]


def written(start: datetime) -> str:
    """Return an instant as both doors read it."""
    return start.isoformat().replace("+00:00", "Z")


def together(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do everything at the same moment, each in a thread of its own; return what came of each."""
    ready, outcomes = threading.Barrier(len(acts)), dict[int, T]()

    def act(place: int) -> None:
        ready.wait(WAIT_SECONDS)
        outcomes[place] = acts[place]()

    threads = [threading.Thread(target=act, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(2 * WAIT_SECONDS)
    return [outcomes[place] for place in range(len(acts))]


def phone_call(clinic: Clinic, name: str, provider: str, start: datetime, reason: str = "It hurts") -> dict[str, str]:
    """Return a request for a quarter of an hour by phone: it may start at once, and holds no buffers."""
    ids = {
        "UserId": clinic.user(name),
        "AccountId": clinic.account_id,
        "ProviderId": clinic.provider(provider),
        "EncounterTypeModeDurationId": clinic.option("phone"),
    }
    return {**{member: str(value) for member, value in ids.items()}, "AppointmentOn": written(start), "Reason": reason}
