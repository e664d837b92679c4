"""Throw-away databases: a PostgreSQL cluster of our own, and cheap copies of a migrated database on either engine."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import BinaryIO, Protocol

import psycopg

from portal.config import sqlite_url
from portal.storage.engine import open_engine
from portal.storage.schema import upgrade

START_SECONDS = 20
UNPRIVILEGED = ("postgres", "nobody")
# The cluster is thrown away with the test run, so nothing it holds has to outlive a power cut: fsync may be off.
# What a commit promises stays as in production, since the engine refuses a server that is set otherwise.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "on",
    "autovacuum": "off",
    "listen_addresses": "",
    "max_connections": "200",
}
INIT = ("--pgdata=data", "--username=portal", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--no-instructions")


class Databases(Protocol):
    """One database engine, able to hand out databases that nobody else uses."""

    def empty(self) -> str:
        """Return the address of a new database without any table."""

    def migrated(self) -> str:
        """Return the address of a new database at the newest schema."""

    def drop(self, url: str) -> None:
        """Throw a database away."""


@dataclass
class SqliteFiles:
    """SQLite databases as files in a folder of the test run; a new one is a copy of one migrated file."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _template: Path | None = None

    def empty(self) -> str:
        return sqlite_url(self.folder / f"{next(self._numbers)}.db")

    def migrated(self) -> str:
        if self._template is None:
            template = self.folder / "template.db"
            migrate(sqlite_url(template))
            self._template = template
        path = self.folder / f"{next(self._numbers)}.db"
        shutil.copyfile(self._template, path)
        return sqlite_url(path)

    def drop(self, url: str) -> None:
        path = Path(url.removeprefix("sqlite:///"))
        for leftover in path.parent.glob(f"{path.name}*"):
            leftover.unlink()


@dataclass
class PostgresqlServer:
    """A running PostgreSQL cluster, reached through a socket in its own folder; a new database is a copy of a template."""

    folder: Path
    _numbers: Iterator[int] = field(default_factory=count)
    _template: str | None = None

    def empty(self) -> str:
        return self._create("template0")

    def migrated(self) -> str:
        if self._template is None:
            url = self.empty()
            migrate(url)
            self._template = _name(url)
        return self._create(self._template)

    def drop(self, url: str) -> None:
        self.run(f'DROP DATABASE "{_name(url)}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), dbname="postgres", user="portal", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _create(self, template: str) -> str:
        name = f"portal_{next(self._numbers)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"postgresql+psycopg://portal@/{name}?host={self.folder}"


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def migrate(url: str) -> None:
    """Bring a database to the newest schema and leave no connection to it open."""
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()


def postgresql_programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs, the newest where several are installed, or None."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    return versions[-1].parent if versions else None


@dataclass(frozen=True)
class _Owner:
    """Who runs the server: PostgreSQL refuses to run as root."""

    user: int | None = None
    group: int | None = None
    other_groups: list[int] | None = None


def _owner() -> _Owner:
    if os.geteuid() != 0:
        return _Owner()
    entry = next(entry for name in UNPRIVILEGED for entry in pwd.getpwall() if entry.pw_name == name)
    return _Owner(entry.pw_uid, entry.pw_gid, [])


@contextmanager
def postgresql_server(programs: Path) -> Iterator[PostgresqlServer]:
    """Run a new cluster in a folder of its own for as long as the context lasts."""
    # pytest's own temporary folders are closed to other users, and their paths are too long for a socket
    folder = Path(tempfile.mkdtemp(prefix="portal-postgresql-"))
    owner = _owner()
    os.chown(folder, -1 if owner.user is None else owner.user, -1 if owner.group is None else owner.group)
    options = [f"--{name}={value}" for name, value in {**SETTINGS, "unix_socket_directories": str(folder)}.items()]
    try:
        with (folder / "log").open("wb") as log:
            _program(folder, owner, log, [str(programs / "initdb"), *INIT]).wait()
            process = _program(folder, owner, log, [str(programs / "postgres"), "-D", "data", *options])
            try:
                server = PostgresqlServer(folder)
                _wait_until_ready(server, process)
                yield server
            finally:
                process.send_signal(signal.SIGQUIT)
                process.wait()
    finally:
        shutil.rmtree(folder)


def _program(folder: Path, owner: _Owner, log: BinaryIO, words: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - the words are constants and a folder that we made
        words, cwd=folder, stdout=log, stderr=log, user=owner.user, group=owner.group, extra_groups=owner.other_groups
    )


def _wait_until_ready(server: PostgresqlServer, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(server.folder / 'log').read_text()}") from None
            time.sleep(0.05)
        else:
            return
