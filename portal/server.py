"""Serving over HTTP: gunicorn with threads, in which no client can hold a thread by sending or reading slowly."""

import ctypes
import errno
import gc
import os
import select
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.body import Body, ChunkedReader
from gunicorn.http.errors import ParseException
from gunicorn.util import close_graceful
from gunicorn.workers.gthread import _DEFER, TConn, ThreadWorker

from portal import context
from portal.app import create_app
from portal.config import Config
from portal.mail import worker
from portal.services import events
from portal.storage.core import POOL_SIZE
from portal.web import headers

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

WORKERS_DEFAULT = 2
# A thread holds one database connection, so more threads than the pool has would wait for each other.
THREADS_DEFAULT = POOL_SIZE
THREADS_MAX = 2 * POOL_SIZE
BACKLOG = 1024
IDLE_SECONDS = 15.0
YIELD_SECONDS = 0.0001
YIELDS_MAX = 4
LINGER_SECONDS, REQUEST_SECONDS = 0.5, 30.0
GATHERED_BYTES_MAX = 256 * 1024
LARGE_BLOCK_BYTES = 1024 * 1024
_PLAIN_TYPE = b"Content-Type: text/html\r\n"
_TYPE_AND_HEADERS = b"Content-Type: text/html; charset=iso-8859-1\r\n" + b"".join(
    f"{name}: {value}\r\n".encode() for name, value in (*headers.ALWAYS, *headers.PRIVATE)
)
_M_MMAP_THRESHOLD = -3
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes a private file there for its workers' signs of life
SETTINGS: dict[str, Any] = {
    "timeout": 30,
    "graceful_timeout": 10,
    "keepalive": 75,
    "control_socket_disable": True,
    "limit_request_line": 4094,
    "limit_request_fields": 60,
    "limit_request_field_size": 8190,
    "loglevel": "warning",
}


class CannotListenError(Exception):
    """An address cannot be served at; the text says which and why."""


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address; raises CannotListenError when it is in use or not ours. Port 0 is any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise CannotListenError(f"cannot listen at {host}, port {port}: {reason}; see --host and --port") from error


def address(listener: socket.socket) -> str:
    """Return the address at which a listening socket is reached."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(config: Config, listener: socket.socket, workers: int = WORKERS_DEFAULT, threads: int = THREADS_DEFAULT) -> None:
    """Answer requests until SIGTERM or SIGINT; on SIGTERM requests under way are finished first. Does not return."""
    _return_large_blocks()
    events.show()
    _Server(config, listener, workers, threads).run()


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Keeps a sender of mail and a housekeeper beside the workers."""

    def __init__(self, app: BaseApplication, config: Config) -> None:
        self._beside = worker.beside(config)
        super().__init__(app)

    def manage_workers(self) -> None:
        """See that everybody is there; gunicorn calls it every second."""
        super().manage_workers()
        for process in self._beside:
            process.keep()

    def halt(self, reason: str | None = None, exit_status: int = 0) -> None:
        """End the server: its workers finish what is under way, and so does the sender."""
        for process in self._beside:
            process.stop()
        super().halt(reason, exit_status)


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn as a part of the portal."""

    def __init__(self, config: Config, listener: socket.socket, workers: int, threads: int) -> None:
        self._config = config
        self._settings = SETTINGS | {
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "threads": threads,
            "worker_class": _Worker,
            "preload_app": True,
            "worker_tmp_dir": str(_SHARED_MEMORY) if _SHARED_MEMORY.is_dir() else None,
        }
        super().__init__()

    def run(self) -> None:
        """Serve until told to stop."""
        _Arbiter(self, self._config).run()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Callable[[dict[str, Any], Any], Iterable[bytes]]:
        """Make the application: before the workers are forked, so that they share what it is made of."""
        # All of this lives as long as the process: to search it for garbage would take time now, and copy a worker's pages later.
        gc.disable()
        app = create_app(self._config)
        _rehearse(app, self._config)
        context.close_connections(app)
        gc.freeze()
        gc.enable()

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - a WSGI server's own function
            environ["wsgi.input"] = _Body(environ["wsgi.input"])
            return app(environ, start_response)

        return answer


def _rehearse(app: Flask, config: Config) -> None:
    """Answer the first page to nobody, so that what any page needs is made once and shared by the workers."""
    with app.test_request_context("/sign-in", base_url=f"http://{config.trusted_hosts[0].removeprefix('.')}"):
        app.full_dispatch_request()


def _return_large_blocks() -> None:
    """Let the C library give large blocks back when they are freed, where it is glibc.

    Else each thread's arena keeps the 19 MiB of its last password hash: glibc raises its threshold when the first one is freed.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK_BYTES)


class _Body:
    """The body of a request. Chunks that make no sense are a read that failed, which Werkzeug answers with 400, and not a fault."""

    def __init__(self, body: ChunkedReader | Body) -> None:
        self._body = body

    def read(self, size: int) -> bytes:
        """Return the next bytes, at most `size` of them; raises OSError."""
        try:
            data: bytes = self._body.read(size)
        except ParseException as error:
            raise OSError(str(error)) from error
        return data


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Bounds the time that a connection can keep a thread waiting for its client, and sends each response in one piece."""

    def accept(self, listener: socket.socket) -> None:
        """Take a new connection, unless a worker with less to do takes it in the moment that this one leaves to it.

        Left to chance, eight clients that come together often end up with one worker, and its threads wait for each other.
        """
        time.sleep(YIELD_SECONDS * min(self.nr_conns - len(self.keepalived_conns), YIELDS_MAX))
        super().accept(listener)

    def handle(self, conn: TConn) -> object:
        """Serve one request of a connection, in a thread; what it returns tells whether the connection is kept."""
        if not isinstance(conn.sock, _BoundedSocket):
            conn.sock = _BoundedSocket(conn.sock.detach())
        if not conn.initialized and not conn.wait_for_data(0):
            # Nothing has come: the worker's poller waits for it, and no thread.
            return _DEFER
        conn.sock.start_request()
        kept: object = super().handle(conn)
        try:
            conn.sock.flush()
        except OSError:
            kept = False
        if not kept:
            # Here, and not by the main thread, which would wait for the client while nobody is served.
            close_graceful(conn.sock, LINGER_SECONDS)
        return kept

    def handle_error(self, req: object, client: socket.socket, addr: object, exc: BaseException) -> None:
        """Refuse what is no request; gunicorn writes that answer itself."""
        super().handle_error(req, _Refusal(client), addr, exc)


class _Refusal:
    """A connection on which gunicorn's own refusal goes out with the headers that every answer carries."""

    def __init__(self, client: socket.socket) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever gunicorn asks of a socket
        return getattr(self._client, name)

    def sendall(self, data: bytes) -> None:
        """Send the refusal; raises OSError as a socket does."""
        self._client.sendall(data.replace(_PLAIN_TYPE, _TYPE_AND_HEADERS, 1))


class _BoundedSocket(socket.socket):
    """A connection on which no call waits longer than IDLE_SECONDS, and all of a request is in after REQUEST_SECONDS.

    For the kernel it never blocks: so it takes no system call to change how long it may wait, and only a call that finds nothing
    to do asks for the time. Gunicorn sends headers and body apart; they are gathered, and go when the request is done or more of
    it must come in.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__(fileno=descriptor)
        super().settimeout(0.0)
        self._patience: float | None = IDLE_SECONDS
        self._deadline = 0.0
        self._gathered = bytearray()

    def start_request(self) -> None:
        """Begin to count the time of a request."""
        self._deadline = time.monotonic() + REQUEST_SECONDS

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the signature of socket.socket
        """Block for IDLE_SECONDS at most; gunicorn asks for blocking without end."""
        self._patience = IDLE_SECONDS if flag else 0.0

    def settimeout(self, value: float | None) -> None:
        """Let the following calls wait so many seconds."""
        self._patience = value

    def gettimeout(self) -> float | None:
        """Return how many seconds a call may wait."""
        return self._patience

    def recv(self, bufsize: int, flags: int = 0, /) -> bytes:
        """Read what has come; raises ConnectionResetError for a client out of time, which gunicorn takes as one that has gone."""
        while True:
            try:
                return super().recv(bufsize, flags)
            except BlockingIOError:
                self.flush()
                self._wait(select.POLLIN, self._deadline)

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        """Gather what is to be sent, and send it when it has become much; raises OSError as `flush` does."""
        del flags
        self._gathered += data
        if len(self._gathered) > GATHERED_BYTES_MAX:
            self.flush()

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:  # noqa: ANN401 - the signature of socket.socket
        """Send a file, after what has been gathered."""
        self.flush()
        return super().sendfile(file, offset, count)

    def flush(self) -> None:
        """Send what has been gathered; raises ConnectionResetError when the client does not take it in IDLE_SECONDS."""
        if not self._gathered:
            return
        left, self._gathered = memoryview(self._gathered), bytearray()
        deadline = time.monotonic() + IDLE_SECONDS
        while left:
            try:
                left = left[self.send(left) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, deadline)

    def _wait(self, event: int, deadline: float) -> None:
        left = deadline - time.monotonic()
        if self._patience is not None:
            left = min(left, self._patience)
        poller = select.poll()
        poller.register(self, event)
        if left <= 0 or not poller.poll(1000 * left):
            raise ConnectionResetError(errno.ECONNRESET, "the client took too long to send its request, or to read the answer")
