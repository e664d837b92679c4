"""The commands about bearer keys of client programs."""

from datetime import UTC, datetime

import click

from portal import config as configuration
from portal.commands.failures import refusing
from portal.commands.opening import current_database
from portal.domain.keys import DAYS_DEFAULT
from portal.services import keys
from portal.storage import keys as stored
from portal.storage.engine import begin_write, sessions
from portal.storage.keys import KeyEntry

KEY_DAYS_MAX = 3650
_LINE = "{:8}  {:7}  {:16}  {:16}  {:16}  {}"


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


@command.command("list")
@click.option("--user", "email", help="E-mail address of the user whose keys to list.")
@click.option("--account", "account_name", help="Key or name of the account whose keys to list, with those of its users.")
def list_keys(email: str | None, account_name: str | None) -> None:
    """List keys, newest first: id, state, created, expires, last used (UTC), and for whom."""
    if email is not None and account_name is not None:
        raise click.UsageError("Name --user EMAIL or --account NAME, or neither.")
    with refusing(keys.UnknownHolderError), current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        if email is not None:
            found = keys.entries_of_user(session, email)
        else:
            found = stored.entries(session) if account_name is None else keys.entries_of_account(session, account_name)
    click.echo(_LINE.format("id", "state", "created", "expires", "last used", "for"))
    for entry in found:
        click.echo(_told(entry, datetime.now(UTC)))


@command.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """End the key with an ID, as `list` shows it; its next call is refused."""
    with refusing(keys.UnknownHolderError), current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        ended = keys.revoke(session, key_id, datetime.now(UTC))
    click.echo(f"The key {key_id} is revoked." if ended else f"The key {key_id} had been revoked before.")


def _told(entry: KeyEntry, now: datetime) -> str:
    state = "live" if entry.is_live(now) else "revoked" if entry.revoked_at else "expired"
    times = [_minute(instant) for instant in (entry.created_at, entry.expires_at, entry.last_used_at)]
    return _LINE.format(entry.id, state, *times, entry.email or f"all of {entry.account_name}")


def _minute(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M") if instant else "never"
