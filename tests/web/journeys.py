"""What tests of the journey share: where a draft is, and somebody else who is quicker."""

from datetime import datetime, timedelta

from sqlalchemy import Engine

from portal.services import booking
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic
from tests.web.page import Page

AFTER_A_HOLD = timedelta(minutes=10)


def base(page: Page) -> str:
    """Return the address of a draft, from the page of its check step."""
    return page.form_with("shown").action.removesuffix("check")


def rival(engine: Engine, clinic: Clinic, *starts: str, patient: str = "omar") -> None:
    """Let somebody else take these times with Dr Chen, so late that nobody holds them any more."""
    with sessions(engine).begin() as session:
        begin_write(session)
        for start in starts:
            outcome = booking.book(
                session, clinic.actor(patient), clinic.request(patient, patient, datetime.fromisoformat(start)), NOW + AFTER_A_HOLD
            )
            assert isinstance(outcome, booking.Booked)
