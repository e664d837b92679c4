"""Booked appointments, for tests that cancel and move them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, select, update

from portal.domain.guardianship import Act
from portal.domain.moving import MoveRequest
from portal.services import booking, cancelling, moving
from portal.services.booking import Booked, Forbidden, Refused
from portal.services.cancelling import Cancelled
from portal.services.moving import Moved
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink
from portal.storage.schedule import Schedule
from tests.clinic import NOW, Clinic
from tests.stored import Row

TEN = datetime.fromisoformat("2027-03-02T15:00:00Z")
ELEVEN = datetime.fromisoformat("2027-03-02T16:00:00Z")
WEDNESDAY = datetime.fromisoformat("2027-03-03T15:00:00Z")


def booked(engine: Engine, clinic: Clinic, patient: str = "ada", start: datetime = TEN, **changes: Any) -> UUID:  # noqa: ANN401 - any member of the request
    """Book a check-up with Dr Chen for somebody, or for a child by Maya, and return its id."""
    user = patient if patient in ("ada", "omar", "maya") else "maya"
    outcome = book(engine, clinic, user, patient, start, **changes)
    assert isinstance(outcome, Booked)
    return outcome.schedule_id


def book(
    engine: Engine,
    clinic: Clinic,
    user: str,
    patient: str,
    start: datetime,
    **changes: Any,  # noqa: ANN401 - any member of the request
) -> Booked | Refused | Forbidden:
    """Book as a door would."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return booking.book(session, clinic.actor(user), clinic.request(user, patient, start, **changes), NOW)


def cancel(
    engine: Engine, clinic: Clinic, schedule_id: UUID, user: str = "ada", reason: str | None = "Well again", now: datetime = NOW
) -> Cancelled | Refused | Forbidden:
    """Cancel as a door would."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return cancelling.cancel(session, clinic.actor(user), schedule_id, reason, now)


def move(engine: Engine, clinic: Clinic, request: MoveRequest, user: str = "ada", now: datetime = NOW) -> Moved | Refused | Forbidden:
    """Move as a door would."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return moving.move(session, clinic.actor(user), request, now)


def stored(engine: Engine, schedule_id: UUID) -> Row:
    """Return a schedule's row."""
    with sessions(engine)() as session:
        return dict(session.execute(select(Schedule.__table__).where(Schedule.id == schedule_id)).mappings().one())


def write(engine: Engine, **columns: object) -> None:
    """Write columns of every schedule, past all rules."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Schedule).values(**columns))


def allow(engine: Engine, clinic: Clinic, *acts: Act) -> None:
    """Leave Maya these rights over Leo."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "leo")).values(scopes=" ".join(acts)))
