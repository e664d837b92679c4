from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.domain.guardianship import Act, Actor, LinkState
from portal.storage import patients
from portal.storage.people import GuardianLink, User
from tests.clinic import Clinic


def test_a_patient_is_found_with_the_revision_of_the_practice(session: Session, clinic: Clinic) -> None:
    leo = patients.patient(session, clinic.patient("leo"))
    assert leo is not None
    assert (leo.name, leo.account_id, leo.revision) == ("Leo Berg", clinic.account_id, 1)
    assert leo.subject.patient_id == leo.id


def test_an_unknown_patient_is_none(session: Session, clinic: Clinic) -> None:
    assert patients.patient(session, clinic.user("leo")) is None


def test_links_come_whatever_their_state_and_only_the_users_own(session: Session, clinic: Clinic, now: datetime) -> None:
    session.execute(update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "nia")).values(state="ended", scopes="see", ends_at=now))
    links = {link.id: link for link in patients.links(session, clinic.user("maya"))}
    assert set(links) == {clinic.link("maya", "leo"), clinic.link("maya", "nia")}
    assert links[clinic.link("maya", "leo")].scopes == frozenset(Act)
    ended = links[clinic.link("maya", "nia")]
    assert (ended.state, ended.scopes, ended.ends_at) == (LinkState.ENDED, frozenset({Act.SEE}), now)


def test_those_cared_for_come_eldest_first(session: Session, clinic: Clinic) -> None:
    def names(user: str) -> list[str]:
        return [patient.given_name for patient in patients.cared_for(session, clinic.actor(user))]

    assert {user: names(user) for user in ("maya", "grace", "ada", "zoe")} == {
        "maya": ["Maya", "Leo", "Nia"],
        "grace": ["Leo"],
        "ada": ["Ada"],
        "zoe": [],
    }


def test_only_an_active_user_acts(session: Session, clinic: Clinic) -> None:
    assert patients.actor(session, clinic.user("ada")) == Actor(clinic.user("ada"), clinic.account_id, clinic.patient("ada"))
    session.execute(update(User).where(User.id == clinic.user("ada")).values(active=False))
    assert patients.actor(session, clinic.user("ada")) is None
    assert patients.actor(session, UUID(int=0)) is None
