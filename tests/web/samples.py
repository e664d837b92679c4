"""Every template with made-up contents, on an application that has nothing but templates: for tests of markup alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from flask import Flask
from flask_wtf import CSRFProtect, FlaskForm

from portal.api import help as help_pages
from portal.api.door import CALLS
from portal.domain.schedule import Status
from portal.web import language, pages, rendering
from portal.web.rendering import rendered
from tests.web import joining, sample_waiting
from tests.web.sample_booking import BOOKING, PARTIALS, journey, offer, ready
from tests.web.sample_changes import RULES as CHANGE_RULES
from tests.web.sample_changes import WAYS, RemindersForm
from tests.web.sample_changes import samples as of_changes
from tests.web.sample_factors import RULES as FACTOR_RULES
from tests.web.sample_factors import SAMPLES as FACTOR_SAMPLES
from tests.web.sample_facts import (
    AFTERNOON,
    IN_PERSON,
    KEYS,
    MAIL,
    MORNING,
    PEOPLE,
    ROOT,
    SCHEDULE,
    SEEN,
    SESSIONS,
    ZONE,
    AgainForm,
    Brand,
    DetailsForm,
    IssueForm,
    SignInForm,
    uid,
)
from tests.web.sample_facts import made as _made
from tests.web.sample_people import RULES, of_people


def app() -> Flask:
    made = Flask("samples", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    made.config.update(SECRET_KEY="only for tests", TESTING=True)
    CSRFProtect(made)
    pages.init_app(made)
    rendering.init_app(made)
    language.init_app(made)
    for endpoint, rule in {
        "appointments.coming": "/appointments",
        "appointments.one": "/appointments/<uuid:schedule_id>",
        "appointments.cancel": "/appointments/<uuid:schedule_id>/cancel",
        "waiting.page": "/waiting",
        "waiting.leave": "/waiting",
        "waiting.offer": "/waiting/offers/<uuid:offer_id>",
        "waiting.accept": "/waiting/offers/<uuid:offer_id>",
        "waiting.decline": "/waiting/offers/<uuid:offer_id>/decline",
        "account.page": "/account",
        "details.change": "/account/details",
        "reminders.change": "/account/reminders",
        "sessions.end": "/account/sessions",
        "sessions.keep": "/session/stay",
        "sign_in.again": "/sign-in/again",
        "keys.ask_for_new": "/account/keys/new",
        "keys.page": "/account/keys",
        "keys.issue": "/account/keys",
        "keys.ask_to_revoke": "/account/keys/revoke",
        "keys.revoke": "/account/keys/revoke",
        "calendars.download": "/appointments/<uuid:schedule_id>/appointment.ics",
        "calendars.page": "/account/calendar",
        "calendars.ask_for_new": "/account/calendar/new",
        "calendars.make": "/account/calendar/new",
        "calendars.ask_to_revoke": "/account/calendar/revoke",
        "calendars.revoke": "/account/calendar/revoke",
        "seen.page": "/people/<uuid:patient_id>/seen",
        **RULES,
        "sign_in.page": "/sign-in",
        "sign_in.out": "/sign-out",
        "sign_up.page": "/sign-up",
        "sign_up.make": "/sign-up/confirm",
        "reset.page": "/reset",
        "reset.save": "/reset/new",
        "sign_in_details.password": "/account/password",
        "sign_in_details.email": "/account/email",
        "sign_in_details.change_email": "/account/email/confirm",
        "invitations.page": "/people/code",
        "invitations.redeem": "/people/code",
        "invitations.new": "/people/new",
        "booking.who": "/booking",
        "mailbox.page": "/demo/mail",
        "mailbox.one": "/demo/mail/<uuid:mail_id>",
        "help.index": "/<root>",
        "help.one": "/<root>/<branch>/<slug>",
        **FACTOR_RULES,
        **CHANGE_RULES,
    }.items():
        made.add_url_rule(rule, endpoint)
    return made


def _seen(**values: object) -> dict[str, object]:
    shown = {"patient": PEOPLE[1], "schedule": None, "zone": ZONE, "newer_url": None, "older_url": None, "all_url": None, "back_url": "/back"}
    return {**shown, **values}


HELP = help_pages.pages(CALLS)
Sample = tuple[str, Callable[[], dict[str, object]]]
SAMPLES: dict[str, Sample] = {
    "sign-in": ("sign_in/sign_in.html", lambda: {"form": _made(SignInForm), "passkey_host": "localhost"}),
    "sign-in-failed": ("sign_in/sign_in.html", lambda: {"form": _made(SignInForm, failed=True), "failed": True}),
    "appointments": (
        "appointments/appointments.html",
        lambda: {
            "next": SCHEDULE,
            "ways": WAYS,
            "months": [(date(2026, 12, 1), [IN_PERSON, replace(IN_PERSON, id=uid("third"), status=Status.CANCELLED)])],
            "people": PEOPLE,
            "person": None,
            "booking_url": "/booking",
            "book_for": None,
            "own_patient_id": uid("sofia"),
        },
    ),
    "appointments-empty": (
        "appointments/appointments.html",
        lambda: {
            "next": None,
            "months": [],
            "people": PEOPLE[:1],
            "person": None,
            "booking_url": "/booking",
            "book_for": PEOPLE[0].id,
            "own_patient_id": uid("sofia"),
        },
    ),
    **BOOKING,
    "help": ("help/index.html", lambda: {"groups": {"Calendar": HELP}}),
    "help-call": ("help/call.html", lambda: {"call": HELP[0]}),
    "account": ("account/account.html", lambda: {"sections": [("Program access", "Keys for programs", "/account/keys")]}),
    "details": ("account/details.html", lambda: {"form": _made(DetailsForm), "name": "Maya Lopez"}),
    "reminders": ("account/reminders.html", lambda: {"form": _made(RemindersForm), "quiet": [MORNING[0].start, AFTERNOON[0].start]}),
    "sessions": ("account/sessions.html", lambda: {"entries": SESSIONS, "this": SESSIONS[0][0].id}),
    "prove-again": ("sign_in/again.html", lambda: {"form": _made(AgainForm)}),
    "prove-again-failed": ("sign_in/again.html", lambda: {"form": _made(AgainForm, failed=True), "failed": True}),
    "keys": ("keys/keys.html", lambda: {"entries": KEYS, "now": MORNING[0].start}),
    "keys-empty": ("keys/keys.html", lambda: {"entries": [], "now": MORNING[0].start}),
    "key-new": ("keys/new.html", lambda: {"form": _made(IssueForm), "problems": []}),
    "key-new-failed": ("keys/new.html", lambda: {"form": _made(IssueForm, failed=True), "problems": [], "failed": True}),
    "key-issued": ("keys/issued.html", lambda: {"key": f"pap_k4t9wz2m_{'x' * 43}_0a1b2c"}),
    "key-revoke": ("keys/revoke.html", lambda: {"form": _made(FlaskForm), "entry": KEYS[0], "back_url": "/account/keys"}),
    "calendar": ("calendar/calendar.html", lambda: {"made_at": MORNING[0].start}),
    "calendar-none": ("calendar/calendar.html", lambda: {"made_at": None}),
    "calendar-new": ("calendar/new.html", lambda: {"made_at": None}),
    "calendar-replace": ("calendar/new.html", lambda: {"made_at": MORNING[0].start}),
    "calendar-made": ("calendar/made.html", lambda: {"address": f"https://portal.example/calendar/{'x' * 43}.ics"}),
    "calendar-revoke": ("calendar/revoke.html", dict),
    "mailbox": ("demo/mailbox.html", lambda: {"mails": [MAIL, MAIL]}),
    "mailbox-empty": ("demo/mailbox.html", lambda: {"mails": []}),
    "mail": ("demo/mail.html", lambda: {"mail": MAIL}),
    "account-of-a-guardian": (
        "account/account.html",
        lambda: {"sections": [("Program access", "Keys for programs", "/account/keys")], "protect_others": True},
    ),
    **sample_waiting.samples(_made, journey),
    **FACTOR_SAMPLES,
    **joining.samples(_made),
    "seen": ("seen/seen.html", lambda: _seen(lines=SEEN, older_url="?before=3")),
    "seen-appointment": ("seen/seen.html", lambda: _seen(lines=SEEN[:1], schedule=SCHEDULE, newer_url="?after=3", all_url="/people/1/seen")),
    "seen-nothing": ("seen/seen.html", lambda: _seen(lines=[])),
    **of_people(_made),
    **of_changes(_made, lambda error: ready("booking/_times.html", in_page=True, **offer(error=error))),
    "error": ("errors/error.html", lambda: {"code": 404, "heading": "Page not found", "advice": "Check the address, or go to your appointments."}),
}


def render(made: Flask, name: str, language_code: str = "en") -> str:
    """Return a sample page or partial as the application would answer it."""
    template, values = (SAMPLES | PARTIALS)[name]
    shared = {
        "brand": Brand(),
        "signed_in": not name.startswith(("sign-in", "error")),
        "journey": False,
        "acting_for": None,
        "switch_url": None,
        "failed": False,
        "ending": None if name.startswith(("sign-in", "error")) else (900, 43200),
        "sign_out_at": None if name.startswith("sign-in") else AFTERNOON[0].start,
    }
    with made.test_request_context("/page", headers={"Cookie": f"language={language_code}"}):
        return rendered(template, {**shared, **values()})
