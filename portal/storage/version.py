"""Telling whether a database stands at the newest migration, without the machinery that brings it there."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from portal.storage.core import connection_of

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
# Read once: a process serves the schema that it was written for, also when newer files are put beside it.
NEWEST = max(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py"))


def is_current(session: Session) -> bool:
    """Tell whether the database stands at the newest migration, which the number in its file's name says."""
    connection = connection_of(session)
    if not inspect(connection).has_table("alembic_version"):
        return False
    return [row[0] for row in connection.execute(text("SELECT version_num FROM alembic_version"))] == [NEWEST]
