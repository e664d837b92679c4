"""What a calendar is told of an appointment on the days on which clocks change, as another library reads it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event

from portal.domain.calendar_files import CalendarFile, Method
from portal.services.calendar_files import written
from portal.web.calendar_words import entry
from tests.domain.samples import ZONES, change_days
from tests.web.sample_facts import SCHEDULE, uid

HALF_HOUR = timedelta(minutes=30)


def told(zone: str, starts: list[datetime]) -> list[Event]:
    """Return what another library reads of appointments at these instants in a zone."""
    visits = [replace(SCHEDULE, id=uid(str(start)), starts_at=start, ends_at=start + HALF_HOUR, time_zone=zone) for start in starts]
    entries = tuple(entry(visit, "Riverside", "en", "https://portal.example", own=True) for visit in visits)
    return IcsCalendarStream.calendar_from_ics(written(CalendarFile(Method.PUBLISH, "Riverside", "a@b.example", entries)).decode()).events


@pytest.mark.parametrize("zone", ZONES)
def test_instants_and_the_clinics_clock_agree_around_every_change(zone: str) -> None:
    info = ZoneInfo(zone)
    for day in change_days(zone)[:6]:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        starts = [midnight + place * HALF_HOUR for place in range(-4, 52)]
        for start, event in zip(starts, told(zone, starts), strict=True):
            assert event.dtstart == start
            assert f": {start.astimezone(info):%-I:%M %p}".lower() in (event.description or "").lower()


def test_the_two_times_of_a_repeated_hour_are_two_times_in_words_too() -> None:
    first = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    before, after = told("America/Chicago", [first, first + 2 * HALF_HOUR])
    assert "1:30 am, before the clock changes, Sunday, November 1, 2026" in (before.description or "")
    assert "1:30 am, after the clock changes, Sunday, November 1, 2026" in (after.description or "")


def test_no_calendar_is_told_who_or_why() -> None:
    visit = replace(SCHEDULE, note="a note", cancel_reason="a reason for calling off", status=5)
    text = written(
        CalendarFile(Method.CANCEL, "Riverside", "a@b.example", (entry(visit, "Riverside", "es", "https://x.example", own=False),))
    ).decode()
    plain = text.replace("\r\n ", "")
    kept_out = (visit.patient_family_name, visit.provider_name, visit.speciality_name, visit.encounter_type_name, visit.reason, "a note", "a reason")
    assert not [word for word in kept_out if word.lower() in plain.lower()]
    assert f"Para {visit.patient_given_name}" in plain
