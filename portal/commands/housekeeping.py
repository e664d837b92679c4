"""The command that does what has become due; the server runs it every hour."""

from datetime import UTC, datetime

import click

from portal import config as configuration
from portal.commands.opening import current_database
from portal.services.housekeeping import keep_house
from portal.storage.engine import begin_write, sessions


@click.command("housekeeping")
def command() -> None:
    """Write which links have ended, tell people of birthdays, and remove what is out of date."""
    with current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        ended, told = keep_house(session, datetime.now(UTC))
    click.echo(f"Links that have ended: {ended}. Birthdays of which people were told: {told}.")
