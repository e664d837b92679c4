"""How the commands refuse: an expected failure is one clear line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from portal.config import ConfigurationError
from portal.storage.engine import DatabaseBusyError, UnsafeDatabaseError

_PLAIN = (ConfigurationError, UnsafeDatabaseError, OSError)
_ADDRESS = (ArgumentError, NoSuchModuleError, ModuleNotFoundError)


class Refused(click.ClickException):
    """An expected failure: its text, exit code 1, no traceback."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the text to standard error."""
        click.echo(self.message, file=file, err=True)


@contextmanager
def refusing(*expected: type[Exception]) -> Iterator[None]:
    """Turn failures that are expected of a command into one clear line."""
    try:
        yield
    except expected as error:
        raise Refused(f"portal: {_first_line(error)}") from error


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn the failures that any command may meet into one clear line."""
    try:
        yield
    except DatabaseBusyError as error:
        raise Refused("portal: the database is busy: another program has been writing to it for too long") from error
    except DBAPIError as error:
        raise Refused(f"portal: the database refused: {_first_line(error.orig)}") from error
    except _ADDRESS as error:
        raise Refused(f"portal: PORTAL_DATABASE_URL is no address of SQLite or PostgreSQL: {_first_line(error)}") from error
    except _PLAIN as error:
        raise Refused(f"portal: {_first_line(error)}") from error


def _first_line(error: object) -> str:
    return str(error).strip().partition("\n")[0]
