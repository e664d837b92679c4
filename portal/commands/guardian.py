"""The commands by which the practice decides who may act for whom."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import click
from sqlalchemy.orm import Session

from portal import config as configuration
from portal.commands.failures import Refused
from portal.commands.opening import current_database
from portal.domain.audit import WHO_MAX, Door, Origin
from portal.domain.guardianship import Act, LinkState
from portal.domain.links import PRESETS, By, LinkCode
from portal.services import events, guardians, links
from portal.services.events import Event
from portal.services.guardians import Approval, Requested
from portal.services.links import Changed, Changer, NotPossible, Unknown
from portal.storage import guardians as stored
from portal.storage.engine import begin_write, sessions
from portal.storage.guardians import LinkEntry, RequestEntry

_LINE = "{:36}  {:9}  {:14}  {}"
_CODES = {
    LinkCode.NOT_ALLOWED: "this change is not possible for it; for a request name --patient ID or --new-patient",
    LinkCode.REASON_REQUIRED: "a reason, or what the evidence is, must be given",
    LinkCode.REASON_TOO_LONG: "the text has more than 250 characters",
    LinkCode.BIRTHDAY_UNKNOWN: "the guardian's date of birth is not known",
    LinkCode.TOO_YOUNG: "the guardian is under 18",
    LinkCode.OWN_RECORD: "the patient is the user's own record",
    LinkCode.OTHER_PRACTICE: "the patient and the user are of two accounts",
    LinkCode.LIVING: "there is a living link between the two already",
    LinkCode.PATIENT_TOO_YOUNG: "the patient is not of the age to give consent",
    LinkCode.PATIENT_TOO_OLD: "the patient is of the age at which the rights of guardians end",
    LinkCode.NO_SCOPES: "no scope is given",
    LinkCode.CANNOT_SEE: "the scopes must include see",
    LinkCode.NO_END: "a court's order needs its end: --until DATE",
    LinkCode.ENDS_BEFORE: "the end is past",
    LinkCode.TOO_LONG: "the end is too far ahead",
    LinkCode.NOT_ASKED: "the patient is not of the age to be asked for agreement",
}
Outcome = Changed | Requested | NotPossible | Unknown


class _Scopes(click.ParamType[frozenset[Act]]):
    """A preset (all, booking, seeing), or scopes joined by commas."""

    name = "scopes"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[Act]:
        """Return the acts."""
        text = str(value)
        try:
            return PRESETS.get(text) or frozenset(Act(word.strip()) for word in text.split(","))
        except ValueError:
            self.fail(f"{text} is neither a preset ({', '.join(PRESETS)}) nor a list of {', '.join(Act)}", param, ctx)


class _By(click.ParamType[str]):
    """The name of whoever decides for the practice."""

    name = "name"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name."""
        text = str(value).strip()
        return text if 0 < len(text) <= 120 < WHO_MAX else self.fail("a name has 1 to 120 characters", param, ctx)


_by = click.option("--by", required=True, type=_By(), help="Who decides this for the practice.")
_reason = click.option("--reason", required=True, help="Why; the patient and the guardian can read it.")
_id = click.argument("wanted_id", metavar="ID", type=click.UUID)


@click.group("guardian")
def command() -> None:
    """Review who may act for whom."""


@command.command("list")
@click.option("--state", type=click.Choice([state.value for state in LinkState]), help="Only those in this state.")
@click.option("--patient", "patient_id", type=click.UUID, help="Only links over this patient.")
def list_links(state: str | None, patient_id: UUID | None) -> None:
    """List requests that wait and links: id, state, basis, and who for whom."""
    with current_database(configuration.database_url()) as engine, sessions(engine)() as session:
        waiting = stored.requests(session, state or LinkState.REQUESTED.value) if patient_id is None else []
        found = stored.entries(session, state, patient_id)
    click.echo(_LINE.format("id", "state", "basis", "who for whom"))
    for request in waiting:
        click.echo(_told_request(request))
    for entry in found:
        click.echo(_told(entry))


@command.command()
@_id
@_by
@click.option("--evidence", required=True, help="What shows the authority, as the practice has seen it.")
@click.option("--patient", "patient_id", type=click.UUID, help="The patient whom a request is about.")
@click.option("--new-patient", is_flag=True, help="The request is about somebody whom the practice has not known: make a record.")
@click.option("--scopes", type=_Scopes(), help=f"What the guardian may do: {', '.join(PRESETS)}, or some of {','.join(Act)}.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--agreed", is_flag=True, help="The young person has agreed.")
def approve(wanted_id: UUID, by: str, evidence: str, until: datetime | None, **options: object) -> None:
    """Approve a request, let a suspended link act again, or write down a young person's agreement."""
    last_day: date | None = until.date() if until else None
    approval = Approval(by, evidence, until=last_day, **options)  # type: ignore[arg-type]  # click has converted them
    _decide(lambda session, now: guardians.approve(session, wanted_id, approval, _origin(by), now))


@command.command()
@_id
@_by
@_reason
def refuse(wanted_id: UUID, by: str, reason: str) -> None:
    """Refuse a request."""
    _decide(lambda session, now: guardians.refuse(session, wanted_id, _changer(by, reason), now))


@command.command()
@_id
@_by
@_reason
def suspend(wanted_id: UUID, by: str, reason: str) -> None:
    """Let a link give nothing until it is approved again."""
    _decide(lambda session, now: guardians.set_state(session, wanted_id, LinkState.SUSPENDED, _changer(by, reason), now))


@command.command()
@_id
@_by
@_reason
def end(wanted_id: UUID, by: str, reason: str) -> None:
    """End a link for good."""
    _decide(lambda session, now: guardians.set_state(session, wanted_id, LinkState.ENDED, _changer(by, reason), now))


@command.command()
def sweep() -> None:
    """Write which links have ended by themselves and tell people of birthdays; run it once a day."""
    with current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        ended, told = links.sweep(session, datetime.now(UTC))
    click.echo(f"Links that have ended: {ended}. Birthdays of which people were told: {told}.")


def _decide(decide: Callable[[Session, datetime], Outcome]) -> None:
    """Make a decision and say what came of it; one that is refused leaves nothing behind."""
    now = datetime.now(UTC)
    with current_database(configuration.database_url()) as engine, sessions(engine).begin() as session:
        begin_write(session)
        outcome = decide(session, now)
        if isinstance(outcome, Unknown):
            raise Refused("portal: there is no such request, link or patient")
        if isinstance(outcome, NotPossible):
            raise Refused(f"portal: {'; '.join(_CODES.get(code, code.value) for code in outcome.codes)}")
    if isinstance(outcome, Requested):
        events.note(Event.LINK_CHANGED, now, "refused", object=outcome.request_id)
        click.echo(f"The request {outcome.request_id} is refused.")
        return
    events.note(Event.LINK_CHANGED, now, outcome.state.value, object=outcome.link_id, subject=outcome.patient_id)
    click.echo(f"The link {outcome.link_id} is {outcome.state.value}.")


def _changer(by: str, reason: str) -> Changer:
    return Changer(By.PRACTICE, _origin(by), by, reason)


def _origin(by: str) -> Origin:
    return Origin(Door.COMMAND, name=by)


def _told(entry: LinkEntry) -> str:
    link = entry.link
    who = f"{entry.user.name} <{entry.user.email}>, {entry.relationship} of {entry.patient.name} ({link.patient_id})"
    return _LINE.format(str(link.id), link.state.value, link.basis.value, f"{who}: {links.written_scopes(link.scopes)}")


def _told_request(request: RequestEntry) -> str:
    who = f"{request.user.name} <{request.user.email}>, {request.relationship} of {request.name}, born {request.born_on}: {request.evidence}"
    return _LINE.format(str(request.id), request.state, request.basis.value, who)
