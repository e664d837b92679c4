"""Codes of the practice, for tests that enter them."""

from datetime import datetime

from sqlalchemy import Engine

from portal.domain.audit import Door, Origin
from portal.domain.invitations import Role
from portal.services import invitations
from portal.storage.engine import begin_write, sessions
from tests.clinic import NOW, Clinic

DESK = Origin(Door.COMMAND, name="Iris at the desk")


def code_for(engine: Engine, clinic: Clinic, patient: str, role: str = "self", now: datetime = NOW) -> str:
    """Hand out a code as the command does."""
    with sessions(engine).begin() as session:
        begin_write(session)
        return invitations.issue(session, clinic.patient(patient), Role(role), DESK, now)
