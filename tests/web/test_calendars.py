"""Appointments in people's own calendars: as a file, and under a private address."""

import json
import logging
from datetime import timedelta
from uuid import UUID

import pytest
from flask import Flask
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream
from sqlalchemy import Engine, update

from portal.domain.audit import Deed
from portal.domain.guardianship import LinkState
from portal.domain.moving import MoveRequest
from portal.domain.schedule import Status
from portal.domain.throttle import Limit
from portal.storage.base import Base
from portal.storage.calendar import CalendarFeed
from portal.storage.engine import begin_write, sessions
from portal.storage.people import GuardianLink, User
from portal.storage.schedule import Schedule
from tests.clinic import NOW, PASSWORD, Clinic
from tests.conftest import ENGINES
from tests.services.scene import ELEVEN, TEN, WEDNESDAY, booked, cancel, move
from tests.stored import Row, assert_chained, audit_rows, everything, rows
from tests.web.client import Clock, signed_in
from tests.web.page import Answer, elements, text_of
from tests.web.visitor import Visitor

PUBLIC = "http://127.0.0.1:8000"


def read(answer: Answer) -> Calendar:
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    return IcsCalendarStream.calendar_from_ics(answer.body)


def file(person: Visitor, schedule_id: UUID) -> Calendar:
    return read(person.get(f"/appointments/{schedule_id}/appointment.ics"))


def make(person: Visitor) -> str:
    """Make an address and return its path."""
    page = person.page("/account/calendar/new")
    [form] = [form for form in page.forms if form.action == "/account/calendar/new"]
    answer = person.ask("POST", form.action, form.values)
    [place] = [element for element in answer.page.root.iter() if element.get("id") == "address"]
    assert text_of(place).startswith(f"{PUBLIC}/calendar/")
    return text_of(place).removeprefix(PUBLIC)


def press(person: Visitor, url: str) -> Answer:
    """Open a page that asks, and press its button."""
    [form] = [form for form in person.page(url).forms if form.action == url]
    return person.ask("POST", form.action, form.values)


def write(engine: Engine, kind: type[Base], row_id: UUID, **columns: object) -> None:
    with sessions(engine).begin() as session:
        begin_write(session)
        session.execute(update(kind).where(kind.__table__.c.id == row_id).values(**columns))


def calendar_rows(engine: Engine) -> list[Row]:
    return [row for row in audit_rows(engine) if row["deed"] == Deed.SAW_CALENDAR]


def test_the_pages_of_an_appointment_lead_to_its_file(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    url = f"/appointments/{schedule_id}/appointment.ics"
    links = {link.get("href"): text_of(link) for link in elements(ada.page(f"/appointments/{schedule_id}").root, "a")}
    assert links[url] == "Add to your calendar"
    cancel(engine, clinic, schedule_id)
    links = {link.get("href"): text_of(link) for link in elements(ada.page(f"/appointments/{schedule_id}").root, "a")}
    assert links[url] == "Take out of your calendar"


def test_a_file_says_when_and_where_and_nothing_else(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    answer = ada.get(f"/appointments/{schedule_id}/appointment.ics")
    [event] = read(answer).events
    assert (event.uid, event.sequence, event.status, event.dtstart, event.dtend) == (
        str(schedule_id),
        0,
        "CONFIRMED",
        TEN,
        TEN + timedelta(minutes=30),
    )
    assert (event.summary, event.url) == ("Appointment, Riverside", f"{PUBLIC}/appointments/{schedule_id}")
    assert event.description is not None
    assert event.description.startswith("Time at the clinic: 10:00 am, Tuesday, March 2, 2027 (Eastern Time).")
    assert not [word for word in ("Ada", "Berg", "Chen", "family", "hurts", "examination", "check") if word.lower() in answer.body.lower()]
    assert answer.headers["Content-Disposition"] == "attachment; filename=appointment.ics"


def test_the_place_is_where_one_goes_and_else_how_one_meets(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    here = booked(engine, clinic)
    video = {"provider_id": clinic.provider("rao"), "visit_option_id": clinic.option("video"), "facility_id": clinic.facility("hillside")}
    write(engine, Schedule, booked(engine, clinic, start=WEDNESDAY), **video)
    [there] = [row["id"] for row in rows(engine, Schedule) if row["id"] != here]
    assert "Harbour" in (file(ada, here).events[0].location or "")
    assert file(ada, there).events[0].location == "By video"


def test_a_moved_appointment_keeps_its_uid_and_counts_up(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    [before] = file(ada, schedule_id).events
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN), now=NOW + timedelta(minutes=1))
    [after] = file(ada, schedule_id).events
    assert (after.uid, after.sequence, after.dtstart) == (before.uid, 1, ELEVEN)
    assert after.dtstamp > before.dtstamp


def test_a_cancelled_appointment_is_taken_out(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    assert file(ada, schedule_id).method == "PUBLISH"
    cancel(engine, clinic, schedule_id)
    calendar = file(ada, schedule_id)
    [event] = calendar.events
    assert (calendar.method, event.status, event.sequence, event.uid) == ("CANCEL", "CANCELLED", 1, str(schedule_id))
    assert "This appointment has been cancelled." in (event.description or "")


def test_a_request_is_tentative_at_its_first_time_and_says_the_other(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic, second_choice=WEDNESDAY)
    write(engine, Schedule, schedule_id, status=Status.REQUESTED)
    [event] = file(ada, schedule_id).events
    assert (event.status, event.dtstart) == ("TENTATIVE", TEN)
    assert "The clinic will confirm it or decline it." in (event.description or "")
    assert "The other time you asked for: 10:00 am, Wednesday, March 3, 2027" in (event.description or "")


def test_a_file_is_written_down_like_any_look_at_the_appointment(maya: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic, "leo")
    [event] = file(maya, schedule_id).events
    assert (event.description or "").startswith("For Leo\n")
    row = audit_rows(engine)[-1]
    assert (row["deed"], row["object_id"], row["link_id"]) == (Deed.SAW_SCHEDULE, schedule_id, clinic.link("maya", "leo"))


def test_a_file_speaks_the_readers_language(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    write(engine, User, clinic.user("ada"), language="es")
    [event] = file(ada, booked(engine, clinic)).events
    assert event.summary == "Cita, Riverside"
    assert "martes 2 de marzo de 2027" in (event.description or "")


def test_an_address_shows_everybodys_whose_it_may(maya: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    own, leos = booked(engine, clinic, "maya"), booked(engine, clinic, "leo", WEDNESDAY)
    booked(engine, clinic, "omar", ELEVEN)
    calendar = read(stranger.get(make(maya)))
    assert [event.uid for event in calendar.events] == [str(own), str(leos)]
    assert [(event.description or "").partition("\n")[0] for event in calendar.events][1] == "For Leo"
    assert calendar.method == "PUBLISH"


def test_an_address_follows_moves_and_cancellations(ada: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine, clock: Clock) -> None:
    schedule_id = booked(engine, clinic)
    url = make(ada)
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    [moved] = read(stranger.get(url)).events
    cancel(engine, clinic, schedule_id)
    [cancelled] = read(stranger.get(url)).events
    assert [(event.uid, event.sequence, event.status) for event in (moved, cancelled)] == [
        (str(schedule_id), 1, "CONFIRMED"),
        (str(schedule_id), 2, "CANCELLED"),
    ]
    clock.passes(days=40)
    assert read(stranger.get(url)).events == []


def test_what_a_patient_keeps_private_is_in_their_own_calendar_alone(
    app: Flask, maya: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine
) -> None:
    schedule_id = booked(engine, clinic, "leo")
    write(engine, Schedule, schedule_id, private=True)
    write(engine, User, clinic.user("grace"), patient_id=clinic.patient("leo"))
    assert read(stranger.get(make(maya))).events == []
    assert [event.uid for event in read(stranger.get(make(signed_in(app, clinic, "grace")))).events] == [str(schedule_id)]


@pytest.mark.parametrize(
    "change",
    [{"state": LinkState.ENDED, "ends_at": NOW}, {"state": LinkState.SUSPENDED}, {"scopes": "book cancel"}, {"ends_at": NOW}],
    ids=["ended", "suspended", "without see", "run out"],
)
def test_8_3_2_a_child_leaves_the_calendar_with_the_link(
    change: dict[str, object], maya: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine
) -> None:
    booked(engine, clinic, "leo")
    url = make(maya)
    assert len(read(stranger.get(url)).events) == 1
    write(engine, GuardianLink, clinic.link("maya", "leo"), **change)
    assert read(stranger.get(url)).events == []


def test_unknown_ended_replaced_and_shut_out_look_the_same(app: Flask, ada: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    omar = signed_in(app, clinic, "omar")
    first, second, third = make(ada), make(ada), make(omar)
    assert press(ada, "/account/calendar/revoke").location == "/account/calendar"
    write(engine, User, clinic.user("omar"), active=False)
    answers = [stranger.get(url) for url in (first, second, third, f"/calendar/{'x' * 43}.ics", "/calendar/x.ics", "/calendar/%C3%A9%00.ics")]
    assert {answer.status for answer in answers} == {404}
    assert len({answer.body for answer in answers}) == 1


def test_only_digests_of_addresses_are_stored(ada: Visitor, clinic: Clinic, engine: Engine) -> None:
    token = make(ada).removeprefix("/calendar/").removesuffix(".ics")
    [row] = rows(engine, CalendarFeed)
    assert (row["user_id"], row["created_at"], row["revoked_at"]) == (clinic.user("ada"), NOW, None)
    assert token not in json.dumps(everything(engine), default=str)
    assert token not in ada.page("/account/calendar").html


def test_7_5_an_address_is_made_only_by_who_has_proved_lately_who_they_are(ada: Visitor, clock: Clock, engine: Engine) -> None:
    page = ada.page("/account/calendar/new")
    clock.passes(minutes=5)
    led = "/sign-in/again?next=/account/calendar/new"
    [form] = [form for form in page.forms if form.action == "/account/calendar/new"]
    assert ada.ask("POST", form.action, form.values).location == ada.get("/account/calendar/new").location == led
    assert rows(engine, CalendarFeed) == []
    ada.send(ada.page(led), "password", password=PASSWORD)
    assert make(ada)


def test_making_and_ending_an_address_stand_in_the_security_log(ada: Visitor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "portal.events")
    make(ada)
    make(ada)
    press(ada, "/account/calendar/revoke")
    told = [(line["event"], line["outcome"]) for line in map(json.loads, caplog.messages)]
    assert told == [("calendar_made", "done"), ("calendar_made", "replaced"), ("calendar_revoked", "done")]


def test_a_page_says_whether_there_is_an_address(ada: Visitor) -> None:
    assert "/account/calendar" in [link.get("href") for link in elements(ada.page("/account").root, "a")]
    assert "Make an address" in ada.page("/account/calendar").text
    assert ada.get("/account/calendar/revoke").location == "/account/calendar"
    make(ada)
    assert "You have an address. For your safety it is not shown again. Created: Monday, March 1, 2027" in ada.page("/account/calendar").text
    assert "stops working at once" in ada.page("/account/calendar/new").text


@pytest.mark.parametrize("databases", ENGINES, indirect=True)
def test_a_program_that_reads_every_hour_is_written_down_once_a_day(
    maya: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine, clock: Clock
) -> None:
    url = make(maya)
    for _ in range(25):
        stranger.get(url)
        clock.passes(hours=1)
    told = [(row["patient_id"], row["link_id"], row["door"], row["actor_id"]) for row in calendar_rows(engine)]
    whose = {clinic.patient("maya"): None, clinic.patient("leo"): clinic.link("maya", "leo"), clinic.patient("nia"): clinic.link("maya", "nia")}
    assert sorted(told, key=str) == sorted(2 * [(one, link, "calendar", clinic.user("maya")) for one, link in whose.items()], key=str)
    assert_chained(engine)


def test_a_new_address_is_written_down_anew_and_read_in_plain_words(ada: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    stranger.get(make(ada))
    stranger.get(make(ada))
    assert len({row["detail"] for row in calendar_rows(engine)}) == 2
    text = ada.page(f"/people/{clinic.patient('ada')}/seen").text
    assert "You read the times of appointments into a calendar" in text
    assert "By a calendar program" in text


def test_what_a_program_has_already_is_not_sent_again(ada: Visitor, stranger: Visitor, clinic: Clinic, engine: Engine) -> None:
    schedule_id = booked(engine, clinic)
    url = make(ada)
    first = stranger.get(url)
    again = stranger.ask("GET", url, None, {"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body) == (304, "")
    move(engine, clinic, MoveRequest(schedule_id, ELEVEN))
    assert stranger.ask("GET", url, None, {"If-None-Match": first.headers["ETag"]}).status == 200


def test_2_4_1_a_program_that_reads_all_the_time_is_held_back(
    app: Flask, ada: Visitor, stranger: Visitor, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = Limit(2, timedelta(hours=1), pack=1)
    monkeypatch.setattr("portal.web.calendars.READ_BY_CALENDAR", limit)
    monkeypatch.setattr("portal.web.calendars.WRONG_CALENDARS_BY_NETWORK", limit)
    url, other = make(ada), make(signed_in(app, clinic, "omar"))
    assert [stranger.get(url).status for _ in range(3)] == [200, 200, 429]
    assert [stranger.get("/calendar/x.ics").status for _ in range(3)] == [404, 404, 429]
    assert stranger.get(other).status == 200
