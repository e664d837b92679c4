"""How the commands open a database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, make_url

from portal import config as configuration
from portal.commands.failures import Refused
from portal.storage import version
from portal.storage.engine import open_engine, sessions


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
