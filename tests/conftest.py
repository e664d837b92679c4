"""Fixtures that every test folder shares: databases on both engines, a session, a small practice, and a fixed instant."""

import os
from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import settings
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.storage.engine import WRITE, begin_write, open_engine, sessions
from tests.clinic import NOW, Clinic, build
from tests.databases import Databases, SqliteFiles, postgresql_programs, postgresql_server

ENGINES = ("sqlite", "postgresql")
ON_CI = os.environ.get("CI") == "true"

# A busy machine is no failure; and a run that decides about a change should try the same examples each time.
settings.register_profile("portal", deadline=None, derandomize=ON_CI)
settings.load_profile("portal")


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Databases:
    """SQLite files in a temporary folder."""
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Databases]:
    """A PostgreSQL cluster of this test run."""
    programs = postgresql_programs()
    if programs is None:
        reason = "PostgreSQL's server is not installed; on Debian: apt-get install postgresql"
        if ON_CI:
            pytest.fail(reason)
        pytest.skip(reason)
    with postgresql_server(programs) as server:
        yield server


@pytest.fixture(params=ENGINES)
def databases(request: pytest.FixtureRequest) -> Databases:
    """Either kind of database in turn: a test that uses this, or anything built on it, runs twice."""
    chosen: Databases = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def empty_url(databases: Databases) -> Iterator[str]:
    """The address of a database without any table."""
    url = databases.empty()
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The address of a database of the test's own, at the newest schema."""
    url = databases.migrated()
    yield url
    databases.drop(url)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on a database of the test's own, at the newest schema."""
    engine = open_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session whose transactions write, as a door's would for a booking; nothing is committed unless the test does.

    It begins with its first statement, so that fixtures that write come first whatever the order of arguments.
    """
    with sessions(engine.execution_options(**{WRITE: True}))() as session:
        yield session


@pytest.fixture
def clinic(engine: Engine) -> Clinic:
    """The small practice of `tests.clinic`, committed to the test's database."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return build(session)


@pytest.fixture
def now() -> datetime:
    """The instant at which tests take place; no test reads the machine's clock unless it serves for real."""
    return NOW
