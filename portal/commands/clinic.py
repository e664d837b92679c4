"""The commands that load what a practice offers."""

from pathlib import Path

import click

from portal import config as configuration
from portal.commands.failures import Refused
from portal.commands.opening import current_database
from portal.domain.clinic import Clinic
from portal.domain.clinic_file import ClinicFileError, read_clinic
from portal.services import clinic as clinics
from portal.storage.engine import begin_write, sessions


@click.group("clinic")
def command() -> None:
    """Load what a practice offers."""


@command.command("apply")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def apply_file(file: Path) -> None:
    """Check a clinic FILE and load it; what has not changed stays as it is."""
    described = _described(file)
    with current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        applied = clinics.apply(session, described)
    for change in applied.changes:
        if change:
            click.echo(f"{change.kind.replace('_', ' ')}: {change.added} added, {change.changed} changed, {change.retired} retired")
    click.echo(f"{described.account.name}: revision {applied.revision}{'' if applied else ', nothing changed'}")


def _described(file: Path) -> Clinic:
    try:
        return read_clinic(file.read_bytes(), str(file))
    except ClinicFileError as error:
        raise Refused(str(error)) from error
