"""The commands about mail that waits in the outbox."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

import click

from portal import config as configuration
from portal.commands.failures import Refused
from portal.commands.opening import current_database
from portal.mail.delivery import Courier, Outcome, deliver, deliver_on
from portal.mail.transport import way_out
from portal.storage import outbox
from portal.storage.engine import sessions
from portal.storage.outbox import MailEntry

_LINE = "{:36}  {:8}  {:16}  {:>5}  {:16}  {:21}  {}"


@click.group("mail")
def command() -> None:
    """Send mail that waits in the outbox, or list it."""


@command.command("deliver")
@click.option("--forever", is_flag=True, help="Go on with what becomes due, until SIGTERM or SIGINT.")
@click.option("--parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def send(parent: int | None, *, forever: bool) -> None:
    """Send all mail that is due."""
    config = configuration.from_environment()
    out = way_out(config.mail)
    if out is None:
        raise Refused("portal: mail has no way out and waits in the outbox; set PORTAL_SMTP_URL or PORTAL_MAIL_FOLDER")
    with current_database(config.database_url) as engine, _stopped_by_signals() as stopping:
        courier = Courier(engine, out, config, lambda: datetime.now(UTC))
        if forever:
            deliver_on(courier, stopping, parent)
            return
        outcomes = deliver(courier, stopping)
    click.echo(f"{outcomes[Outcome.SENT]} sent, {outcomes[Outcome.LATER]} to be tried again, {outcomes[Outcome.NEVER]} given up.")


@command.command("list")
def list_mail() -> None:
    """List the newest mail: id, state, created, tries, next try (UTC), kind, address, and the last failure."""
    with current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        found = outbox.entries(session)
    click.echo(_LINE.format("id", "state", "created", "tries", "next try", "kind", "to"))
    for entry in found:
        click.echo(_told(entry))


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """Give what SIGTERM and SIGINT set, so that the mail in hand is sent and recorded before the process ends."""
    stopping = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _told(entry: MailEntry) -> str:
    state = "sent" if entry.sent_at else "waiting" if entry.try_at else "given up"
    line = _LINE.format(str(entry.id), state, _minute(entry.created_at), entry.tries, _minute(entry.try_at), entry.kind, entry.to)
    return f"{line}\n    {entry.failure}" if entry.failure else line


def _minute(instant: datetime | None) -> str:
    return instant.strftime("%Y-%m-%d %H:%M") if instant else ""
