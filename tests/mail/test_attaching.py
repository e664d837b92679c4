"""What mail about visits brings for calendars, read as a mail program and as another library than the one that wrote it do."""

import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar as OwnCalendar
from sqlalchemy import Engine

from portal.domain.mail import OF_VISITS, Kind
from portal.domain.moving import MoveRequest
from portal.domain.schedule import ScheduleView, Status
from portal.mail.delivery import Courier, deliver
from portal.mail.transport import way_out
from tests.clinic import NOW, Clinic
from tests.mail.post import SENDER, config
from tests.mail.test_letters import of, part
from tests.services.scene import ELEVEN, booked, cancel, move
from tests.web.sample_facts import IN_PERSON, SCHEDULE

TAKEN_IN = {Kind.BOOKED: Status.BOOKED, Kind.MOVED: Status.BOOKED, Kind.CONFIRMED: Status.BOOKED, Kind.REQUESTED: Status.REQUESTED}
TAKEN_OUT = {Kind.CANCELLED: Status.CANCELLED, Kind.DECLINED: Status.DECLINED}


def files(mail: EmailMessage) -> list[EmailMessage]:
    return [one for one in mail.iter_attachments() if isinstance(one, EmailMessage)]


def method(file: EmailMessage) -> object:
    return file["Content-Type"].params["method"]


def read(file: EmailMessage) -> Calendar:
    """Return what another library reads in a file, once both libraries agree that it is a calendar."""
    assert (file.get_content_type(), file["Content-Type"].params["charset"], file.get_filename()) == ("text/calendar", "utf-8", "appointment.ics")
    text = file.get_content()
    assert len(OwnCalendar.from_ical(text).walk("VEVENT")) == text.count("BEGIN:VEVENT") > 0
    return IcsCalendarStream.calendar_from_ics(text)


@pytest.mark.parametrize("kind", sorted(TAKEN_IN | TAKEN_OUT))
def test_mail_of_a_visit_brings_it_for_a_calendar_to_take_in_or_take_out(kind: Kind) -> None:
    visit = replace(IN_PERSON, status=(TAKEN_IN | TAKEN_OUT)[kind], sequence=4)
    [file] = files(of(kind, visit, own=visit.patient_id))
    calendar = read(file)
    [event] = calendar.events
    assert calendar.method == method(file) == ("PUBLISH" if kind in TAKEN_IN else "CANCEL")
    assert (event.uid, event.sequence, event.dtstart, event.dtend) == (str(visit.id), 4, visit.starts_at, visit.ends_at)
    assert event.organizer is not None
    assert event.organizer.uri == f"mailto:{SENDER}"


def test_every_kind_about_visits_is_thought_of() -> None:
    assert {*TAKEN_IN, *TAKEN_OUT, Kind.REMINDER} == OF_VISITS
    assert files(of(Kind.REMINDER, IN_PERSON)) == []


def test_what_people_read_stays_as_it_was_beside_the_file() -> None:
    mail = of(Kind.BOOKED, IN_PERSON)
    assert mail.get_content_type() == "multipart/mixed"
    assert mail["Content-Language"] == "en"
    assert "Reference" in part(mail, "plain")
    assert "Reference" in part(mail, "html")


def test_several_visits_are_taken_in_together_and_taken_out_one_by_one() -> None:
    both = (IN_PERSON, SCHEDULE)
    [file] = files(of(Kind.BOOKED, *both))
    assert {event.uid for event in read(file).events} == {str(one.id) for one in both}
    called_off = [replace(one, status=Status.CANCELLED) for one in both]
    assert [[event.uid for event in read(file).events] for file in files(of(Kind.CANCELLED, *called_off))] == [[str(one.id)] for one in both]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", sorted(TAKEN_IN | TAKEN_OUT))
def test_no_file_says_why_with_whom_or_a_full_name(kind: Kind, language: str) -> None:
    visit: ScheduleView = replace(SCHEDULE, note="a note of hers", cancel_reason="is well again", status=(TAKEN_IN | TAKEN_OUT)[kind])
    [file] = files(of(kind, visit, language=language))
    text = file.get_content().replace("\r\n ", "").lower()
    kept_out = (visit.patient_family_name, visit.provider_name, visit.speciality_name, visit.encounter_type_name, visit.reason, "hers", "is well")
    assert [word for word in kept_out if word.lower() in text] == []


def test_a_repeat_brings_the_same_file() -> None:
    first, again = (files(of(Kind.MOVED, replace(IN_PERSON, sequence=1)))[0] for _ in range(2))
    assert first.get_content() == again.get_content()


def sent(engine: Engine, folder: Path) -> list[EmailMessage]:
    """Deliver what is due as files, and return those that were not there before, as they were written."""
    before = set(folder.glob("*.eml"))
    settings = config(engine, folder=folder)
    send = way_out(settings.mail)
    assert send is not None
    deliver(Courier(engine, send, settings, lambda: NOW + timedelta(minutes=5)), threading.Event())
    new = sorted(set(folder.glob("*.eml")) - before)
    return [message_from_bytes(one.read_bytes(), _class=EmailMessage, policy=policy.default) for one in new]


def test_a_calendar_follows_the_mail_of_a_visit_from_booking_to_its_end(engine: Engine, clinic: Clinic, tmp_path: Path) -> None:
    told: list[tuple[UUID, object, object, object]] = []
    schedule_id = booked(engine, clinic)
    for change in (None, lambda: move(engine, clinic, MoveRequest(schedule_id, ELEVEN)), lambda: cancel(engine, clinic, schedule_id)):
        if change is not None:
            change()
        [mail] = sent(engine, tmp_path)
        [event] = read(files(mail)[0]).events
        told.append((UUID(event.uid), event.sequence, method(files(mail)[0]), event.status))
    assert told == [(schedule_id, 0, "PUBLISH", "CONFIRMED"), (schedule_id, 1, "PUBLISH", "CONFIRMED"), (schedule_id, 2, "CANCEL", "CANCELLED")]
