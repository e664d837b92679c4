"""Bringing a database to the schema of the models, through the numbered migrations.

Alembic takes a fifth of the server's start and is of no use to it, so what only asks for the version is in `version`.
"""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine

from portal.storage import audit, calendar, calls, clinic, custom_forms, outbox, payments, people, proofs, schedule, waiting
from portal.storage.base import Base
from portal.storage.version import MIGRATIONS

TABLES = (audit, calendar, calls, clinic, custom_forms, outbox, payments, people, proofs, schedule, waiting)
METADATA = Base.metadata


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision, all of it in one transaction."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database down to a revision; `base` leaves it empty."""
    with engine.begin() as connection:
        command.downgrade(_config(connection), revision)


def differences(engine: Engine) -> list[str]:
    """Return how the database differs from the models; an empty list when it is as it should be."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return [str(difference) for difference in compare_metadata(context, METADATA)]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config
