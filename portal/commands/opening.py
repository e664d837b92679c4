"""What the commands share: how they open a database, and how they refuse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
from sqlalchemy import Engine, make_url

from portal import config as configuration
from portal.storage import version
from portal.storage.engine import open_engine, sessions


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
        raise Refused(f"portal: {first_line(error)}") from error


def first_line(error: object) -> str:
    """Return the first line of an error's text."""
    return str(error).strip().partition("\n")[0]


@contextmanager
def opened(url: str) -> Iterator[Engine]:
    """Open a database, with the folder of the default one, and leave no connection behind for a fork to inherit."""
    if url == configuration.default_database_url():
        Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def current_database(url: str) -> Iterator[Engine]:
    """Open a database that is at the newest schema."""
    with opened(url) as engine:
        with sessions(engine)() as session:
            if not version.is_current(session):
                raise Refused("portal: the database is not at the newest schema; bring it there with: portal db upgrade")
        yield engine
