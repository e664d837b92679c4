"""Servers under measurement: started as processes of their own on a free port, with the processor time and memory they use."""

import json
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from portal.server import SETTINGS

WORKERS = 2
THREADS = 4
START_SECONDS = 30.0
POLL_SECONDS = 0.002
SECRET = secrets.token_urlsafe(48)
_PROJECT = Path(__file__).resolve().parents[2]
# What Python keeps of a first start it keeps for people too, whatever this program was told about it.
_AS_FOR_PEOPLE = {"PYTHONDONTWRITEBYTECODE": ""}
_TICKS = os.sysconf("SC_CLK_TCK")
_USER_TIME, _SYSTEM_TIME = 11, 12


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `seconds_to_answer` is how long its start took, up to its first answer."""

    url: str
    process: "subprocess.Popen[bytes]"
    seconds_to_answer: float

    def cpu_seconds(self) -> float:
        """Return the processor time of all its processes so far."""
        return sum(self._ticks(pid) for pid in self._pids()) / _TICKS

    def memory(self) -> int:
        """Return its memory in bytes, with pages that processes share counted once (PSS)."""
        return sum(self._proportional(pid) for pid in self._pids())

    def _pids(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [self.process.pid, *map(int, children.split())]

    @staticmethod
    def _ticks(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[_USER_TIME]) + int(fields[_SYSTEM_TIME])

    @staticmethod
    def _proportional(pid: int) -> int:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))


@contextmanager
def portal(database_url: str) -> Iterator[Server]:
    """Run the portal as it is run for real, on a database at the newest schema; its first answer is the sign-in page."""
    port = _free_port()
    environment = {"PORTAL_DATABASE_URL": database_url, "PORTAL_SECRET_KEY": SECRET, "PORTAL_DEVELOPMENT": "1"}
    words = ["portal", "serve", "--port", str(port), "--workers", str(WORKERS), "--threads", str(THREADS)]
    with _running(words, environment, port, "/sign-in") as server:
        yield server


@contextmanager
def bare(database: Path) -> Iterator[Server]:
    """Run the bare answer and the yardstick with the portal's settings of the server; its insert goes into the file."""
    port = _free_port()
    settings = {**SETTINGS, "bind": f"127.0.0.1:{port}", "workers": WORKERS, "threads": THREADS, "worker_class": "gthread"}
    with _running(["tests.bench.bare", str(database)], {"BENCH_SETTINGS": json.dumps(settings)}, port, "/") as server:
        yield server


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@contextmanager
def _running(words: list[str], environment: dict[str, str], port: int, path: str) -> Iterator[Server]:
    url = f"http://127.0.0.1:{port}"
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([sys.executable, "-m", *words], cwd=_PROJECT, env={**os.environ, **_AS_FOR_PEOPLE, **environment}, stderr=said)  # noqa: S603 - our own words
        try:
            while not _answers(url, path):
                if process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                    said.seek(0)
                    raise RuntimeError(f"{' '.join(words)} did not start: {said.read().decode()}")
                time.sleep(POLL_SECONDS)
            yield Server(url, process, time.perf_counter() - started)
        finally:
            process.terminate()
            process.wait()


def _answers(url: str, path: str) -> bool:
    connection = HTTPConnection(urlsplit(url).netloc, timeout=START_SECONDS)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
