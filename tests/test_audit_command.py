"""`portal audit verify`, as whoever keeps the practice's server runs it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, delete, text, update

from portal.cli import main
from portal.storage.audit import Audit
from tests.clinic import Clinic
from tests.services.scene import booked
from tests.services.test_verifying import DROPS


@pytest.fixture(autouse=True)
def addressed(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", database_url)


def verify(*words: str) -> Result:
    return CliRunner().invoke(main, ["audit", "verify", *words])


def note_of(result: Result) -> str:
    assert result.exit_code == 0
    return result.stdout.rpartition("Note, and keep elsewhere: ")[2].strip()


def tamper(engine: Engine, *, remove: bool = False) -> None:
    with engine.begin() as connection:
        for statement in DROPS[engine.dialect.name]:
            connection.execute(text(statement))
        connection.execute(delete(Audit) if remove else update(Audit).values(detail="x"))


def test_whole_chains_are_counted_and_noted(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    result = verify()
    assert result.stdout.startswith("patients: 1, rows: 1, faults: 0\n")
    assert verify("--expect", note_of(result)).exit_code == 0


def test_one_patient_alone_is_verified(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    counts = [verify("--patient", str(one)).stdout for one in (clinic.patient("ada"), uuid4())]
    assert counts == ["patients: 1, rows: 1, faults: 0\n", "patients: 0, rows: 0, faults: 0\n"]


def test_16_4_2_a_changed_row_is_told_with_its_patient_and_number(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    tamper(engine)
    result = verify()
    assert (result.exit_code, result.stderr) == (1, "portal: rows were changed or removed\n")
    assert f"patient {clinic.patient('ada')}: row 1 is not what was written\n" in result.stdout


def test_rows_that_are_gone_show_against_the_note(engine: Engine, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    # The rows of tests are of days to come.
    monkeypatch.setattr("portal.commands.audit.SETTLED", timedelta(days=-3650))
    booked(engine, clinic)
    note = note_of(verify())
    tamper(engine, remove=True)
    result = verify("--expect", note)
    assert (result.exit_code, "are not those that were noted" in result.stderr) == (1, True)


@pytest.mark.parametrize("words", [("--expect", "abc"), ("--patient", "abc"), ("--patient", str(UUID(int=1)), "--expect", "abc")], ids=str)
def test_what_cannot_be_meant_is_refused(words: tuple[str, ...]) -> None:
    assert verify(*words).exit_code == 2
