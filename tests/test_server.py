import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

from portal import server
from tests.databases import Databases

START_SECONDS = 10
HEALTH = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
# The program serves with one thread and little patience, so that a test need not wait as long as production does.
PROGRAM = """
from portal import server
from portal.config import Config

server.IDLE_SECONDS, server.REQUEST_SECONDS = 0.4, 0.8
listener = server.listen("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
server.serve(Config({url!r}, "x" * 48, development=True), listener, workers=1, threads=1)
"""


@pytest.fixture(scope="module")
def process(sqlite: Databases) -> Iterator["subprocess.Popen[str]"]:
    program = PROGRAM.format(url=sqlite.migrated())
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ) as process:  # noqa: S603 - our own program
        yield process
        process.kill()


@pytest.fixture(scope="module")
def port(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    port = int(process.stdout.readline())
    deadline = time.monotonic() + START_SECONDS
    while answer(port) != 200:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return port


def answer(port: int) -> int:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status
    finally:
        connection.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=START_SECONDS)


def until_closed(client: socket.socket) -> float:
    started = time.monotonic()
    while client.recv(4096):
        pass
    return time.monotonic() - started


def trickle(client: socket.socket) -> None:
    for _ in range(100):
        client.sendall(b"X-Slow: 1\r\n")
        time.sleep(0.1)


def test_13_4_6_the_server_tells_no_version(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    connection.request("GET", "/health")
    assert connection.getresponse().headers["Server"] == "gunicorn"
    connection.close()


def test_clients_that_stall_in_their_headers_do_not_keep_others_waiting(port: int) -> None:
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(connect(port)).sendall(HEALTH)
        started = time.monotonic()
        assert answer(port) == 200
        assert time.monotonic() - started < 4


def test_a_client_that_sends_nothing_more_is_let_go(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEALTH)
        assert until_closed(client) < 3


def test_a_client_that_trickles_is_let_go(port: int) -> None:
    with connect(port) as client:
        client.sendall(HEALTH)
        started = time.monotonic()
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            trickle(client)
        assert time.monotonic() - started < 3


def test_a_connection_serves_more_than_one_request(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    for _ in range(2):
        connection.request("GET", "/health")
        assert connection.getresponse().read()
        time.sleep(1)
    connection.close()


def test_a_stop_lets_the_server_end_in_peace(sqlite: Databases) -> None:
    program = PROGRAM.format(url=sqlite.migrated())
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, env=os.environ) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        port = int(process.stdout.readline())
        assert answer(port) == 200
        process.terminate()
        assert process.wait(START_SECONDS) == 0


@pytest.mark.parametrize(("host", "shown"), [("127.0.0.1", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_an_address_is_shown_as_browsers_take_it(host: str, shown: str) -> None:
    with server.listen(host, 0) as listener:
        assert server.address(listener) == f"{shown}{listener.getsockname()[1]}"


def test_a_name_that_leads_nowhere_is_told() -> None:
    with pytest.raises(server.CannotListenError, match="cannot listen at nowhere"):
        server.listen("nowhere.invalid", 80)
