"""People who wait for a time, and what they are offered."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Engine

from portal.domain.waiting import Days, OfferState
from portal.services import waiting
from portal.services.booking import Forbidden, Refused
from portal.services.waiting import NotPossible
from portal.storage import drafts, schedules
from portal.storage.catalogue import current_catalogue
from portal.storage.engine import begin_write, sessions
from portal.storage.schedule import Draft
from portal.storage.waiting import Offer, Waiting
from tests.clinic import NOW, Clinic
from tests.stored import Row, rows

MINUTE = timedelta(minutes=1)
# Noon in Boston, outside the quiet hours.
NOON = datetime.fromisoformat("2027-03-01T17:00:00Z")
OFFERED = timedelta(hours=2)
WEEK = Days(date(2027, 3, 1), date(2027, 3, 5))


def wait(engine: Engine, clinic: Clinic, user: str, patient: str | None = None, days: Days = WEEK, now: datetime = NOW, **changes: Any) -> UUID:  # noqa: ANN401 - columns of the draft
    """Put somebody on the list for a check-up with Dr Chen, as the page does."""
    answers = {
        "speciality_id": clinic.speciality("family medicine"),
        "provider_id": clinic.provider("chen"),
        "visit_option_id": clinic.option("check-up"),
    }
    with sessions(engine).begin() as session:
        begin_write(session)
        row = Draft(
            id=uuid4(), user_id=clinic.user(user), patient_id=clinic.patient(patient or user), created_at=now, reason="It hurts", reason_ids=""
        )
        for name, value in {**answers, **changes}.items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        read = drafts.draft(session, row.id, row.user_id, row.patient_id, lock=True)
        assert read is not None
        outcome = waiting.join(session, read[0], days, current_catalogue(session, clinic.account_id), now)
        assert isinstance(outcome, UUID)
        return outcome


def wait_earlier(
    engine: Engine, clinic: Clinic, user: str, schedule_id: UUID, days: Days = WEEK, now: datetime = NOW
) -> UUID | NotPossible | Forbidden:
    with sessions(engine).begin() as session:
        begin_write(session)
        schedule = schedules.view(session, schedule_id)
        assert schedule is not None
        return waiting.join_earlier(session, clinic.actor(user), schedule, days, now)


def offers(engine: Engine) -> list[Row]:
    """Return every offer, oldest first, the open one last."""
    return sorted(rows(engine, Offer), key=lambda row: (row["offered_at"], row["state"] == OfferState.OPEN))


def offered_to(engine: Engine) -> list[tuple[UUID, str]]:
    """Return whom times were offered to, and what became of it, in that order."""
    whose = {row["id"]: row["user_id"] for row in rows(engine, Waiting)}
    return [(whose[row["waiting_id"]], row["state"]) for row in offers(engine)]


def states(engine: Engine) -> dict[UUID, str]:
    return {row["id"]: row["state"] for row in rows(engine, Waiting)}


def answer(engine: Engine, clinic: Clinic, user: str, offer_id: UUID, now: datetime, way: Any = waiting.accept) -> Any:  # noqa: ANN401 - what the service answers
    """Accept or decline as the page does: what is refused is not committed."""
    with sessions(engine)() as session:
        begin_write(session)
        outcome = way(session, clinic.actor(user), offer_id, now)
        if not isinstance(outcome, (Refused, Forbidden)):
            session.commit()
        return outcome


def sweep(engine: Engine, now: datetime) -> int:
    """Sweep until there is nothing left; return how often there was something."""
    for times in range(20):
        with sessions(engine).begin() as session:
            begin_write(session)
            if not waiting.sweep(session, now):
                return times
    raise AssertionError("it never ends")
