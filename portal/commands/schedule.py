"""The commands by which the practice decides about appointments."""

from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import click
from sqlalchemy.orm import Session

from portal import config as configuration
from portal.commands.failures import Refused
from portal.commands.opening import current_database
from portal.domain.audit import WHO_MAX, Door, Origin
from portal.domain.booking import Code, Field
from portal.domain.schedule import Status, read_reference, shown_reference
from portal.domain.walltime import local
from portal.services import booking, deciding
from portal.services.deciding import Decided, Unknown
from portal.storage import schedules
from portal.storage.engine import begin_write, sessions

_LINE = "{:9}  {:9}  {:25}  {:25}  {}"
_WORDS = {
    (Field.SECOND_CHOICE, Code.REQUIRED): "it has no second choice",
    (Field.CANCEL_REASON, Code.REQUIRED): "a reason must be given",
    (Field.CANCEL_REASON, Code.TOO_LONG): "the reason has more than 250 characters",
    (Field.SCHEDULE, Code.CANCELLED): "it has been cancelled",
    (Field.SCHEDULE, Code.DECLINED): "it has been declined",
    (Field.SCHEDULE, Code.WITHDRAWN): "the visit is not offered any more",
    (Field.SCHEDULE, Code.BEGUN): "it is no request, or its time is over",
}


@click.group("schedule")
def command() -> None:
    """Review appointments, and decide about those that wait for the practice."""


@command.command("list")
@click.option("--requested", is_flag=True, help="Only those that wait for the practice.")
def list_schedules(*, requested: bool) -> None:
    """List the appointments that are coming: reference, state, first and second time, and with whom."""
    with current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        found = schedules.ahead(session, datetime.now(UTC), requested=requested)
    click.echo(_LINE.format("reference", "state", "time", "second choice", "patient with whom"))
    for one in found:
        other = one.other_choice_at if one.status == Status.REQUESTED else None
        times = [local(start, one.time_zone).isoformat(timespec="minutes") if start else "" for start in (one.starts_at, other)]
        who = f"{one.patient_name} with {one.provider_name}"
        click.echo(_LINE.format(shown_reference(one.reference), Status(one.status).name.lower(), *times, who))


@command.command()
@click.argument("reference")
@click.option("--second", is_flag=True, help="Give the second choice and not the first.")
@click.option("--by", "name", required=True, help="Name of whoever at the practice decides.")
def confirm(reference: str, name: str, *, second: bool) -> None:
    """Confirm a request: its time is booked, the other one is free."""
    origin = _origin(name)
    _decide(reference, lambda session, schedule_id: deciding.confirm(session, schedule_id, origin, datetime.now(UTC), second=second))
    click.echo("Confirmed.")


@command.command()
@click.argument("reference")
@click.option("--by", "name", required=True, help="Name of whoever at the practice decides.")
@click.option("--reason", required=True, help="Why; the patient can read it.")
def decline(reference: str, name: str, reason: str) -> None:
    """Decline a request: all its times are free."""
    origin = _origin(name)
    _decide(reference, lambda session, schedule_id: deciding.decline(session, schedule_id, origin, reason, datetime.now(UTC)))
    click.echo("Declined.")


def _origin(name: str) -> Origin:
    name = " ".join(name.split())[:WHO_MAX]
    if not name:
        raise click.UsageError("Say with --by who decides.")
    return Origin(Door.COMMAND, name=name)


def _decide(reference: str, write: Callable[[Session, UUID], Decided | booking.Refused | Unknown]) -> None:
    """Find the one appointment with a reference, and commit what is decided about it."""
    wanted = read_reference(reference)
    with current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        found = schedules.all_with_reference(session, wanted) if wanted else []
        if len(found) > 1:
            raise Refused("portal: several accounts have an appointment with this reference")
        outcome = write(session, found[0]) if found else Unknown()
        if isinstance(outcome, Unknown):
            raise Refused("portal: no appointment has this reference")
        if isinstance(outcome, booking.Refused):
            raise Refused("portal: " + "; ".join(_WORDS[problem.field, problem.code] for problem in outcome.problems))
