"""Preparing a demonstration: a database filled once and kept, and all there is to tell about it."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy import Engine, inspect
from sqlalchemy.orm import Session

from portal.demo import seed, show
from portal.demo.folder import DemoFolder
from portal.demo.seed import WorkingDay
from portal.storage import schema
from portal.storage.catalogue import account_ids
from portal.storage.engine import begin_write, open_engine, sessions

Track = Callable[[list[WorkingDay]], AbstractContextManager[Iterable[WorkingDay]]]


class DemoError(Exception):
    """A database is not the demonstration's to use."""


def discard(folder: DemoFolder, url: str | None) -> None:
    """Throw the demonstration away; raises DemoError when the database at `url` (None: the folder's own) holds another clinic."""
    if url is None:
        folder.discard_database()
    else:
        _empty(url)
    folder.discard_mail()


def _empty(url: str) -> None:
    engine = open_engine(url)
    try:
        with sessions(engine)() as session:
            if inspect(session.connection()).has_table("account"):
                _only_the_demo(session)
        schema.downgrade(engine, "base")
    finally:
        engine.dispose()


def fill(engine: Engine, now: datetime, track: Track) -> None:
    """Bring the database to the newest schema, and fill it in one transaction if it is empty; `track` shows the progress."""
    schema.upgrade(engine)
    with sessions(engine).begin() as session:
        begin_write(session)
        _only_the_demo(session)
        if not account_ids(session):
            seeding = seed.begin(session, now)
            with track(seed.working_days(seeding)) as days:
                for day in days:
                    seed.fill(seeding, day)


def tell(engine: Engine, folder: DemoFolder, base_url: str, now: datetime) -> tuple[str, str]:
    """Return the facts file and a command that books by curl; issues bearer keys where the kept ones do not hold."""
    with sessions(engine).begin() as session:
        begin_write(session)
        clinic = seed.example()
        tokens = show.tokens(session, clinic, folder.bearer_keys(), now)
        folder.keep_bearer_keys(tokens)
        told = show.demo(session, base_url, clinic, tokens)
        return show.facts(told), show.curl_line(session, told, now)


def _only_the_demo(session: Session) -> None:
    if set(account_ids(session)) - {seed.example().id}:
        raise DemoError("this database holds another clinic; the demonstration needs one of its own (see PORTAL_DATABASE_URL)")
