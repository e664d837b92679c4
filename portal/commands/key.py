"""The commands about bearer keys of client programs."""

from datetime import UTC, datetime

import click

from portal import config as configuration
from portal.commands.failures import refusing
from portal.commands.opening import current_database
from portal.domain.keys import DAYS_DEFAULT
from portal.services import keys
from portal.storage.engine import begin_write, sessions

KEY_DAYS_MAX = 3650


@click.group("key")
def command() -> None:
    """Manage bearer keys of client programs."""


@command.command()
@click.option("--user", "email", help="E-mail address of the user for whom alone the key may act.")
@click.option("--account", "account_name", help="Key or name of the account for whose users the key may act.")
@click.option("--days", type=click.IntRange(1, KEY_DAYS_MAX), default=DAYS_DEFAULT, show_default=True, help="Days until the key ends.")
def issue(email: str | None, account_name: str | None, days: int) -> None:
    """Issue a bearer key and show it, this once."""
    if (email is None) == (account_name is None):
        raise click.UsageError("Name either --user EMAIL or --account NAME.")
    with refusing(keys.UnknownHolderError), current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        now = datetime.now(UTC)
        text = keys.issue_to_user(session, email, days, now) if email else keys.issue_to_account(session, account_name or "", days, now)
    click.echo(text)
    click.echo("Keep it now: only a digest is stored, so it cannot be shown again.", err=True)
