"""Every template with made-up contents, on an application that has nothing but templates: for tests of markup alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from flask import Flask, g, render_template
from flask_login import AnonymousUserMixin, LoginManager, UserMixin
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import DateField, EmailField, HiddenField, PasswordField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import InputRequired

from portal.domain.catalogue import EncounterType, Facility, Mode, Speciality, VisitOption
from portal.domain.openings import DayState
from portal.domain.schedule import ScheduleView, Status
from portal.web import display, language, pages

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


class Visitor(UserMixin):  # type: ignore[misc]  # Flask-Login ships no types
    name = "Sofia Lopez"
    id = "1"


def app() -> Flask:
    made = Flask("samples", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    made.config.update(SECRET_KEY="only for tests", TESTING=True)
    LoginManager(made)
    CSRFProtect(made)
    pages.init_app(made)
    display.register(made)
    language.init_app(made)
    for endpoint, rule in {
        "appointments.coming": "/appointments",
        "appointments.one": "/appointments/<uuid:schedule_id>",
        "sign_in.page": "/sign-in",
        "sign_in.out": "/sign-out",
        "booking.who": "/booking",
    }.items():
        made.add_url_rule(rule, endpoint)
    return made


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
        Cell(day, state, count, f"/time?day={day}", number == chosen)
        for number, (day, state, count) in enumerate(zip(days, STATES, COUNTS, strict=True))
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
)

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
    patient = RadioField("Person", choices=[(str(one.id), one.name) for one in PEOPLE])


class SpecialityForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    class Meta:
        csrf = False

    speciality = SelectField("Speciality", choices=[("", "All specialities"), ("p", "Pediatrics"), ("d", "Dermatology")])


class ProviderForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    provider = RadioField("Clinician", choices=PROVIDERS)


class VisitForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    visit_option = RadioField("Visit", choices=[(str(option.id), "a visit") for _, options in OPTIONS for option in options])


class ReasonsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    reasons = SelectMultipleField("What is it about? (optional)", choices=[(name, name) for name in REASONS])
    reason = TextAreaField("In your own words", [InputRequired("Say in a few words why you need the visit")])
    note = TextAreaField("Note for the clinician (optional)")


class TimeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    first_choice = RadioField("Time", choices=[], validate_choice=False, validators=[InputRequired("Choose a time")])
    second_choice = SelectField(
        "Second-choice time (optional)",
        choices={"": [("", "No second choice")], "Monday, November 23": [(one.value, "8:20 am") for one in MORNING]},
    )


class DateForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    class Meta:
        csrf = False

    day = DateField("Look for another date")


class CheckForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    token = HiddenField(default="a-form-token")
    patient = StringField()


def _made(form_class: type[FlaskForm], *, failed: bool = False, **values: Any) -> FlaskForm:
    form = form_class(formdata=MultiDict() if failed else None, **values)
    if failed:
        form.validate()
        form.errors.pop("csrf_token", None)
    return form


def _journey(**values: Any) -> dict[str, Any]:
    return {
        "journey": True,
        "acting_for": "Maya Lopez",
        "switch_url": "/booking",
        "back_url": "/back",
        "summary": SUMMARY,
        "action": "/post",
        **values,
    }


def _time(**values: Any) -> dict[str, Any]:
    failed = values.pop("failed", False)
    shown = {
        "strip": strip(),
        "selected": Selected(morning=MORNING, afternoon=AFTERNOON),
        "zone": ZONE,
        "place": "Austin",
        "patient_zone": None,
        "form": _made(TimeForm, failed=failed),
        "date_form": _made(DateForm),
        "earlier_url": None,
        "later_url": "/time?from=2026-12-07",
        "taken": None,
        "why_nothing": None,
        "other_provider_url": "/provider",
        "failed": failed,
    }
    return _journey(**{**shown, **values})


def _provider(**values: Any) -> dict[str, Any]:
    shown = {
        "speciality_form": _made(SpecialityForm),
        "form": _made(ProviderForm),
        "next_days": {value: None if name.startswith("Dr Ingrid") else MONDAY for value, name in PROVIDERS},
        "facilities": {value: FACILITY for value, _ in PROVIDERS[1:]},
        "speciality": Speciality(uid("pediatrics"), "Pediatrics"),
        "summary": SUMMARY[:1],
    }
    return _journey(**{**shown, **values})


def _visit(*, failed: bool = False) -> dict[str, Any]:
    form = _made(VisitForm, failed=failed)
    fields = iter(form.visit_option)
    groups = [(kind, [(option, next(fields)) for option in options]) for kind, options in OPTIONS]
    return _journey(form=form, groups=groups, failed=failed, summary=SUMMARY[:2])


FULL_DAY = Selected(MONDAY + timedelta(days=1), DayState.FULL, next_open_day=MONDAY + timedelta(days=2), next_open_url="/time?day=2026-11-25")

Sample = tuple[str, Callable[[], dict[str, Any]]]
SAMPLES: dict[str, Sample] = {
    "sign-in": ("sign_in/sign_in.html", lambda: {"form": _made(SignInForm)}),
    "sign-in-failed": ("sign_in/sign_in.html", lambda: {"form": _made(SignInForm, failed=True), "failed": True}),
    "appointments": (
        "appointments/appointments.html",
        lambda: {
            "next": SCHEDULE,
            "months": [(date(2026, 12, 1), [IN_PERSON, replace(IN_PERSON, id=uid("third"), status=Status.CANCELLED)])],
            "people": PEOPLE,
            "person": None,
            "booking_url": "/booking",
            "own_patient_id": uid("sofia"),
        },
    ),
    "appointments-empty": (
        "appointments/appointments.html",
        lambda: {"next": None, "months": [], "people": PEOPLE[:1], "person": None, "booking_url": "/booking", "own_patient_id": uid("sofia")},
    ),
    "appointment": ("appointments/appointment.html", lambda: {"schedule": SCHEDULE, "back_url": "/appointments"}),
    "who": ("booking/who.html", lambda: {"form": _made(WhoForm), "journey": True}),
    "who-failed": ("booking/who.html", lambda: {"form": _made(WhoForm, failed=True), "journey": True, "failed": True}),
    "provider": ("booking/provider.html", _provider),
    "provider-failed": ("booking/provider.html", lambda: _provider(form=_made(ProviderForm, failed=True), failed=True)),
    "visit": ("booking/visit.html", _visit),
    "visit-failed": ("booking/visit.html", lambda: _visit(failed=True)),
    "reasons": ("booking/reasons.html", lambda: _journey(form=_made(ReasonsForm), summary=SUMMARY[:3])),
    "reasons-failed": ("booking/reasons.html", lambda: _journey(form=_made(ReasonsForm, failed=True), failed=True, summary=SUMMARY[:3])),
    "time": ("booking/time.html", _time),
    "time-chosen": (
        "booking/time.html",
        lambda: _time(form=_made(TimeForm, first_choice=MORNING[1].value), patient_zone="America/New_York", earlier_url="/time"),
    ),
    "time-failed": ("booking/time.html", lambda: _time(failed=True)),
    "time-full": ("booking/time.html", lambda: _time(selected=FULL_DAY, strip=strip(1))),
    "time-nothing": ("booking/time.html", lambda: _time(selected=FULL_DAY, strip=strip(1), why_nothing="full")),
    "time-taken": ("booking/time.html", lambda: _time(failed=True, taken=[*MORNING[1:3], AFTERNOON[0]])),
    "check": ("booking/check.html", lambda: _check()),
    "check-failed": ("booking/check.html", lambda: _check(problems=["That time has just been taken."], alternatives=list(MORNING[1:4]), failed=True)),
    "booked": (
        "booking/booked.html",
        lambda: _journey(schedule=SCHEDULE, first_choice_given=True, appointments_url="/appointments"),
    ),
    "booked-second": (
        "booking/booked.html",
        lambda: _journey(schedule=IN_PERSON, first_choice_given=False, appointments_url="/appointments"),
    ),
    "error": ("errors/error.html", lambda: {"code": 404, "heading": "Page not found", "advice": "Check the address, or go to your appointments."}),
}
PARTIALS: dict[str, Sample] = {
    "times": ("booking/_times.html", _time),
    "times-full": ("booking/_times.html", lambda: _time(selected=FULL_DAY, strip=strip(1))),
    "providers": ("booking/_providers.html", _provider),
}


def _check(**values: Any) -> dict[str, Any]:
    shown = {
        "form": _made(CheckForm),
        "rows": ROWS,
        "patient_name": "Maya",
        "for_self": False,
        "problems": [],
        "alternatives": [],
        "zone": ZONE,
        "time_action": "/time",
    }
    return _journey(**{**shown, **values})


@contextmanager
def _request(made: Flask, language_code: str, *, signed_in: bool) -> Iterator[None]:
    with made.test_request_context("/page", headers={"Cookie": f"language={language_code}"}):
        g._login_user = Visitor() if signed_in else AnonymousUserMixin()  # noqa: SLF001 - where Flask-Login keeps it
        yield


def render(made: Flask, name: str, language_code: str = "en") -> str:
    """Return a sample page or partial as the application would answer it."""
    template, values = (SAMPLES | PARTIALS)[name]
    shared = {"brand": Brand(), "journey": False, "acting_for": None, "switch_url": None, "failed": False, "sign_out_at": AFTERNOON[0].start}
    with _request(made, language_code, signed_in=not name.startswith(("sign-in", "error"))):
        return render_template(template, **{**shared, **values()})
