"""Selects compiled once and run on the driver's own cursor, for the pages and calls that are asked most often."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.storage.core import connection_of

Row = tuple[Any, ...]
Processor = Callable[[Any], Any] | None


class Prepared:
    """A select with named parameters; it may not hold an expanding one.

    SQLAlchemy compiles it and converts its values, but is not asked again for each run: that costs three times the query.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[Row]:
        """Return all rows, in the session's transaction; raises what SQLAlchemy would."""
        connection = connection_of(session)
        if connection.engine.dispatch.before_cursor_execute:
            # Somebody watches statements: take the way on which they are seen.
            return [tuple(row) for row in connection.execute(self._statement, values)]
        plan = self._plans.get(connection.dialect.name)
        if plan is None:
            plan = self._plans[connection.dialect.name] = _Plan(self._statement, connection.dialect)
        return plan.run(connection, values)

    def one(self, session: Session, values: Mapping[str, Any]) -> Row | None:
        """Return the only row, or None."""
        found = self.rows(session, values)
        return found[0] if found else None


class _Plan:
    """A statement as one database takes it: its text, and what turns values into the driver's and back."""

    def __init__(self, statement: Select[*tuple[Any, ...]], dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self._sql: str = compiled.string
        self._names: Sequence[str] | None = compiled.positiontup
        self._fixed: dict[str, Any] = {name: value for name, value in compiled.params.items() if value is not None}
        self._binds: dict[str, Processor] = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for bind, name in compiled.bind_names.items()
        }
        self._dialect = dialect
        self._columns: Any = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        self._reads: list[Processor] | None = None

    def run(self, connection: Connection, values: Mapping[str, Any]) -> list[Row]:
        given = self._given(values)
        driver: Any = connection.connection.dbapi_connection
        try:
            cursor = driver.execute(self._sql, given)
            found = cursor.fetchall()
        except connection.dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(self._sql, None, error, connection.dialect.loaded_dbapi.Error, dialect=connection.dialect) from error
        reads = self._reads or self._reading(cursor.description)
        return [tuple([read(value) if read else value for read, value in zip(reads, row, strict=True)]) for row in found]

    def _reading(self, description: Sequence[Sequence[Any]]) -> list[Processor]:
        """Keep what turns each column back; it depends on the type that the database says it sends."""
        self._reads = [kind.result_processor(self._dialect, told[1]) for kind, told in zip(self._columns, description, strict=True)]
        return self._reads

    def _given(self, values: Mapping[str, Any]) -> list[Any] | dict[str, Any]:
        known = {**self._fixed, **values}
        bound = {name: bind(known[name]) if bind else known[name] for name, bind in self._binds.items()}
        return bound if self._names is None else [bound[name] for name in self._names]
