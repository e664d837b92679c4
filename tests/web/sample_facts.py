"""Made-up people, times and forms, with which samples.py fills every template."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid5

from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import EmailField, HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from portal.demo.mailbox import ShownMail
from portal.domain.catalogue import EncounterType, Facility, Mode, VisitOption
from portal.domain.openings import DayState
from portal.domain.schedule import ScheduleView, Status
from portal.storage.keys import KeyEntry
from portal.storage.sessions import SessionEntry
from portal.web import display
from portal.web.seen import Line

ROOT = Path(__file__).parents[2]
ZONE = "America/Chicago"
MONDAY = date(2026, 11, 23)
CREATED = datetime(2026, 11, 22, 18, tzinfo=UTC)


def uid(name: str) -> UUID:
    return uuid5(UUID(int=0), name)


@dataclass(frozen=True)
class Brand:
    name: str = "Riverbend Clinic"
    phone: str = "512-555-0142"
    help_hours: str = "Monday to Friday, 7 am to 6 pm Central Time"
    emergency: str = "911"
    time_zone: str = ZONE


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str


@dataclass(frozen=True)
class Time:
    value: str
    start: datetime

    @property
    def words(self) -> str:
        return display.clock(self.start, ZONE, display.locale())


@dataclass(frozen=True)
class Cell:
    day: date
    state: DayState
    count: int
    url: str
    selected: bool = False


@dataclass(frozen=True)
class Selected:
    day: date = MONDAY
    state: DayState = DayState.OPEN
    morning: tuple[Time, ...] = ()
    afternoon: tuple[Time, ...] = ()
    evening: tuple[Time, ...] = ()
    next_open_day: date | None = None
    next_open_url: str | None = None


def time(hour: int, minute: int, day: date = MONDAY) -> Time:
    start = datetime(day.year, day.month, day.day, hour + 6, minute, tzinfo=UTC)
    return Time(start.isoformat().replace("+00:00", "Z"), start)


MORNING = tuple(time(hour, minute) for hour, minute in ((8, 20), (9, 0), (9, 20), (10, 0), (10, 40), (11, 40)))
AFTERNOON = tuple(time(hour, minute) for hour, minute in ((13, 0), (14, 0), (14, 20), (15, 40), (16, 20)))
STATES = [
    DayState.OPEN,
    DayState.FULL,
    DayState.OPEN,
    DayState.CLOSED,
    DayState.OPEN,
    DayState.OPEN,
    DayState.OPEN,
    DayState.OPEN,
    DayState.FULL,
    DayState.OPEN,
]
COUNTS = [11, 0, 12, 0, 11, 14, 5, 9, 0, 8]
AHEAD = [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]


def strip(chosen: int = 0) -> list[Cell]:
    days = [MONDAY + timedelta(days=ahead) for ahead in AHEAD]
    return [
        Cell(day, state, count, f"?day={day}", number == chosen) for number, (day, state, count) in enumerate(zip(days, STATES, COUNTS, strict=True))
    ]


SCHEDULE = ScheduleView(
    id=uid("schedule"),
    account_id=uid("account"),
    reference="K7M2QX4T",
    status=Status.BOOKED,
    patient_id=uid("maya"),
    user_id=uid("sofia"),
    guardian_link_id=None,
    provider_id=uid("khan"),
    facility_id=uid("austin"),
    speciality_id=uid("pediatrics"),
    visit_option_id=uid("video"),
    starts_at=MORNING[0].start,
    ends_at=MORNING[0].start + timedelta(minutes=20),
    other_choice_at=None,
    first_choice_given=True,
    reason="Her inhaler runs out sooner than it did.",
    note=None,
    paid_amount=Decimal(0),
    paid_at=None,
    parent_id=None,
    referred_parent_id=None,
    service_id=None,
    method_id=None,
    is_custom_form_flow=None,
    doc_ids=None,
    first_choice_form="utc",
    second_choice_form="utc",
    created_at=CREATED,
    modified_at=CREATED,
    modified_by=uid("sofia"),
    provider_name="Dr Amira Khan",
    facility_name="Riverbend Austin",
    facility_address="1800 South Bend Road, Austin, TX 78704",
    place="Austin",
    time_zone=ZONE,
    speciality_name="Pediatrics",
    encounter_type_id=uid("follow-up"),
    encounter_type_name="Follow-up",
    mode=Mode.VIDEO,
    minutes=20,
    patient_given_name="Maya",
    patient_family_name="Lopez",
    patient_time_zone="America/New_York",
    user_name="Sofia Lopez",
)
IN_PERSON = replace(
    SCHEDULE,
    id=uid("second"),
    mode=Mode.IN_PERSON,
    starts_at=AFTERNOON[1].start + timedelta(days=10),
    patient_given_name="Leo",
    encounter_type_name="First visit",
    minutes=40,
    reasons=((uid("fever"), "Fever"), (uid("rash"), "Rash")),
)
TICKED_ONLY = replace(IN_PERSON, reason="Fever, Rash")

SUMMARY = [
    ("For", "Maya Lopez", "/booking", "who it is for"),
    ("With", "Dr Amira Khan, Pediatrics", "/provider", "the clinician"),
    ("Visit", "Follow-up: by video, 20 minutes, $40", "/visit", "the visit"),
    ("Reason", "Asthma review", "/reasons", "the reason"),
]
ROWS = [
    *SUMMARY,
    ("Note", "Not provided", "/reasons", "the note"),
    ("Date", "Monday, November 23, 2026", "/time", "the date and time"),
    ("Time", "8:20 am, Austin, Central Time (9:20 am, Eastern Time)", "/time", "the date and time"),
    ("Second choice", "Not provided", "/time", "the second choice"),
]
PEOPLE = [Person(uid("sofia"), "Sofia Lopez"), Person(uid("maya"), "Maya Lopez"), Person(uid("leo"), "Leo Lopez")]
FACILITY = Facility(uid("austin"), "Riverbend Austin", ZONE, "Austin", "1800 South Bend Road, Austin, TX 78704")
PROVIDERS = [
    ("any", "Any clinician, earliest time"),
    (str(uid("khan")), "Dr Amira Khan"),
    (str(uid("osei")), "Dr Kwame Osei"),
    (str(uid("lind")), "Dr Ingrid Lindqvist"),
]
REASONS = [
    "Asthma review",
    "Cough or cold",
    "Ear pain",
    "Fever",
    "Growth and development",
    "Headache",
    "Medication refill",
    "Rash",
    "Sleep",
    "Stomach pain",
    "Vaccination",
    "Something else",
]


def _option(type_name: str, mode: Mode, minutes: int, fee: str) -> VisitOption:
    return VisitOption(uid(f"{type_name} {mode}"), uid(type_name), mode, minutes, Decimal(fee), 120, 60, 0, 0, 20, frozenset())


OPTIONS = [
    (EncounterType(uid("first"), "First visit", None), [_option("first", Mode.IN_PERSON, 40, "95"), _option("first", Mode.VIDEO, 40, "80")]),
    (EncounterType(uid("follow"), "Follow-up", None), [_option("follow", mode, 20, "40") for mode in Mode]),
    (EncounterType(uid("vaccine"), "Vaccination", None), [_option("vaccine", Mode.IN_PERSON, 10, "0")]),
]


class SignInForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    email = EmailField("Email address", [InputRequired("Enter your email address")])
    password = PasswordField("Password", [InputRequired("Enter your password")])
    next = HiddenField()


class WhoForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    patient = RadioField("Person", choices=[SelectChoice(str(one.id), one.name) for one in PEOPLE])


class SpecialityForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    class Meta:
        csrf = False

    speciality = SelectField(
        "Speciality", choices=[SelectChoice("", "Choose a speciality"), SelectChoice("p", "Pediatrics"), SelectChoice("d", "Dermatology")]
    )


class ProviderForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    provider = RadioField("Clinician", choices=[SelectChoice(*provider) for provider in PROVIDERS])


class VisitForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    visit_option = RadioField("Visit", choices=[SelectChoice(str(option.id), "a visit") for _, options in OPTIONS for option in options])


class ReasonsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    reasons = SelectMultipleField("What is it about? (optional)", choices=[SelectChoice(name, name) for name in REASONS])
    reason = TextAreaField("In your own words", [InputRequired("Say in a few words why you need the visit")])
    note = TextAreaField("Note for the clinician (optional)")


class CheckForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    token = HiddenField(default="a-form-token")
    patient = StringField()


class IssueForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    days = SelectField("How long the key works", choices=[SelectChoice("30", "30 days"), SelectChoice("365", "1 year")], default="365")


class AgainForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    password = PasswordField("Your password", [InputRequired("Enter your password")])
    next = HiddenField()


class DetailsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    reads = SelectField("Language", choices=[SelectChoice("en", "English"), SelectChoice("es", "Español")])
    time_zone = SelectField("Time zone", choices=[SelectChoice("", "The same as the practice")])


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
SESSIONS = [
    (SessionEntry(uid("here"), FIREFOX, "192.0.2.7", CREATED, CREATED + timedelta(minutes=9)), "Firefox on Windows"),
    (SessionEntry(uid("there"), "", "", CREATED, CREATED), "Unknown browser"),
]
_LATER = CREATED + timedelta(days=365)
KEYS = [
    KeyEntry("k4t9wz2m", "Riverbend Clinic", "sofia@example.org", CREATED, _LATER, CREATED, None),
    KeyEntry("b7h3xq8n", "Riverbend Clinic", "sofia@example.org", CREATED, _LATER, None, CREATED),
    KeyEntry("d2m5vr6c", "Riverbend Clinic", "sofia@example.org", CREATED - timedelta(days=400), CREATED, None, None),
]

MAIL = ShownMail(
    uid("mail"),
    "sofia@example.org",
    "Choose a new password",
    "en",
    CREATED,
    (("To choose one, open this link:", None), ("http://127.0.0.1:8000/reset/k4t9wz2m", "/reset/k4t9wz2m")),
)


def made(form_class: type[FlaskForm], *, failed: bool = False, **values: object) -> FlaskForm:
    form = form_class(formdata=MultiDict() if failed else None, **values)
    if failed:
        form.validate()
        form.errors.pop("csrf_token", None)
    return form


SEEN = [
    Line("Daniel Kim, acting for Maya, saw the appointment on Monday, November 23", CREATED, "On a page", ""),
    Line("A program with a key of Sofia Lopez (k4t9wz2m) listed appointments", CREATED, "By a program", "203.0.113.7"),
]
