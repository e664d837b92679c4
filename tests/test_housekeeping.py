"""The command that keeps the house: what has passed goes to whoever waits."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from portal.cli import main
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft
from tests.clinic import Clinic
from tests.databases import Databases
from tests.services.waits import wait
from tests.stored import rows


@pytest.fixture
def databases(sqlite: Databases) -> Databases:
    return sqlite


def test_what_is_over_is_ended_once(database_url: str, engine: Engine, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)
    now = datetime.now(UTC)
    # That the practice's days are long gone, or far ahead, is nothing to what is swept.
    wait(engine, clinic, "omar")
    with sessions(engine).begin() as session:
        begin_write(session)
        row = Draft(id=uuid4(), user_id=clinic.user("ada"), patient_id=clinic.patient("ada"), created_at=now, reason_ids="")
        row.first_choice_at, row.held_until, row.held_provider_id = now, now - timedelta(seconds=1), clinic.provider("chen")
        session.add(row)
    told = [CliRunner().invoke(main, ["housekeeping"]).stdout for _ in range(2)]
    assert [one.splitlines()[1].split(".")[0] for one in told] == [f"Offers and holds that have passed: {number}" for number in (1, 0)]
    assert [one["held_until"] for one in rows(engine, Draft) if one["id"] == row.id] == [None]
