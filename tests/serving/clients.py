"""Two kinds of older client program, each with its own way to write a request: what they send is bytes, and they know nothing of the portal."""

import json
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

import requests

from tests.clinic import ZONES
from tests.serving.place import CHUNK, Place
from tests.serving.running import WAIT_SECONDS

FIRST_CHUNK = 20


@dataclass(frozen=True)
class Said:
    """What came back for one request."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def told(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.body)


class Connection:
    """A connection kept open, on which answers are read one by one as their heads say."""

    def __init__(self, place: Place) -> None:
        self._socket = socket.create_connection(("127.0.0.1", place.server.port), timeout=WAIT_SECONDS)
        self._buffer = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self._socket.sendall(data)

    def finish(self) -> None:
        """Say that nothing more will be sent, and go on reading."""
        self._socket.shutdown(socket.SHUT_WR)

    def answer(self, *, to_head: bool = False) -> Said:
        """Read one answer, which has no body when it is to a HEAD or only says to go on."""
        first, *lines = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split()[1])
        length = 0 if to_head or status == 100 else int(headers["content-length"])
        while len(self._buffer) < length:
            self._more()
        body, self._buffer = self._buffer[:length], self._buffer[length:]
        return Said(status, headers, body)

    def is_closed(self) -> bool:
        """Tell whether the server has closed the connection, with nothing left to read."""
        return self._buffer == b"" and self._socket.recv(CHUNK) == b""

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            self._more()
        found, _, self._buffer = self._buffer.partition(mark)
        return found

    def _more(self) -> None:
        data = self._socket.recv(CHUNK)
        assert data, f"the server closed the connection after {self._buffer!r}"
        self._buffer += data


def dotnet_date(instant: datetime) -> str:
    """Write an instant as .NET's JSON does: with seven digits, and the offset of the client's zone."""
    text = instant.astimezone(ZoneInfo(ZONES["harbour"])).strftime("%Y-%m-%dT%H:%M:%S.0000000%z")
    return f"{text[:-2]}:{text[-2:]}"


def dotnet(place: Place, path: str, members: Mapping[str, Any]) -> Said:
    """Post as .NET's HttpClient does: it waits to be told to go on, and sends JSON in chunks."""
    body = json.dumps(members).encode()
    lines = (
        *(f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{place.server.port}", f"Authorization: Bearer {place.bearer}"),
        *("Content-Type: application/json; charset=utf-8", "Expect: 100-continue", "Transfer-Encoding: chunked"),
    )
    with Connection(place) as connection:
        connection.send("".join(f"{line}\r\n" for line in (*lines, "")).encode())
        assert connection.answer().status == 100
        for part in (body[:FIRST_CHUNK], body[FIRST_CHUNK:], b""):
            connection.send(b"%x\r\n%s\r\n" % (len(part), part))
        return connection.answer()


def jquery(place: Place, path: str, members: Mapping[str, Any]) -> Said:
    """Post as jQuery's $.post does: a form, with what is in a list's items in brackets."""
    return _posted_form(place, path, list(_fields(members, "[{}]")))


def dotted(place: Place, path: str, members: Mapping[str, Any]) -> Said:
    """Post a form as older plug-ins do: with what is in a list's items behind dots."""
    return _posted_form(place, path, list(_fields(members, ".{}")))


def _fields(members: Mapping[str, Any], inner: str) -> Iterator[tuple[str, str]]:
    for name, value in members.items():
        if isinstance(value, list):
            yield from ((f"{name}[{at}]{inner.format(key)}", text) for at, item in enumerate(value) for key, text in item.items())
        else:
            yield name, str(value)


def _posted_form(place: Place, path: str, fields: list[tuple[str, str]]) -> Said:
    headers = {
        "Authorization": f"Bearer {place.bearer}",
        "Accept": "*/*",
        "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
        "X-Requested-With": "XMLHttpRequest",
        "Referer": f"{place.server.base_url}/book.html",
    }
    found = requests.post(place.server.base_url + path, data=fields, headers=headers, timeout=WAIT_SECONDS)
    return Said(found.status_code, found.headers, found.content)
