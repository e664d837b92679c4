"""Mail about visits, on both databases: who is told what, and when it must not be told any more."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, update

from portal.domain.guardianship import Actor, LinkState
from portal.domain.mail import Kind
from portal.services import booking, deciding, letters
from portal.services.passwords import NO_PASSWORD
from portal.storage.clinic import VisitOption
from portal.storage.engine import begin_write, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, Patient, User
from tests.clinic import NOW, Clinic
from tests.services.mailing import DAY, DESK, change, reminding, send, to, told, withheld, written
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, booked, cancel, move
from tests.stored import rows


@pytest.fixture
def young(engine: Engine, clinic: Clinic) -> None:
    """Leo signs in too."""
    row = {"id": clinic.user("leo"), "account_id": clinic.account_id, "email": clinic.email("leo"), "name": "Leo", "language": "en"}
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(User(password_hash="hash", patient_id=clinic.patient("leo"), active=True, **row))


def test_integrity_12_a_booking_that_is_undone_is_told_to_nobody(engine: Engine, clinic: Clinic) -> None:
    with sessions(engine)() as session:
        begin_write(session)
        booking.book(session, clinic.actor("ada"), clinic.request("ada", "ada", TEN), NOW)
        session.rollback()
    assert rows(engine, Mail) == []


def test_a_repeated_request_and_a_refused_one_are_told_to_nobody(engine: Engine, clinic: Clinic) -> None:
    assert booked(engine, clinic) == booked(engine, clinic)
    with sessions(engine).begin() as session:
        begin_write(session)
        booking.book(session, clinic.actor("omar"), clinic.request("omar", "omar", TEN), NOW)
    assert written(engine) == [("booked", "ada")]


@pytest.mark.usefixtures("young")
def test_the_patient_is_told_and_whoever_booked_or_changed_but_no_other_guardian(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic, "leo")
    assert written(engine) == [("booked", "leo"), ("booked", "maya")]
    move(engine, clinic, to(schedule_id, ELEVEN), "grace")
    assert written(engine)[2:] == [("moved", "grace"), ("moved", "leo"), ("moved", "maya")]
    cancel(engine, clinic, schedule_id, "maya")
    assert [name for kind, name in written(engine) if kind == "cancelled"] == ["grace", "leo", "maya"]


@pytest.mark.usefixtures("young")
def test_who_cannot_sign_in_gets_no_mail(engine: Engine, clinic: Clinic) -> None:
    change(engine, update(User).where(User.id == clinic.user("leo")).values(password_hash=NO_PASSWORD))
    booked(engine, clinic, "leo")
    change(engine, update(User).where(User.id == clinic.user("leo")).values(password_hash="hash", active=False))
    booked(engine, clinic, "leo", WEDNESDAY)
    assert {name for _, name in written(engine)} == {"maya"}


@pytest.mark.usefixtures("young")
def test_6_1_1_what_a_young_person_keeps_private_is_told_to_them_alone(engine: Engine, clinic: Clinic) -> None:
    actor = Actor(clinic.user("leo"), clinic.account_id, clinic.patient("leo"))
    with sessions(engine).begin() as session:
        begin_write(session)
        booking.book(session, actor, clinic.request("leo", "leo", TEN, private=True), NOW)
    assert written(engine) == [("booked", "leo")]
    assert {name for name, _ in reminding(engine)} == {"leo"}


def test_a_request_that_is_moved_is_asked_for_anew_and_one_that_is_declined_told(engine: Engine, clinic: Clinic) -> None:
    change(engine, update(VisitOption).values(by_request=True))
    schedule_id = booked(engine, clinic)
    move(engine, clinic, to(schedule_id, ELEVEN))
    with sessions(engine).begin() as session:
        begin_write(session)
        deciding.decline(session, schedule_id, DESK, "Away", NOW)
    assert written(engine) == [("declined", "ada"), ("requested", "ada"), ("requested", "ada")]
    assert told(send(engine, NOW)) == [("declined", "ada", [ELEVEN])]


def test_what_a_later_change_has_overtaken_is_withheld(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, to(schedule_id, ELEVEN))
    assert told(send(engine, NOW)) == [("moved", "ada", [ELEVEN])]
    [row] = withheld(engine)
    assert (row["kind"], row["facts"]) == ("booked", "{}")
    assert row["failure"].startswith("withheld")


def test_what_was_sent_before_a_change_told_the_time_that_was_booked(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert told(send(engine, NOW)) == [("booked", "ada", [TEN])]
    move(engine, clinic, to(schedule_id, ELEVEN))
    assert told(send(engine, NOW)) == [("moved", "ada", [ELEVEN])]


ENDED = update(GuardianLink).where(GuardianLink.user_id == Clinic(UUID(int=0)).user("maya"))


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param(ENDED.values(state=LinkState.ENDED), id="the link has ended"),
        pytest.param(ENDED.values(ends_at=NOW), id="the link has run out"),
        pytest.param(ENDED.values(scopes="book"), id="the guardian may not see any more"),
        pytest.param(update(Patient).values(born_on=NOW.date() - 365 * 16 * DAY), id="the child has grown up"),
        pytest.param(update(User).values(active=False), id="the user was shut out"),
    ],
)
def test_integrity_12_who_may_not_see_the_visit_when_mail_is_sent_gets_none(meanwhile: Any, engine: Engine, clinic: Clinic) -> None:  # noqa: ANN401 - any statement
    booked(engine, clinic, "leo")
    change(engine, meanwhile)
    assert send(engine, TEN - DAY) == []
    assert len(withheld(engine)) == 2


@pytest.mark.usefixtures("young")
def test_visits_booked_together_are_one_mail_to_each_reader_of_what_they_may_see(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, patient, start) for patient, start in (("leo", TEN), ("nia", ELEVEN))]
    change(engine, delete(Mail))
    with sessions(engine).begin() as session:
        begin_write(session)
        letters.tell(session, Kind.BOOKED, ids, NOW)
    assert told(send(engine, NOW)) == [("booked", "leo", [TEN]), ("booked", "maya", [TEN, ELEVEN])]
    assert len(reminding(engine)) == 3


def test_mail_goes_to_where_its_reader_is_written_to_when_it_is_sent(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    change(engine, update(User).where(User.id == clinic.user("ada")).values(email="new@example.org", language="es"))
    assert {(one.mail.to, one.mail.language) for one in send(engine, TEN - DAY)} == {("new@example.org", "es")}


@pytest.mark.parametrize("spoiled", ["no json", "{}", '{"visits": "none", "hours": "24"}'])
def test_a_mail_whose_visits_cannot_be_read_holds_up_no_other(spoiled: str, engine: Engine, clinic: Clinic) -> None:
    bad, _ = booked(engine, clinic), booked(engine, clinic, "leo", ELEVEN)
    change(engine, update(Mail).where(Mail.schedule_id == bad).values(facts=spoiled))
    assert told(send(engine, TEN - DAY)) == [("booked", "maya", [ELEVEN])]
    assert len(withheld(engine)) == 2
