"""The commands about the database's schema."""

import click
from alembic.util import CommandError

from portal import config as configuration
from portal.commands.failures import Refused, refusing
from portal.commands.opening import current_database, opened
from portal.storage import schema


@click.group("db")
def command() -> None:
    """Bring the database to a schema, or check it."""


@command.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Bring the database to a REVISION, by default the newest."""
    with refusing(CommandError), opened(configuration.database_url()) as engine:
        schema.upgrade(engine, revision)
    click.echo(f"The database is at schema {revision}.")


@command.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Take the database down to a REVISION, by default by one; what the older schema has no place for is lost."""
    with refusing(CommandError), opened(configuration.database_url()) as engine:
        schema.downgrade(engine, revision)
    click.echo(f"The database is at schema {revision}.")


@command.command()
def check() -> None:
    """Tell whether the database is at the newest schema and as the program expects it."""
    with current_database(configuration.database_url()) as engine:
        differences = schema.differences(engine)
    if differences:
        raise Refused("\n".join(["portal: the database differs from the schema:", *differences]))
    click.echo("The database is at the newest schema.")
