"""One running portal for all tests of a module: its practice, Ada's key, and a connection to send bytes as they are."""

import json
import socket
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from tests.api.caller import PATH
from tests.clinic import Clinic
from tests.serving.running import WAIT_SECONDS, Server, open_times, phone_call

CHUNK = 64 * 1024


@dataclass
class Place:
    """A server, the database behind it, and a key to call it with."""

    server: Server
    engine: Engine
    clinic: Clinic
    bearer: str

    @property
    def soon(self) -> datetime:
        """A time at which every clinician in Boston works."""
        return open_times()[0]

    @property
    def body(self) -> bytes:
        return json.dumps(phone_call(self.clinic, "ada", "chen", self.soon)).encode()

    def raw(self, head: str, body: bytes, *, finish: bool = False) -> bytes:
        """Send bytes as they are; return all that comes back. `finish` tells the server that nothing will follow."""
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=WAIT_SECONDS) as client:
            client.sendall(head.replace("\n", "\r\n").encode() + b"\r\n" + body)
            if finish:
                client.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: received(client), b""))

    def head(self, *lines: str) -> str:
        """Return the head of a booking call with these lines."""
        usual = (f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.bearer}", "Content-Type: application/json")
        return "".join(f"{line}\n" for line in (*usual, "Connection: close", *lines))


def received(client: socket.socket) -> bytes:
    """Return what has come; nothing when the server has closed the connection, in whatever way."""
    try:
        return client.recv(CHUNK)
    except ConnectionResetError:
        return b""
