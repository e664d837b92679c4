"""Links between the people of the small practice, written past all rules."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, insert, update

from portal.domain.guardianship import Act, LinkState
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink, Patient, User
from tests.clinic import LONG_AGO, NOW, Clinic, key


def link(engine: Engine, clinic: Clinic, guardian: str, patient: str, **columns: Any) -> UUID:  # noqa: ANN401 - any column
    """Write a link, a proxy's by consent unless told otherwise, and return its id."""
    link_id = key("guardian_link", f"{guardian}/{patient}")
    row = {
        "id": link_id,
        "user_id": clinic.user(guardian),
        "patient_id": clinic.patient(patient),
        "relationship": "friend",
        "basis": "consent",
        "state": LinkState.ACTIVE.value,
        "scopes": " ".join(Act),
        "starts_at": LONG_AGO,
        "ends_at": NOW + timedelta(days=300),
        **columns,
    }
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(insert(GuardianLink).values(**row))
    return link_id


def change_link(engine: Engine, link_id: UUID, **columns: Any) -> None:  # noqa: ANN401 - any column
    """Write columns of a link."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(GuardianLink).where(GuardianLink.id == link_id).values(**columns))


def is_born(engine: Engine, clinic: Clinic, name: str, day: date) -> None:
    """Give a patient, and the user of that name if there is one, another birthday."""
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(Patient).where(Patient.id == clinic.patient(name)).values(born_on=day))
        session.execute(update(User).where(User.id == clinic.user(name)).values(born_on=day))
