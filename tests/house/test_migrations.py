import re
from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.schema import METADATA, differences, downgrade, upgrade
from portal.storage.version import MIGRATIONS, NEWEST, is_current
from tests.clinic import build

SCRIPTS = ScriptDirectory(str(MIGRATIONS))
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]


@pytest.fixture
def bare(empty_url: str) -> Iterator[Engine]:
    """An engine on a database without any table."""
    engine = open_engine(empty_url)
    yield engine
    engine.dispose()


def stands_at_head(engine: Engine) -> bool:
    with sessions(engine)() as session:
        return is_current(session)


def contents(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        tables = METADATA.sorted_tables
        return {table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr) for table in tables}


def test_there_is_one_line_of_migrations_numbered_in_order() -> None:
    assert SCRIPTS.get_heads() == [NEWEST]
    assert [f"{number:04}" for number in range(1, len(REVISIONS) + 1)] == REVISIONS
    names = sorted(path.name for path in (MIGRATIONS / "versions").glob("*.py"))
    assert [bool(re.fullmatch(rf"{number}_[a-z0-9_]+\.py", name)) for number, name in zip(REVISIONS, names, strict=True)] == [True] * len(names)


def test_up_from_empty_makes_exactly_the_models(bare: Engine) -> None:
    assert not stands_at_head(bare)
    upgrade(bare)
    assert stands_at_head(bare)
    assert differences(bare) == []


def test_down_leaves_nothing_behind(bare: Engine) -> None:
    upgrade(bare)
    downgrade(bare, "base")
    assert set(inspect(bare).get_table_names()) <= {"alembic_version"}
    assert not stands_at_head(bare)
    upgrade(bare)
    assert differences(bare) == []


def test_up_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    assert stands_at_head(engine)
    assert differences(engine) == []


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_step_goes_up_down_and_up_again(bare: Engine, revision: str) -> None:
    upgrade(bare, revision)
    downgrade(bare, "-1")
    upgrade(bare, revision)
    upgrade(bare)
    assert differences(bare) == []


def test_a_step_down_and_up_keeps_what_people_entered(engine: Engine) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        build(session)
    before = contents(engine)
    if len(REVISIONS) > 1:
        downgrade(engine, "-1")
    upgrade(engine)
    assert contents(engine) == before
    assert before["patient"]


def test_a_migration_that_fails_leaves_the_schema_as_it_was(bare: Engine) -> None:
    with bare.begin() as connection:
        connection.execute(text("CREATE TABLE schedule (stranger INTEGER)"))
    with pytest.raises(Exception, match="schedule"):
        upgrade(bare)
    assert inspect(bare).get_table_names() == ["schedule"]


def test_a_database_that_strays_from_the_models_is_noticed(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_schedule_fingerprint"))
        connection.execute(text("CREATE TABLE stranger (id INTEGER PRIMARY KEY)"))
    assert len(differences(engine)) == 2


def test_every_constraint_has_a_name() -> None:
    nameless = [(table.name, constraint) for table in METADATA.sorted_tables for constraint in table.constraints if not constraint.name]
    assert nameless == []
