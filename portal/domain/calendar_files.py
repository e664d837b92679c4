"""What calendars are told of an appointment: never more than that there is one, when and where."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.domain.mail import one_line
from portal.domain.schedule import Status

FILE_NAME = "appointment.ics"
MEDIA_TYPE = "text/calendar"


class Method(StrEnum):
    """What a calendar is to do with a file: take what it says (the last that was said counts), or take the appointment out."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


class Standing(StrEnum):
    """How an appointment stands, in the words of RFC 5545."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


_STANDINGS = {Status.REQUESTED: Standing.TENTATIVE, Status.CANCELLED: Standing.CANCELLED, Status.DECLINED: Standing.CANCELLED}


@dataclass(frozen=True, slots=True)
class Entry:
    """One appointment as calendars know it: by its id for life, in its newest state by `sequence`, which rises with each change.

    Instants are UTC: a clinic's local time would be two instants in the hour that an autumn change repeats, and each program
    has rules of its own for zones. Calendars show it by the clock of their owner; `notes` say it by the clinic's.
    """

    id: UUID
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    standing: Standing
    title: str
    notes: str
    place: str
    url: str


@dataclass(frozen=True, slots=True)
class CalendarFile:
    """A file of entries from a practice, which has an address for mail; `name` is what a program calls a calendar that it reads again and again."""

    method: Method
    practice: str
    address: str
    entries: tuple[Entry, ...]
    name: str | None = None


def standing(status: int) -> Standing:
    """Return how a Schedule's state reads in a calendar; what is over, kept or missed, was confirmed."""
    return _STANDINGS.get(Status(status), Standing.CONFIRMED)


def file_of(entry: Entry, practice: str, address: str) -> CalendarFile:
    """Return a file about one appointment: one that was called off is taken out of the calendar that has it."""
    [file] = files_of([entry], practice, address)
    return file


def files_of(entries: Sequence[Entry], practice: str, address: str) -> list[CalendarFile]:
    """Return the files about some appointments: one to take in all that stand, and one for each to take out, as RFC 5546 has it."""
    standing_ones = tuple(one for one in entries if one.standing is not Standing.CANCELLED)
    taken_in = [CalendarFile(Method.PUBLISH, practice, address, standing_ones)] if standing_ones else []
    return taken_in + [CalendarFile(Method.CANCEL, practice, address, (one,)) for one in entries if one.standing is Standing.CANCELLED]


def cleaned(file: CalendarFile) -> CalendarFile:
    """Return the file with nothing in its texts that cannot be seen; notes alone keep their lines."""
    entries = tuple(
        replace(entry, title=one_line(entry.title), place=_on_one_line(entry.place), notes="\n".join(map(one_line, entry.notes.splitlines())))
        for entry in file.entries
    )
    return replace(file, practice=one_line(file.practice), name=one_line(file.name) if file.name else None, entries=entries)


def _on_one_line(text: str) -> str:
    return ", ".join(filter(None, map(one_line, text.splitlines())))
