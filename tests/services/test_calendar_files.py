"""Calendar files as another library reads them, which shares no code with the one that wrote them."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ical.calendar import Calendar
from ical.calendar_stream import IcsCalendarStream

from portal.domain.calendar_files import CalendarFile, Entry, Method, Standing, cleaned, file_of, standing
from portal.domain.schedule import Status
from portal.services.calendar_files import written
from tests.domain.samples import wall

START = datetime(2027, 3, 2, 14, 20, tzinfo=UTC)
ENTRY = Entry(
    id=UUID(int=7),
    sequence=3,
    changed_at=datetime(2027, 3, 1, 8, 0, 5, 999, tzinfo=UTC),
    starts_at=START,
    ends_at=START + timedelta(minutes=20),
    standing=Standing.CONFIRMED,
    title="Appointment, Riverside",
    notes="Time at the clinic: 9:20 am",
    place="Main Street",
    url="https://portal.example/appointments/7",
)
LINE_BYTES_MAX = 75
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def read(file: CalendarFile) -> Calendar:
    return IcsCalendarStream.calendar_from_ics(written(file).decode())


def lines(file: CalendarFile) -> list[bytes]:
    return written(file).split(b"\r\n")


def about(entry: Entry) -> CalendarFile:
    return file_of(entry, "Riverside", "desk@portal.example")


def test_another_library_reads_all_that_was_written() -> None:
    [event] = read(about(ENTRY)).events
    assert (event.uid, event.sequence, event.dtstamp) == (str(UUID(int=7)), 3, datetime(2027, 3, 1, 8, 0, 5, tzinfo=UTC))
    assert (event.dtstart, event.dtend, event.status) == (ENTRY.starts_at, ENTRY.ends_at, "CONFIRMED")
    assert (event.summary, event.location, event.description, event.url) == (ENTRY.title, ENTRY.place, ENTRY.notes, ENTRY.url)
    assert event.organizer is not None
    assert (event.organizer.uri, event.organizer.common_name, event.classification) == ("mailto:desk@portal.example", "Riverside", "PRIVATE")


def test_a_repeat_is_the_same_to_the_byte() -> None:
    assert written(about(ENTRY)) == written(about(replace(ENTRY)))


@pytest.mark.parametrize(
    ("status", "told", "method"),
    [
        (Status.REQUESTED, Standing.TENTATIVE, Method.PUBLISH),
        (Status.BOOKED, Standing.CONFIRMED, Method.PUBLISH),
        (Status.ARRIVED, Standing.CONFIRMED, Method.PUBLISH),
        (Status.FULFILLED, Standing.CONFIRMED, Method.PUBLISH),
        (Status.NO_SHOW, Standing.CONFIRMED, Method.PUBLISH),
        (Status.CANCELLED, Standing.CANCELLED, Method.CANCEL),
        (Status.DECLINED, Standing.CANCELLED, Method.CANCEL),
    ],
)
def test_every_state_of_an_appointment_has_a_word_for_calendars(status: Status, told: Standing, method: Method) -> None:
    calendar = read(about(replace(ENTRY, standing=standing(status))))
    assert (calendar.events[0].status, calendar.method) == (told.value, method.value)


@given(st.datetimes(wall("2026-01-01"), wall("2037-12-31"), timezones=st.timezones()), st.integers(5, 480))
@example(datetime(2026, 11, 1, 6, 30, tzinfo=UTC), 60)
@example(datetime(2027, 3, 14, 7, 30, tzinfo=UTC), 60)
def test_every_instant_of_every_zone_is_read_as_it_was_meant(start: datetime, minutes: int) -> None:
    starts_at = start.astimezone(UTC).replace(microsecond=0)
    entry = replace(ENTRY, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes))
    [event] = read(about(entry)).events
    assert (event.dtstart, event.dtend) == (entry.starts_at, entry.ends_at)
    assert f"DTSTART:{starts_at:%Y%m%dT%H%M%SZ}".encode() in lines(about(entry))


@given(any_text, any_text, any_text)
@example("a,b;c\\n:d", 'one\r\nBEGIN:VEVENT\nUID:x";', "x\r\nATTENDEE:mailto:a@b\n\n,y\\")
@example("\x00\x0b\x85\u2028\ufeff", "\u00e9" * 90, "\U0001f600" * 40)
def test_1_2_10_no_text_gets_out_of_its_place(title: str, notes: str, place: str) -> None:
    file = about(replace(ENTRY, title=title, notes=notes, place=place))
    [event] = read(file).events
    [told] = cleaned(file).entries
    assert (event.summary or "", event.description or "", event.location or "") == (told.title, told.notes, told.place)
    assert "\n" not in told.title + told.place
    names = [re.split(rb"[:;]", line)[0] for line in lines(file) if not line.startswith(b" ")]
    assert names.count(b"BEGIN") == 2
    assert b"ATTENDEE" not in names


@given(any_text, any_text)
def test_as_rfc_5545_has_it_lines_are_short_and_end_as_they_should(title: str, practice: str) -> None:
    file = replace(about(replace(ENTRY, title=title, notes=title)), practice=practice, name=practice)
    assert max(map(len, lines(file))) <= LINE_BYTES_MAX
    assert b"\n" not in written(file).replace(b"\r\n", b"")
    assert lines(file)[-1] == b""
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", written(file))


@given(st.text("a\"^:;,'\n\\", min_size=1))
def test_the_name_of_a_practice_stays_one_parameter(practice: str) -> None:
    [event] = read(replace(about(ENTRY), practice=practice)).events
    assert event.organizer is not None
    assert event.organizer.uri == "mailto:desk@portal.example"


def test_a_calendar_that_is_read_again_says_its_name_and_when() -> None:
    file = CalendarFile(Method.PUBLISH, "Riverside", "desk@portal.example", (ENTRY, replace(ENTRY, id=UUID(int=8))), "Appointments, Riverside")
    assert [event.uid for event in read(file).events] == [str(UUID(int=7)), str(UUID(int=8))]
    assert {b"NAME:Appointments\\, Riverside", b"X-WR-CALNAME:Appointments\\, Riverside"} <= set(lines(file))
    assert {b"REFRESH-INTERVAL;VALUE=DURATION:PT1H", b"X-PUBLISHED-TTL:PT1H"} <= set(lines(file))


def test_an_empty_calendar_can_be_read() -> None:
    assert read(CalendarFile(Method.PUBLISH, "Riverside", "desk@portal.example", (), "Appointments")).events == []
