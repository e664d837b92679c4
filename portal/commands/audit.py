"""The command about the rows that say who read and wrote what."""

from datetime import UTC, datetime
from uuid import UUID

import click

from portal import config as configuration
from portal.commands.failures import Refused
from portal.commands.opening import current_database
from portal.services.verifying import SETTLED, Walk, read_note
from portal.storage.engine import sessions


@click.group("audit")
def command() -> None:
    """Look after the rows that say who read and wrote what."""


@command.command()
@click.option("--patient", "patient_id", type=click.UUID, help="Id of the patient whose rows alone to verify.")
@click.option("--expect", "expected", metavar="NOTE", help="What an earlier run told to note: tells whether a row of before it is gone.")
def verify(patient_id: UUID | None, expected: str | None) -> None:
    """Tell whether every row is as it was written and none is missing; exit 1 and say whose if not."""
    if patient_id is not None and expected is not None:
        raise click.UsageError("A note is about all patients: leave --patient out.")
    noted = None if expected is None else read_note(expected)
    if expected is not None and noted is None:
        raise click.UsageError("This is no note of an earlier run.")
    walk = Walk(datetime.now(UTC) - SETTLED, *([noted.at] if noted else []))
    broken = 0
    with current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        for one in walk.verify(session, patient_id):
            click.echo(f"patient {one.patient_id or 'unknown'}: {one.what}")
            broken += 1
    click.echo(f"patients: {walk.patients}, rows: {walk.rows}, faults: {broken}")
    notes = [heads.note() for heads in walk.heads]
    if broken:
        raise Refused("portal: rows were changed or removed")
    if noted and notes[1].digest != noted.digest:
        raise Refused(f"portal: the rows up to {noted.at.isoformat()} are not those that were noted")
    if patient_id is None:
        click.echo(f"Note, and keep elsewhere: {notes[0]}")
