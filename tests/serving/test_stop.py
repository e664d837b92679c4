"""An orderly stop: what is under way is answered first."""

import json
import signal
import socket
from datetime import UTC, datetime

from sqlalchemy import Engine

from portal.storage.schedule import Schedule
from tests.api.caller import PATH, key_of
from tests.clinic import Clinic
from tests.serving.running import WAIT_SECONDS, open_times, phone_call, serving
from tests.stored import rows


def test_a_booking_under_way_when_the_server_is_told_to_stop_is_answered(database_url: str, engine: Engine, clinic: Clinic) -> None:
    bearer = key_of(engine, clinic, "ada", datetime.now(UTC))
    body = json.dumps(phone_call(clinic, "ada", "chen", open_times()[0])).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {bearer}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    with serving(database_url) as server, socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS) as client:
        client.sendall(head.encode())
        # the answer to Expect shows that a thread has the request in hand
        assert client.recv(4096).startswith(b"HTTP/1.1 100 Continue")
        server.process.send_signal(signal.SIGTERM)
        client.sendall(body)
        answer = b"".join(iter(lambda: client.recv(65536), b""))
        assert server.process.wait(WAIT_SECONDS) == 0
    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert len(rows(engine, Schedule)) == 1


def test_a_server_that_is_told_to_stop_leaves_no_process_and_takes_no_more(database_url: str, clinic: Clinic) -> None:
    with serving(database_url) as server:
        assert clinic.account_id
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(WAIT_SECONDS) == 0
        with socket.socket() as client:
            assert client.connect_ex(("127.0.0.1", server.port)) != 0
    assert [line for line in server.said if "Traceback" in line] == []
