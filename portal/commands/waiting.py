"""The commands about the wait list."""

from datetime import UTC, datetime

import click
from sqlalchemy import Engine

from portal import config as configuration
from portal.commands.opening import current_database
from portal.services import waiting
from portal.storage.engine import begin_write, sessions


@click.group("waiting")
def command() -> None:
    """Keep the wait list going."""


@command.command()
def sweep() -> None:
    """End offers and holds whose time is over, and offer their times to the next who waits."""
    now = datetime.now(UTC)
    with current_database(configuration.database_url()) as engine:
        ended = 0
        while _one(engine, now):
            ended += 1
        with sessions(engine).begin() as session:
            begin_write(session)
            left = waiting.tidy(session, now)
    click.echo(f"{ended} ended, {left} left the list.")


def _one(engine: Engine, now: datetime) -> bool:
    with sessions(engine).begin() as session:
        begin_write(session)
        return waiting.sweep(session, now)
