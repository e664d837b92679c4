"""The commands about codes that the practice hands out."""

from datetime import UTC, datetime
from uuid import UUID

import click

from portal import config as configuration
from portal.commands.failures import refusing
from portal.commands.opening import current_database
from portal.domain.audit import WHO_MAX, Door, Origin
from portal.domain.invitations import LIFETIME, Role
from portal.services import invitations
from portal.storage.engine import begin_write, sessions

# As long as the column that keeps who handed a code out.
_BY_MAX = 120


@click.group("invitation")
def command() -> None:
    """Hand out codes with which people join their account to a patient."""


@command.command()
@click.option("--patient", "patient_id", type=click.UUID, required=True, help="Id of the patient, as `portal patient list` shows it.")
@click.option("--guardian", is_flag=True, help="For somebody who cares for the patient; without it the code is for the patient.")
@click.option("--by", "name", required=True, help="Name of whoever at the practice hands out the code.")
def issue(patient_id: UUID, name: str, *, guardian: bool) -> None:
    """Issue a code and show it, this once; it works with the patient's date of birth."""
    name = " ".join(name.split())[: min(WHO_MAX, _BY_MAX)]
    if not name:
        raise click.UsageError("Say with --by who hands out the code.")
    role, origin = Role.GUARDIAN if guardian else Role.SELF, Origin(Door.COMMAND, name=name)
    with refusing(invitations.UnknownPatientError), current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        code = invitations.issue(session, patient_id, role, origin, datetime.now(UTC))
    click.echo(code)
    click.echo(f"It works once, for {LIFETIME.days} days. Only a digest is stored, so it cannot be shown again.", err=True)
