"""Statements compiled once and run on the driver's own cursor, for the pages and calls that are asked most often."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, Uuid
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session

from portal.storage.core import driver_errors, driver_of, engine_of, run

IDS_KEPT = 4096
Row = tuple[Any, ...]
Processor = Callable[[Any], Any] | None
Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete


class Prepared:
    """A statement with named parameters, values for all of them each time; it may not hold an expanding one.

    SQLAlchemy compiles it and converts its values, but is not asked again for each run: that costs three times the query.
    """

    def __init__(self, statement: Statement) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Row]:
        """Return all rows, in the session's transaction; raises what SQLAlchemy would."""
        engine = engine_of(session)
        if engine.dispatch.before_cursor_execute:
            # Somebody watches statements: take the way on which they are seen.
            return [tuple(row) for row in run(session, self._statement, values)]
        return self._plan(engine.dialect).rows(driver_of(session), values)

    def write(self, session: Session, values: Mapping[str, Any]) -> int:
        """Insert, update or delete, in the session's transaction, and return how many rows that were; raises what SQLAlchemy would."""
        engine = engine_of(session)
        if engine.dispatch.before_cursor_execute:
            # An INSERT's rows are not counted unless they are asked for.
            return run(session, self._statement.execution_options(preserve_rowcount=True), values).rowcount
        return self._plan(engine.dialect).write(driver_of(session), values)

    def write_all(self, session: Session, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert some rows with one statement, in the session's transaction; raises what SQLAlchemy would."""
        engine = engine_of(session)
        if engine.dispatch.before_cursor_execute:
            run(session, self._statement, rows)
        else:
            self._plan(engine.dialect).write_all(driver_of(session), rows)

    def one(self, session: Session, values: Mapping[str, Any]) -> Row | None:
        """Return the only row, or None."""
        found = self.rows(session, values)
        return found[0] if found else None

    def _plan(self, dialect: Dialect) -> "_Plan":
        plan = self._plans.get(dialect.name)
        if plan is None:
            plan = self._plans[dialect.name] = _Plan(self._statement, dialect)
        return plan


class _Plan:
    """A statement as one database takes it: its text, and what turns values into the driver's and back."""

    def __init__(self, statement: Statement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self._sql: str = compiled.string
        self._names: Sequence[str] | None = compiled.positiontup
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}
        self._binds: dict[str, Processor] = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        self._dialect = dialect
        self._columns: Any = [column.type.dialect_impl(dialect) for column in statement.selected_columns] if isinstance(statement, Select) else []
        self._reads: list[Processor] | None = None

    def write(self, driver: Any, values: Mapping[str, Any]) -> int:  # noqa: ANN401 - a DBAPI connection has no common type
        with driver_errors(self._dialect):
            count: int = driver.execute(self._sql, self._given(values)).rowcount
        return count

    def write_all(self, driver: Any, rows: Sequence[Mapping[str, Any]]) -> None:  # noqa: ANN401 - a DBAPI connection has no common type
        with driver_errors(self._dialect):
            driver.cursor().executemany(self._sql, [self._given(values) for values in rows])

    def rows(self, driver: Any, values: Mapping[str, Any]) -> list[Row]:  # noqa: ANN401 - a DBAPI connection has no common type
        with driver_errors(self._dialect):
            cursor = driver.execute(self._sql, self._given(values))
            found = cursor.fetchall()
        reads = self._reads or self._reading(cursor.description)
        return [tuple([read(value) if read else value for read, value in zip(reads, row, strict=True)]) for row in found]

    def _reading(self, description: Sequence[Sequence[Any]]) -> list[Processor]:
        """Keep what turns each column back; it depends on the type that the database says it sends."""
        self._reads = [_kept(kind, kind.result_processor(self._dialect, told[1])) for kind, told in zip(self._columns, description, strict=True)]
        return self._reads

    def _given(self, values: Mapping[str, Any]) -> list[Any] | dict[str, Any]:
        known = {**self._fixed, **values}
        bound = {name: bind(known[name]) if bind else known[name] for name, bind in self._binds.items()}
        return bound if self._names is None else [bound[name] for name in self._names]


def _kept(kind: object, read: Processor) -> Processor:
    """Keep the ids that were read: the same few come back all day, and making one takes longer than finding it."""
    return lru_cache(maxsize=IDS_KEPT)(read) if read and isinstance(kind, Uuid) else read
