"""Fixtures of the tests that share a running server."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from portal.storage.engine import begin_write, open_engine, sessions
from tests.api.caller import key_of
from tests.clinic import build
from tests.databases import Databases
from tests.serving.place import Place
from tests.serving.running import serving
from tests.stored import bookings


@pytest.fixture(scope="module")
def place(sqlite: Databases) -> Iterator[Place]:
    """One server for all tests of a module."""
    url = sqlite.migrated()
    engine = open_engine(url)
    with sessions(engine).begin() as session:
        begin_write(session)
        clinic = build(session)
    with serving(url) as server:
        yield Place(server, engine, clinic, key_of(engine, clinic, "ada", datetime.now(UTC)))
    engine.dispose()
    sqlite.drop(url)


@pytest.fixture
def nothing_stored(place: Place) -> Iterator[None]:
    """Asserts that the test books nothing."""
    before = bookings(place.engine)
    yield
    assert bookings(place.engine) == before
