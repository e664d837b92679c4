"""Reminders of visits, on both databases: one for all of a day, at the times that people chose."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, update

from portal.domain.guardianship import LinkState
from portal.services import deciding, outbox, reminders
from portal.services.outbox import LEASE
from portal.storage.clinic import Account, VisitOption
from portal.storage.engine import begin_write, open_engine, sessions
from portal.storage.outbox import Mail
from portal.storage.people import GuardianLink, User
from tests.clinic import NOW, Clinic
from tests.racing import together
from tests.services.mailing import AFTER_LUNCH, DAY, DESK, SOON, change, claim, reminding, send, to, told, withheld, written
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, booked, cancel, move
from tests.stored import rows


def test_integrity_12_a_booking_writes_its_mail_and_its_reminder_with_it(engine: Engine, clinic: Clinic) -> None:
    schedule_id = booked(engine, clinic)
    assert written(engine) == [("booked", "ada")]
    assert reminding(engine) == [("ada", TEN - DAY)]
    [row] = [row for row in rows(engine, Mail) if row["kind"] == "booked"]
    assert json.loads(row["facts"]) == {"path": f"/appointments/{schedule_id}", "visits": f"{schedule_id}/0"}
    assert (row["user_id"], row["patient_id"], row["try_at"]) == (clinic.user("ada"), clinic.patient("ada"), NOW)


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
