"""What tests of the journey share: where a draft is, and somebody else who is quicker."""

from datetime import datetime

from sqlalchemy import Engine

from portal.services import booking
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic
from tests.web.page import Page


def base(page: Page) -> str:
    """Return the address of a draft, from the page of its check step."""
    return page.form_with("shown").action.removesuffix("check")


def rival(engine: Engine, clinic: Clinic, *starts: str, patient: str = "omar") -> None:
    """Let somebody else take these times with Dr Chen."""
    with sessions(engine).begin() as session:
        begin_write(session)
        for start in starts:
            outcome = booking.book(session, clinic.actor(patient), clinic.request(patient, patient, datetime.fromisoformat(start)), NOW)
            assert isinstance(outcome, booking.Booked)
