"""A booked time, for tests that try to spoil it."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.domain.cells import cells_between
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.occupancy import take
from portal.storage.schedule import Schedule
from tests.clinic import Clinic, schedule
from tests.databases import Databases


@pytest.fixture
def sqlite_url(sqlite: Databases) -> Iterator[str]:
    """The address of an SQLite file, for what only SQLite needs."""
    url = sqlite.migrated()
    yield url
    sqlite.drop(url)


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    """An engine on an SQLite file, for what only SQLite needs."""
    engine = open_engine(sqlite_url)
    yield engine
    engine.dispose()


@pytest.fixture
def booked(engine: Engine, clinic: Clinic, now: datetime) -> Schedule:
    """A committed schedule of Ada's with Dr Chen, with the cells it holds."""
    with sessions(engine).begin() as session:
        begin_write(session)
        row = schedule(clinic, now.replace(hour=15))
        session.add(row)
        session.flush()
        hold(session, row)
    return row


def hold(session: Session, row: Schedule) -> None:
    """Hold a schedule's provider and patient for as long as it lasts."""
    cells = cells_between(row.starts_at, row.ends_at)
    take(session, row.id, {row.provider_id: cells, row.patient_id: cells})
