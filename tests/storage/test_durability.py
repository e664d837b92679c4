import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Engine, select, text

from portal.storage.engine import begin_write, sessions
from portal.storage.people import Patient
from tests.clinic import build

PROJECT = Path(__file__).resolve().parents[2]
PLENTY = 100_000
KILLS = (1, 7, 40, 120, 300)
WRITERS, WRITES = 4, 60


@pytest.fixture
def practice(sqlite_engine: Engine) -> Engine:
    """An SQLite file with the small practice in it."""
    with sessions(sqlite_engine).begin() as session:
        begin_write(session)
        build(session)
    return sqlite_engine


def writer(url: str, name: str, count: int) -> "subprocess.Popen[str]":
    words = [sys.executable, "-m", "tests.storage.writer", url, name, str(count)]
    return subprocess.Popen(words, cwd=PROJECT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603 - our own words


def stored(engine: Engine, name: str) -> set[UUID]:
    with sessions(engine)() as session:
        return set(session.scalars(select(Patient.id).where(Patient.given_name == name)))


@pytest.mark.parametrize("acknowledged", KILLS)
def test_a_killed_writer_loses_nothing_that_it_acknowledged(practice: Engine, sqlite_url: str, acknowledged: int) -> None:
    process = writer(sqlite_url, "killed", PLENTY)
    assert process.stdout is not None
    told = {UUID(process.stdout.readline().strip()) for _ in range(acknowledged)}
    process.kill()
    # not communicate(): with two pipes it reads past the lines that readline() has already taken in
    told |= {UUID(line) for line in process.stdout.read().splitlines() if len(line) == 36}
    process.communicate()
    kept = stored(practice, "killed")
    assert told <= kept
    assert len(kept - told) <= 1
    with practice.connect() as connection:
        assert connection.scalar(text("PRAGMA integrity_check")) == "ok"


def test_the_next_writer_goes_on_at_once_after_one_was_killed(practice: Engine, sqlite_url: str) -> None:
    process = writer(sqlite_url, "killed", PLENTY)
    assert process.stdout is not None
    process.stdout.readline()
    process.kill()
    process.communicate()
    with sessions(practice)() as session:
        begin_write(session)
        session.execute(text("DELETE FROM reason"))
        session.commit()


def test_writers_in_many_processes_all_get_their_turn(practice: Engine, sqlite_url: str) -> None:
    processes = {f"writer {number}": writer(sqlite_url, f"writer {number}", WRITES) for number in range(WRITERS)}
    answers = {name: process.communicate(timeout=60) for name, process in processes.items()}
    assert {name: (len(out.splitlines()), err) for name, (out, err) in answers.items()} == dict.fromkeys(processes, (WRITES, ""))
    assert {name: len(stored(practice, name)) for name in processes} == dict.fromkeys(processes, WRITES)
