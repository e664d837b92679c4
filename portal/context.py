"""What every request carries: the database session, the instant, and who is acting."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, current_app, g
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal.config import Config
from portal.domain.catalogue import Catalogue
from portal.services.sign_in import Limits
from portal.storage.catalogue import catalogue as catalogue_at
from portal.storage.catalogue import current_catalogue
from portal.storage.core import driver_errors, transaction_of
from portal.storage.engine import open_engine, open_reading, open_writing
from portal.storage.sign_ins import SignedIn

EXTENSION = "portal"
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Portal:
    """What the application holds for all its requests."""

    config: Config
    engine: Engine
    clock: Clock
    limits: Limits


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def init_app(app: Flask, config: Config, clock: Clock = utc_now) -> None:
    """Open the database and give every request its session, closed again whatever happens."""
    limits = Limits(timedelta(minutes=config.idle_minutes), timedelta(minutes=config.absolute_minutes))
    app.extensions[EXTENSION] = Portal(config, open_engine(config.database_url), clock, limits)
    app.teardown_appcontext(_close)


def close_connections(app: Flask) -> None:
    """Close every connection of an application that serves nothing yet: none may be shared by two processes."""
    held: Portal = app.extensions[EXTENSION]
    held.engine.dispose()


def portal() -> Portal:
    """Return what the application holds."""
    held: Portal = current_app.extensions[EXTENSION]
    return held


def now() -> datetime:
    """Return the instant of this request: the same one however often it is asked."""
    instant: datetime | None = g.get("now")
    if instant is None:
        instant = g.now = portal().clock()
    return instant


def db() -> Session:
    """Return this request's database session, for reading until `begin_write` is called."""
    session: Session | None = g.get("session")
    if session is None:
        session = g.session = open_reading(portal().engine)
    return session


def begin_write() -> Session:
    """Leave what was read behind and start a transaction that writes; authority must be read again inside it."""
    release()
    session = g.session = open_writing(portal().engine)
    return session


def commit() -> None:
    """Make this request's writes last, and let the next writer in. A door calls it, once, before it answers."""
    session: Session = g.session
    session.flush()
    with driver_errors(portal().engine.dialect):
        transaction_of(session).commit()
    release()


def release() -> None:
    """Give the connection back before something slow, and undo what was written but not committed."""
    session: Session | None = g.pop("session", None)
    if session is not None:
        session.close()


def catalogue_of(signed_in: SignedIn) -> Catalogue:
    """Return what the signed-in person's account offers now."""
    return catalogue_at(db(), signed_in.account_id, signed_in.revision)


def refreshed_catalogue(signed_in: SignedIn) -> Catalogue:
    """Return the catalogue as the present transaction sees it."""
    return current_catalogue(db(), signed_in.account_id)


def _close(_error: BaseException | None) -> None:
    release()
