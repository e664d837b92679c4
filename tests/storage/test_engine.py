import threading
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from portal.config import sqlite_url as url_of
from portal.storage import engine as storage
from portal.storage.core import POOL_SIZE
from portal.storage.engine import DatabaseBusyError, UnsafeDatabaseError, begin_write, is_unavailable, open_engine, sessions
from tests.databases import Databases
from tests.racing import together

PRAGMAS = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.parametrize("pragma", PRAGMAS)
def test_every_sqlite_connection_keeps_what_it_acknowledges(sqlite_engine: Engine, pragma: str) -> None:
    connections = [sqlite_engine.connect() for _ in range(POOL_SIZE)]
    assert {connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() for connection in connections} == {PRAGMAS[pragma]}
    for connection in connections:
        connection.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_dies_with_its_process_is_refused(url: str) -> None:
    with pytest.raises(UnsafeDatabaseError, match="memory"):
        open_engine(url)


def test_a_library_that_can_corrupt_the_log_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pysqlite3, "sqlite_version_info", (3, 51, 2))
    with pytest.raises(UnsafeDatabaseError, match=r"3\.51\.3"):
        open_engine(url_of(tmp_path / "portal.db"))


def test_a_setting_that_sqlite_does_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "_PRAGMAS", {"journal_mode": "sideways"})
    with pytest.raises(UnsafeDatabaseError, match="journal_mode"):
        open_engine(url_of(tmp_path / "portal.db"))


def test_a_server_that_forgets_what_it_acknowledged_is_refused(postgresql: Databases) -> None:
    url = postgresql.empty()
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f'ALTER DATABASE "{engine.url.database}" SET synchronous_commit = off'))
    engine.dispose()
    with pytest.raises(UnsafeDatabaseError, match="synchronous_commit"):
        open_engine(url)
    postgresql.drop(url)


def test_15_2_2_a_server_gives_up_on_a_statement_before_a_person_does(postgresql: Databases) -> None:
    url = postgresql.empty()
    engine = open_engine(url)
    with engine.connect() as connection:
        settings = [connection.scalar(text(f"SHOW {name}")) for name in ("statement_timeout", "lock_timeout", "TimeZone")]
    assert settings == ["5s", "5s", "UTC"]
    engine.dispose()
    postgresql.drop(url)


def test_readers_go_on_while_a_writer_writes(engine: Engine) -> None:
    with sessions(engine)() as writer, sessions(engine)() as reader:
        begin_write(writer)
        writer.execute(text("DELETE FROM reason"))
        assert reader.scalar(text("SELECT count(*) FROM account")) == 0


def test_what_is_not_committed_is_gone(engine: Engine) -> None:
    with sessions(engine)() as session:
        begin_write(session)
        session.execute(text("INSERT INTO alembic_version VALUES ('lost')"))
    with sessions(engine)() as session:
        assert "lost" not in session.scalars(text("SELECT version_num FROM alembic_version")).all()


@pytest.mark.parametrize("ending", ["commit", "rollback", "close"])
def test_the_turn_to_write_ends_with_the_transaction(sqlite_engine: Engine, ending: str) -> None:
    session = sessions(sqlite_engine)()
    for _ in range(2):
        begin_write(session)
        getattr(session, ending)()
    with sessions(sqlite_engine)() as another:
        begin_write(another)
    session.close()


def test_a_writer_gives_up_when_its_turn_does_not_come_and_can_try_again(sqlite_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LOCK_WAIT_SECONDS", 0.05)
    with sessions(sqlite_engine)() as late:
        with sessions(sqlite_engine)() as stuck:
            begin_write(stuck)
            with pytest.raises(DatabaseBusyError):
                begin_write(late)
        begin_write(late)


def test_a_writer_waits_for_its_turn(sqlite_engine: Engine) -> None:
    order: list[str] = []

    def write() -> None:
        with sessions(sqlite_engine)() as second:
            begin_write(second)
            order.append("second")

    thread = threading.Thread(target=write)
    with sessions(sqlite_engine)() as first:
        begin_write(first)
        thread.start()
        thread.join(timeout=0.2)
        order.append("first")
        first.commit()
    thread.join()
    assert order == ["first", "second"]


def test_a_stranger_who_holds_the_lock_makes_the_database_unavailable(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "LOCK_WAIT_SECONDS", 0.1)
    engine = open_engine(sqlite_url)
    stranger = pysqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    stranger.execute("BEGIN IMMEDIATE")
    with sessions(engine)() as session, pytest.raises(OperationalError) as caught:
        begin_write(session)
    assert is_unavailable(caught.value)
    stranger.close()
    with sessions(engine)() as session:
        begin_write(session)
    engine.dispose()


def test_a_wrong_statement_does_not_make_the_database_unavailable(engine: Engine) -> None:
    with sessions(engine)() as session, pytest.raises(DBAPIError) as caught:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not is_unavailable(caught.value)


def test_of_two_who_wait_for_each_other_one_is_told_to_come_again(postgresql: Databases) -> None:
    url = postgresql.empty()
    engine = open_engine(url)
    barrier = threading.Barrier(2)

    def lock(number: int) -> DBAPIError | None:
        with sessions(engine)() as session:
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})
            barrier.wait()
            try:
                session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": 1 - number})
            except DBAPIError as error:
                return error
        return None

    [failure] = [outcome for outcome in together(2, lock) if outcome is not None]
    assert is_unavailable(failure)
    engine.dispose()
    postgresql.drop(url)


def test_a_lost_connection_makes_the_database_unavailable_and_is_replaced(postgresql: Databases) -> None:
    url = postgresql.empty()
    engine = open_engine(url)
    with sessions(engine)() as session:
        with pytest.raises(DBAPIError) as caught:
            session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        assert is_unavailable(caught.value)
    with sessions(engine)() as session:
        assert session.scalar(text("SELECT 1")) == 1
    engine.dispose()
    postgresql.drop(url)
