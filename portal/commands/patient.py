"""The commands about patients."""

import click

from portal import config as configuration
from portal.commands.opening import current_database
from portal.storage import invitations
from portal.storage.engine import sessions
from portal.storage.invitations import FOUND_MAX

_LINE = "{:36}  {:10}  {:30}  {}"


@click.group("patient")
def command() -> None:
    """Look patients up."""


@command.command("list")
@click.argument("name", required=False)
def list_patients(name: str | None) -> None:
    """List patients whose name holds NAME, or the first by name: id, date of birth, name, and the address they sign in with."""
    with current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        found = invitations.patients_named(session, name)
    click.echo(_LINE.format("id", "born", "name", "signs in as").rstrip())
    for patient in found:
        click.echo(_LINE.format(str(patient.id), patient.born_on.isoformat(), patient.name, patient.email or "").rstrip())
    if len(found) == FOUND_MAX:
        click.echo(f"These are the first {FOUND_MAX}; name more of the name to see others.", err=True)
