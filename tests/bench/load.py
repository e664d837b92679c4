"""A closed-loop HTTP client over raw sockets: a few connections, each with one request under way, driven by one thread."""

import re
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Self
from urllib.parse import urlsplit

CONNECTIONS = 8
PATIENCE_SECONDS = 30.0
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_RECEIVE = 1 << 17


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: the status, the head as it came, and how long it took."""

    status: int
    head: bytes
    seconds: float


@dataclass(frozen=True, slots=True)
class Load:
    """What a stretch of load brought: answers by status, how long all of it took, and each latency in seconds."""

    seconds: float
    statuses: Mapping[int, int]
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    received: bytearray = field(default_factory=bytearray)
    sent_at: float = 0.0

    def send(self, request: bytes) -> None:
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> Answer | None:
        """Take what has come; return the answer once it is whole."""
        part = self.socket.recv(_RECEIVE)
        if not part:
            raise ConnectionError("the server closed a connection")
        self.received += part
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        length = _LENGTH.search(self.received, 0, end)
        if len(self.received) < end + 4 + (int(length[1]) if length else 0):
            return None
        answer = Answer(int(self.received[9:12]), bytes(self.received[:end]), time.perf_counter() - self.sent_at)
        self.received.clear()
        return answer


def request(url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> bytes:
    """Return a GET, or with a body a POST, as it goes over the wire."""
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    lengths = {} if body is None else {"Content-Length": str(len(body))}
    lines = [f"{'GET' if body is None else 'POST'} {target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in {"Host": parts.netloc, **(headers or {}), **lengths}.items()]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


def repeated(url: str, requests: Sequence[bytes], seconds: float) -> Load:
    """Send requests over and over for some seconds."""
    return _drive(url, cycle(requests), seconds)


def each_once(url: str, requests: Iterator[bytes], seconds: float) -> Load:
    """Send requests, each once, until they are used up or the seconds are over; the iterator stands at the next one."""
    return _drive(url, requests, seconds)


def together(url: str, requests: Sequence[bytes]) -> list[Answer]:
    """Send all requests at once, each on its own connection, and return the answers in the order in which they came."""
    with _Loop(url, len(requests)) as loop:
        for connection, sent in zip(loop.connections, requests, strict=True):
            connection.send(sent)
        return [answer for _, answer in islice(loop.answers(), len(requests))]


def _drive(url: str, requests: Iterator[bytes], seconds: float) -> Load:
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    with _Loop(url, CONNECTIONS) as loop:
        started = time.perf_counter()
        under_way = 0
        for connection, sent in zip(loop.connections, requests, strict=False):
            connection.send(sent)
            under_way += 1
        answers = loop.answers()
        while under_way:
            connection, answer = next(answers)
            statuses[answer.status] += 1
            latencies.append(answer.seconds)
            following = next(requests, None) if time.perf_counter() - started < seconds else None
            if following is None:
                under_way -= 1
            else:
                connection.send(following)
        return Load(time.perf_counter() - started, statuses, latencies)


class _Loop:
    """Some open connections to a server, watched together."""

    def __init__(self, url: str, connections: int) -> None:
        parts = urlsplit(url)
        self._watch = selectors.DefaultSelector()
        self.connections = [_Connection(_connected(parts.hostname or "", parts.port or 80)) for _ in range(connections)]
        for connection in self.connections:
            self._watch.register(connection.socket, selectors.EVENT_READ, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._watch.close()
        for connection in self.connections:
            connection.socket.close()

    def answers(self) -> Iterator[tuple[_Connection, Answer]]:
        """Give each answer with its connection, as they come."""
        while True:
            ready = self._watch.select(PATIENCE_SECONDS)
            if not ready:
                raise TimeoutError(f"no answer for {PATIENCE_SECONDS:.0f} seconds")
            for key, _ in ready:
                answer = key.data.receive()
                if answer is not None:
                    yield key.data, answer


def _connected(host: str, port: int) -> socket.socket:
    connection = socket.create_connection((host, port), timeout=PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection
