"""How an appointment is told to a calendar, in the words of its reader. Calendars are shared, so neither why, nor with whom, nor a full name."""

from portal.domain.calendar_files import Entry, standing
from portal.domain.catalogue import Mode
from portal.domain.schedule import ScheduleView, Status
from portal.web import display
from portal.web.language import mark, translate

_TITLE = mark("Appointment, %(clinic)s")
_STATES = {
    Status.REQUESTED: mark("You asked for this time. The clinic will confirm it or decline it."),
    Status.CANCELLED: mark("This appointment has been cancelled."),
    Status.DECLINED: mark("The clinic has declined this appointment."),
}


def entry(schedule: ScheduleView, clinic: str, language: str, public_url: str, *, own: bool) -> Entry:
    """Return what a calendar is told of an appointment, whether it is the reader's `own` or that of somebody they care for."""
    url = f"{public_url}/appointments/{schedule.id}"
    return Entry(
        id=schedule.id,
        sequence=schedule.sequence,
        changed_at=schedule.modified_at,
        starts_at=schedule.starts_at,
        ends_at=schedule.ends_at,
        standing=standing(schedule.status),
        title=translate(_TITLE, language) % {"clinic": clinic},
        notes="\n".join([*_notes(schedule, language, own=own), translate(mark("See this appointment: %(url)s"), language) % {"url": url}]),
        place=_place(schedule, language),
        url=url,
    )


def _notes(schedule: ScheduleView, language: str, *, own: bool) -> list[str]:
    """Say for whom it is, how it stands and when it is by the clinic's clock; of a request the other time as well."""
    locale, zone = display.LOCALES[language], schedule.time_zone
    notes = [] if own else [translate(mark("For %(name)s"), language) % {"name": schedule.patient_given_name}]
    status = Status(schedule.status)
    if status in _STATES:
        notes.append(translate(_STATES[status], language))
    times = [(mark("Time at the clinic: %(time)s, %(day)s (%(zone)s)."), schedule.starts_at)]
    if status is Status.REQUESTED and schedule.other_choice_at is not None:
        times.append((mark("The other time you asked for: %(time)s, %(day)s (%(zone)s)."), schedule.other_choice_at))
    for words, at in times:
        said = {"time": display.clock(at, zone, locale), "day": display.day_and_year_at(at, zone, locale), "zone": display.zone(zone, locale)}
        notes.append(translate(words, language) % said)
    return notes


def _place(schedule: ScheduleView, language: str) -> str:
    if schedule.mode != Mode.IN_PERSON:
        return display.mode(schedule.mode, display.LOCALES[language])
    return f"{schedule.facility_name}\n{schedule.facility_address}"
