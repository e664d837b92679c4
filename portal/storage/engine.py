"""Opening a database so that what it acknowledges is there: SQLite and PostgreSQL behind one session factory."""

import fcntl
import os
import threading
from collections import deque
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary

import pysqlite3
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

from portal.storage.core import POOL_SIZE, LightSession, driver_errors

LOCK_WAIT_SECONDS = 5.0
STATEMENT_TIMEOUT_SECONDS = 5
_TURN = "turn"
WRITE = "portal_write"
_SQLITE_SAFE_SINCE = (3, 51, 3)
_UNAVAILABLE = ("locked", "deadlock", "disk", "full", "readonly", "unable to open", "connection", "timeout")
_PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


_idle: WeakKeyDictionary[Engine, deque[PoolProxiedConnection]] = WeakKeyDictionary()
_turns: "WeakKeyDictionary[Engine, _WriteTurn]" = WeakKeyDictionary()


class UnsafeDatabaseError(Exception):
    """The database would acknowledge bookings that it may lose; the text says which setting is wrong."""


class DatabaseBusyError(Exception):
    """Another writer held the database for longer than a person would wait."""


# What is raised where the database cannot be used at this moment, among other things.
UNAVAILABLE = (DBAPIError, DatabaseBusyError, PoolTimeoutError)


def open_engine(url: str) -> Engine:
    """Return an engine for a database address; raises UnsafeDatabaseError when it could lose what it acknowledges."""
    parsed = make_url(url)
    return _open_sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _open_postgresql(parsed)


def sessions(engine: Engine) -> sessionmaker[Session]:
    """Return the factory of sessions; objects stay readable after the commit that a door makes."""
    return sessionmaker(engine, expire_on_commit=False)


def open_reading(engine: Engine) -> LightSession:
    """Return a session for reading; `close` gives its connection back."""
    idle = _idle.get(engine)
    if idle:
        with suppress(IndexError):
            return LightSession(engine, idle.pop(), idle)
    with driver_errors(engine.dialect):
        return LightSession(engine, engine.raw_connection(), idle)


def open_writing(engine: Engine) -> LightSession:
    """Return a session that has begun as a writer: on SQLite it took the write lock before anything is read. `close` ends it."""
    with driver_errors(engine.dialect):
        session = LightSession(engine, engine.raw_connection())
    try:
        if (turn := _turns.get(engine)) is not None:
            with driver_errors(engine.dialect):
                turn.take(session.pooled)
    except BaseException:
        session.close()
        raise
    return session


def begin_write(session: Session) -> None:
    """Start the session's transaction as a writer: on SQLite it takes the write lock before anything is read."""
    session.connection(execution_options={WRITE: True})


def is_unavailable(error: DBAPIError) -> bool:
    """Tell whether an error says that the database is away, locked or full, rather than that a statement is wrong."""
    said = str(error.orig).lower()
    return error.connection_invalidated or any(sign in said for sign in _UNAVAILABLE)


def _open_postgresql(url: URL) -> Engine:
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_SECONDS}s -c lock_timeout={STATEMENT_TIMEOUT_SECONDS}s -c timezone=UTC"
    engine = create_engine(
        url, pool_size=POOL_SIZE, max_overflow=POOL_SIZE, pool_use_lifo=True, pool_pre_ping=True, connect_args={"options": options}
    )
    with engine.connect() as connection:
        setting = connection.scalar(text("SHOW synchronous_commit"))
    if setting not in ("on", "remote_apply"):
        engine.dispose()
        raise UnsafeDatabaseError(f"PostgreSQL runs with synchronous_commit={setting}: an acknowledged booking could be lost")
    return engine


def _open_sqlite(url: URL) -> Engine:
    if pysqlite3.sqlite_version_info < _SQLITE_SAFE_SINCE:
        raise UnsafeDatabaseError(f"SQLite {pysqlite3.sqlite_version} can corrupt a write-ahead log; 3.51.3 or later is needed")
    if url.database in (None, "", ":memory:"):
        raise UnsafeDatabaseError("an SQLite database in memory does not outlive its process; name a file")
    engine = create_engine(
        url,
        module=pysqlite3,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
        pool_use_lifo=True,
        connect_args={"timeout": LOCK_WAIT_SECONDS, "isolation_level": None},
    )
    # A reader of SQLite leaves no transaction behind, and to give its connection to the pool and take it again costs a statement's time.
    _idle[engine] = deque()
    event.listen(engine, "engine_disposed", _close_idle)
    turn = _turns[engine] = _WriteTurn(f"{url.database}.turn")
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", turn.begin)
    event.listen(engine, "checkin", turn.end)
    with engine.connect() as connection:
        for pragma, wanted in _PRAGMAS.items():
            if connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() != wanted:
                raise UnsafeDatabaseError(f"SQLite did not take PRAGMA {pragma}={wanted}")
    return engine


def idle_readers(engine: Engine) -> int:
    """Return how many connections wait for the next reader outside the pool."""
    return len(_idle.get(engine, ()))


def _close_idle(engine: Engine) -> None:
    idle = _idle[engine]
    while idle:
        idle.pop().close()


def _prepare(connection: Any, _record: ConnectionPoolEntry) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
    cursor = connection.cursor()
    for pragma, wanted in _PRAGMAS.items():
        cursor.execute(f"PRAGMA {pragma}={wanted}")
    cursor.close()


class _WriteTurn:
    """Queues writers on a file lock before BEGIN IMMEDIATE, since SQLite's own busy wait lets one starve.

    Threads of a process wait for each other with a time limit, processes in the kernel's own fair queue: a stuck process can
    hold up one thread of each other process, and the rest give up after LOCK_WAIT_SECONDS.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._among_threads = threading.Lock()
        self._file: tuple[int, int] | None = None

    def begin(self, connection: Connection) -> None:
        """Start a transaction of SQLAlchemy's connection, unless one has begun below it."""
        driver: Any = connection.connection.dbapi_connection
        if driver.in_transaction:
            return
        if connection.get_execution_options().get(WRITE):
            with driver_errors(connection.dialect):
                self.take(connection.connection)
        else:
            # On the driver itself: a statement through the engine takes ten times as long.
            driver.execute("BEGIN")

    def take(self, pooled: PoolProxiedConnection) -> None:
        """Start a writer's transaction when its turn has come; raises DatabaseBusyError after too long a wait."""
        if not self._among_threads.acquire(timeout=LOCK_WAIT_SECONDS):
            raise DatabaseBusyError
        pooled.info[_TURN] = True
        driver: Any = pooled.dbapi_connection
        try:
            fcntl.flock(self._descriptor(), fcntl.LOCK_EX)
            driver.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._release(pooled.info)
            raise

    def end(self, _connection: object, record: ConnectionPoolEntry) -> None:
        """End the turn when the connection goes back to the pool: after the commit is on disk, not before."""
        self._release(record.info)

    def _descriptor(self) -> int:
        """Return this process's own handle of the file: one that came with a fork would share its parent's lock."""
        if self._file is None or self._file[0] != os.getpid():
            self._file = os.getpid(), os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._file[1]

    def _release(self, info: dict[Any, Any]) -> None:
        if info.pop(_TURN, False):
            fcntl.flock(self._descriptor(), fcntl.LOCK_UN)
            self._among_threads.release()
