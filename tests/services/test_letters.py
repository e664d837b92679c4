"""Mail about visits, on both databases: who is told what, and when it must not be told any more."""

import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, delete, update

from portal.domain.audit import Door, Origin
from portal.domain.guardianship import Actor, LinkState
from portal.domain.mail import Kind
from portal.domain.moving import MoveRequest
from portal.services import booking, deciding, letters, outbox, reminders
from portal.services.outbox import LEASE, Claim
from portal.services.passwords import NO_PASSWORD
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, Patient, User
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, booked, cancel, move
from tests.stored import Row, rows

DESK = Origin(Door.COMMAND, name="Rosa")
AFTER_LUNCH = TEN + timedelta(hours=4)
DAY = timedelta(days=1)
SOON = timedelta(seconds=1)


def written(engine: Engine) -> list[tuple[str, str]]:
    """Return kind and name of the reader of all mail, reminders left out."""
    return sorted((row["kind"], row["to"].partition("@")[0]) for row in rows(engine, Mail) if row["kind"] != Kind.REMINDER)


def reminding(engine: Engine, of: UUID | None = None) -> list[tuple[str, datetime]]:
    """Return who is reminded when, of a visit or of all."""
    wanted = [row for row in rows(engine, Mail) if row["kind"] == Kind.REMINDER and of in (None, row["schedule_id"]) and row["try_at"]]
    return sorted((row["to"].partition("@")[0], row["try_at"]) for row in wanted)


def change(engine: Engine, *statements: Any) -> None:  # noqa: ANN401 - any statement
    with sessions(engine).begin() as session:
        begin_write(session)
        for statement in statements:
            session.execute(statement)


def claim(engine: Engine, now: datetime) -> Claim | None:
    with sessions(engine).begin() as session:
        begin_write(session)
        return outbox.claim(session, now)


def send(engine: Engine, now: datetime) -> list[Claim]:
    """Send all that is due, and return it."""
    found = list(iter(lambda: claim(engine, now), None))
    for one in found:
        with sessions(engine).begin() as session:
            begin_write(session)
            outbox.sent(session, one, now)
    return found


def told(claims: Iterable[Claim]) -> list[tuple[str, str, list[datetime]]]:
    return sorted((one.mail.kind, one.mail.to.partition("@")[0], [visit.starts_at for visit in one.mail.visits]) for one in claims)


def withheld(engine: Engine) -> list[Row]:
    return [row for row in rows(engine, Mail) if row["try_at"] is None and row["sent_at"] is None]


def to(schedule_id: UUID, start: datetime) -> MoveRequest:
    return MoveRequest(schedule_id, first_choice=start, second_choice=None)


@pytest.fixture
def young(engine: Engine, clinic: Clinic) -> None:
    """Leo signs in too."""
    row = {"id": clinic.user("leo"), "account_id": clinic.account_id, "email": clinic.email("leo"), "name": "Leo", "language": "en"}
    with sessions(engine).begin() as session:
        begin_write(session)
        session.add(User(password_hash="hash", patient_id=clinic.patient("leo"), active=True, **row))


def test_integrity_12_a_booking_writes_its_mail_and_its_reminder_with_it(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert written(engine) == [("booked", "ada")]
    assert reminding(engine) == [("ada", TEN - DAY)]
    [row] = [row for row in rows(engine, Mail) if row["kind"] == "booked"]
    assert json.loads(row["facts"]) == {"path": f"/appointments/{schedule_id}", "visits": f"{schedule_id}/0"}
    assert (row["user_id"], row["patient_id"], row["try_at"]) == (clinic.user("ada"), clinic.patient("ada"), NOW)


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


def test_reminders_move_with_the_visit_and_go_with_it(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    move(engine, clinic, to(schedule_id, WEDNESDAY))
    assert reminding(engine) == [("ada", WEDNESDAY - DAY)]
    cancel(engine, clinic, schedule_id)
    assert reminding(engine) == []


def test_a_request_is_reminded_of_once_it_is_confirmed(engine: Engine, clinic: Clinic) -> None:
    change(engine, update(VisitOption).values(by_request=True))
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    assert (written(engine), reminding(engine)) == ([("requested", "ada")], [])
    with sessions(engine).begin() as session:
        begin_write(session)
        deciding.confirm(session, schedule_id, DESK, NOW, second=True)
    assert written(engine) == [("confirmed", "ada"), ("requested", "ada")]
    assert reminding(engine) == [("ada", WEDNESDAY - DAY)]


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


def test_one_reminder_tells_of_all_visits_of_a_day_whoever_they_are_for(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic, "leo", TEN)
    booked(engine, clinic, "nia", ELEVEN)
    booked(engine, clinic, "maya", AFTER_LUNCH)
    booked(engine, clinic, "leo", WEDNESDAY)
    send(engine, NOW)
    [one] = send(engine, TEN - DAY)
    assert (one.mail.kind, [visit.patient_given_name for visit in one.mail.visits]) == ("reminder", ["Leo", "Nia", "Maya"])
    assert (json.loads(one.mail.facts)["path"], one.mail.own_patient_id) == ("/appointments", clinic.patient("maya"))
    assert send(engine, TEN - SOON) == []
    assert told(send(engine, WEDNESDAY - DAY)) == [("reminder", "maya", [WEDNESDAY])]


def test_a_reminder_of_a_day_leaves_out_what_its_reader_may_not_see(engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic, "leo", TEN)
    booked(engine, clinic, "nia", ELEVEN)
    send(engine, NOW)
    change(engine, update(GuardianLink).where(GuardianLink.id == clinic.link("maya", "leo")).values(state=LinkState.ENDED))
    assert told(send(engine, TEN - DAY)) == [("reminder", "maya", [ELEVEN])]
    assert len(withheld(engine)) == 1


def test_integrity_12_a_reminder_that_is_repeated_is_the_same_mail_until_it_is_sent(engine: Engine, clinic: Clinic) -> None:
    for patient, start in (("leo", TEN), ("nia", ELEVEN), ("maya", AFTER_LUNCH)):
        booked(engine, clinic, patient, start)
    send(engine, NOW)
    tries = [one for number in range(4) if (one := claim(engine, TEN - DAY + number * LEASE))]
    assert len(tries) == 4
    assert {(one.mail.id, one.mail.visits) for one in tries} == {(tries[0].mail.id, tries[0].mail.visits)}
    with sessions(engine).begin() as session:
        begin_write(session)
        outbox.failed(session, tries[3], "450 not now", TEN - DAY, for_good=False)
    assert [one.mail.id for one in send(engine, TEN - DAY + LEASE)] == [tries[0].mail.id]
    assert reminding(engine) == []


def test_two_senders_at_once_send_one_reminder_for_a_day(engine: Engine, clinic: Clinic, database_url: str) -> None:
    for patient, start in (("leo", TEN), ("nia", ELEVEN), ("maya", AFTER_LUNCH)):
        booked(engine, clinic, patient, start)
    send(engine, NOW)
    engines = [open_engine(database_url) for _ in range(3)]
    found = [one for one in together(3, lambda number: claim(engines[number], TEN)) if one]
    for other in engines:
        other.dispose()
    assert len(found) == 1


@pytest.mark.parametrize("late", [timedelta(0), timedelta(hours=1)])
def test_a_reminder_that_comes_after_the_visit_has_begun_is_withheld(late: timedelta, engine: Engine, clinic: Clinic) -> None:
    booked(engine, clinic)
    send(engine, NOW)
    assert send(engine, TEN + late) == []
    assert len(withheld(engine)) == 1


def test_reminders_that_an_outage_has_held_up_are_one_mail(engine: Engine, clinic: Clinic) -> None:
    change(engine, update(User).values(reminder_hours="48 24 2"), update(Account).values(quiet_from_minute=0, quiet_until_minute=0))
    booked(engine, clinic, start=WEDNESDAY)
    send(engine, NOW)
    assert [at for _, at in reminding(engine)] == [WEDNESDAY - 2 * DAY, WEDNESDAY - DAY, WEDNESDAY - timedelta(hours=2)]
    assert told(send(engine, WEDNESDAY - timedelta(hours=3))) == [("reminder", "ada", [WEDNESDAY])]
    assert len(reminding(engine)) == 1


def test_no_reminder_is_written_whose_time_has_passed(engine: Engine, clinic: Clinic) -> None:
    change(engine, update(User).values(reminder_hours="168"))
    booked(engine, clinic)
    assert reminding(engine) == []


@pytest.mark.usefixtures("young")
def test_visits_booked_together_are_one_mail_to_each_reader_of_what_they_may_see(engine: Engine, clinic: Clinic) -> None:
    ids = [booked(engine, clinic, patient, start) for patient, start in (("leo", TEN), ("nia", ELEVEN))]
    change(engine, delete(Mail))
    with sessions(engine).begin() as session:
        begin_write(session)
        letters.tell(session, Kind.BOOKED, ids, NOW)
    assert told(send(engine, NOW)) == [("booked", "leo", [TEN]), ("booked", "maya", [TEN, ELEVEN])]
    assert len(reminding(engine)) == 3


@pytest.fixture
def choose(engine: Engine, clinic: Clinic) -> Callable[..., None]:
    def chosen(name: str, *hours: int, now: datetime = NOW) -> None:
        with sessions(engine).begin() as session:
            begin_write(session)
            reminders.choose(session, clinic.actor(name), hours, now)

    return chosen


def test_who_chooses_other_times_is_reminded_then_of_what_is_booked_already(engine: Engine, clinic: Clinic, choose: Callable[..., None]) -> None:
    mine, hers = booked(engine, clinic), booked(engine, clinic, "leo", WEDNESDAY)
    choose("ada", 2)
    assert reminding(engine, mine) == [("ada", TEN - timedelta(hours=2))]
    assert reminding(engine, hers) == [("maya", WEDNESDAY - DAY)]
    choose("maya")
    assert reminding(engine, hers) == []
    choose("maya", 24)
    assert reminding(engine, hers) == [("maya", WEDNESDAY - DAY)]


def test_what_somebody_else_booked_is_not_reminded_of_by_choosing(engine: Engine, clinic: Clinic, choose: Callable[..., None]) -> None:
    booked(engine, clinic, "leo", WEDNESDAY)
    choose("grace", 48, 24)
    assert {name for name, _ in reminding(engine)} == {"maya"}


def test_a_reminder_that_was_sent_is_not_sent_again_for_choosing(engine: Engine, clinic: Clinic, choose: Callable[..., None]) -> None:
    booked(engine, clinic)
    send(engine, TEN - DAY)
    choose("ada", 24, 2, now=TEN - DAY + SOON)
    assert [at for _, at in reminding(engine)] == [TEN - timedelta(hours=2)]


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
