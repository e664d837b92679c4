"""Verifying the rows: every kind of change to them shows, once somebody has found a way past the database's own refusal."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, text, update
from sqlalchemy.exc import DBAPIError

from portal.domain.audit import Deed
from portal.services import audit
from portal.services.audit import Done
from portal.services.verifying import Broken, Note, Walk, read_note
from portal.storage.audit import Audit
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic, schedule
from tests.services.scene import booked, cancel
from tests.stored import audit_rows

LATER = NOW + timedelta(hours=1)
FIELDS: dict[str, Any] = {
    "at": LATER,
    "actor_id": None,
    "link_id": None,
    "deed": "saw_list",
    "object_id": None,
    "private": True,
    "detail": "nothing",
    "door": "page",
    "address": "198.51.100.1",
    "key_id": "k4t9wz2m",
    "name": "N. Reyes",
    "digest": "0" * 64,
}
DROPS = {
    "sqlite": ("DROP TRIGGER audit_update", "DROP TRIGGER audit_delete"),
    "postgresql": ("DROP TRIGGER audit_is_kept ON audit",),
}


@pytest.fixture
def chains(engine: Engine, clinic: Clinic) -> None:
    """Two patients with some rows each, in a database that has stopped to refuse changes."""
    cancel(engine, clinic, booked(engine, clinic, "leo"), "maya")
    booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        for name in ("leo", "ada"):
            audit.record(session, clinic.actor("maya"), Done(clinic.patient(name), Deed.SAW_LIST, link_id=clinic.link("maya", "leo")), NOW)
    with engine.begin() as connection:
        for statement in DROPS[engine.dialect.name]:
            connection.execute(text(statement))


def change(engine: Engine, clinic: Clinic, name: str, number: int, /, **values: object) -> None:
    """Change a row of somebody's, or without values delete it."""
    row = (Audit.patient_id == clinic.patient(name), Audit.number == number)
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Audit).where(*row).values(**values) if values else delete(Audit).where(*row))


def faults(engine: Engine, **wanted: Any) -> list[Broken]:  # noqa: ANN401 - what is to be verified
    with sessions(engine)() as session:
        return list(Walk().verify(session, **wanted))


def noted(engine: Engine, at: Any = LATER) -> Note:  # noqa: ANN401 - an instant
    walk = Walk(at)
    with sessions(engine)() as session:
        assert list(walk.verify(session)) == []
    return walk.heads[0].note()


@pytest.mark.parametrize("statement", ["UPDATE audit SET detail = 'x'", "DELETE FROM audit", "TRUNCATE audit"])
def test_16_4_2_the_database_refuses_to_change_or_delete_a_row(statement: str, engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    before = audit_rows(engine)
    with pytest.raises(DBAPIError), engine.begin() as connection:
        connection.execute(text(statement))
    assert audit_rows(engine) == before


@pytest.mark.usefixtures("chains")
def test_what_is_as_it_was_written_has_no_faults(engine: Engine, clinic: Clinic) -> None:
    walk = Walk()
    with sessions(engine)() as session:
        assert list(walk.verify(session)) == []
    assert (walk.patients, walk.rows) == (2, 5)
    assert faults(engine, patient_id=clinic.patient("leo")) == []


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize("field", FIELDS)
def test_16_4_2_a_changed_row_shows(field: str, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic, "leo", 2, **{field: FIELDS[field]})
    assert faults(engine) == [Broken(clinic.patient("leo"), "row 2 is not what was written")]


@pytest.mark.usefixtures("chains")
@pytest.mark.parametrize("number", [1, 2])
def test_16_4_2_a_row_that_was_taken_out_shows(number: int, engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic, "leo", number)
    assert Broken(clinic.patient("leo"), f"row {number} is missing") in faults(engine)


@pytest.mark.usefixtures("chains")
def test_16_4_2_two_rows_that_were_swapped_show(engine: Engine, clinic: Clinic) -> None:
    for number, other in ((1, 100), (2, 1), (100, 2)):
        change(engine, clinic, "leo", number, number=other)
    assert faults(engine) == [Broken(clinic.patient("leo"), "row 1 is not what was written")]


@pytest.mark.usefixtures("chains")
def test_a_row_that_was_put_in_another_chain_shows(engine: Engine, clinic: Clinic) -> None:
    change(engine, clinic, "leo", 3, patient_id=clinic.patient("nia"), number=1)
    assert faults(engine) == [Broken(clinic.patient("nia"), "row 1 is not what was written")]


@pytest.mark.usefixtures("chains")
def test_a_chain_that_was_removed_whole_shows_by_its_appointments(engine: Engine, clinic: Clinic) -> None:
    [schedule_id] = [row["object_id"] for row in audit_rows(engine) if row["patient_id"] == clinic.patient("ada") and row["deed"] == "booked"]
    for number in (1, 2):
        change(engine, clinic, "ada", number)
    expected = [Broken(clinic.patient("ada"), f"no row tells of the booking of {schedule_id}")]
    assert faults(engine) == faults(engine, patient_id=clinic.patient("ada")) == expected
    assert faults(engine, patient_id=clinic.patient("leo")) == []


@pytest.mark.usefixtures("chains")
def test_appointments_of_before_there_were_rows_are_no_fault(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(schedule(clinic, NOW, created_at=NOW - timedelta(microseconds=1)))
    assert faults(engine) == []


@pytest.mark.usefixtures("chains")
def test_a_chain_that_lost_its_end_shows_against_the_note(engine: Engine, clinic: Clinic) -> None:
    before = noted(engine)
    assert noted(engine) == before
    change(engine, clinic, "leo", 3)
    assert noted(engine) != before


@pytest.mark.usefixtures("chains")
def test_rows_of_later_leave_the_note_as_it_was(engine: Engine, clinic: Clinic) -> None:
    before = noted(engine, NOW)
    with sessions(engine).begin() as session:
        begin_write(session)
        for name in ("leo", "nia"):
            audit.record(session, clinic.actor("maya"), Done(clinic.patient(name), Deed.SAW_LIST), LATER)
    assert noted(engine, NOW) == before
    assert noted(engine, LATER).digest != before.digest


def test_a_note_is_read_as_it_is_told() -> None:
    note = Note(NOW, "a" * 64)
    assert read_note(f" {note}\n") == note


@pytest.mark.parametrize("text", ["", "a" * 64, f"2027-03-01T08:00:00/{'a' * 64}", "2027-03-01T08:00:00+00:00/abc", f"soon/{'a' * 64}"])
def test_another_text_is_no_note(text: str) -> None:
    assert read_note(text) is None
