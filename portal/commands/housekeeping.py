"""The command that does what has become due; the server runs it every ten minutes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import click
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import config as configuration
from portal.commands.opening import current_database
from portal.services import waiting
from portal.services.housekeeping import keep_house
from portal.storage.engine import begin_write, sessions

_T = TypeVar("_T")


@click.command("housekeeping")
def command() -> None:
    """Write which links have ended, tell people of birthdays, offer times on that people let pass, and remove what is out of date."""
    now = datetime.now(UTC)
    with current_database(configuration.database_url()) as engine:
        passed = 0
        # Each in a transaction of its own, so that none holds up the others for long.
        while _in_one(engine, waiting.sweep, now):
            passed += 1
        left = _in_one(engine, waiting.tidy, now)
        ended, told = _in_one(engine, keep_house, now)
    click.echo(f"Links that have ended: {ended}. Birthdays of which people were told: {told}.")
    click.echo(f"Offers and holds that have passed: {passed}. Who waits no more: {left}.")


def _in_one(engine: Engine, work: Callable[[Session, datetime], _T], now: datetime) -> _T:
    with sessions(engine).begin() as session:
        begin_write(session)
        return work(session, now)
