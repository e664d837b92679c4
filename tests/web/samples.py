"""Every template with made-up contents, on an application that has nothing but templates: for tests of markup alone."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from flask import Flask
from flask_wtf import CSRFProtect, FlaskForm
from markupsafe import Markup

from portal.api import help as help_pages
from portal.api.door import CALLS
from portal.domain.catalogue import Speciality
from portal.domain.openings import DayState
from portal.domain.schedule import Status
from portal.web import language, pages, rendering
from portal.web.rendering import rendered
from tests.web import joining, waiting_samples
from tests.web.sample_factors import RULES as FACTOR_RULES
from tests.web.sample_factors import SAMPLES as FACTOR_SAMPLES
from tests.web.sample_facts import (
    AFTERNOON,
    FACILITY,
    IN_PERSON,
    KEYS,
    MAIL,
    MONDAY,
    MORNING,
    OPTIONS,
    PEOPLE,
    PROVIDERS,
    ROOT,
    ROWS,
    SCHEDULE,
    SEEN,
    SESSIONS,
    SUMMARY,
    TICKED_ONLY,
    ZONE,
    AgainForm,
    Brand,
    CheckForm,
    DetailsForm,
    IssueForm,
    ProviderForm,
    ReasonsForm,
    Selected,
    SignInForm,
    SpecialityForm,
    Time,
    VisitForm,
    WhoForm,
    strip,
    uid,
)
from tests.web.sample_facts import made as _made
from tests.web.sample_people import RULES, PrivateForm, of_people


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
        "waiting.page": "/waiting",
        "waiting.leave": "/waiting",
        "waiting.offer": "/waiting/offers/<uuid:offer_id>",
        "waiting.accept": "/waiting/offers/<uuid:offer_id>",
        "waiting.decline": "/waiting/offers/<uuid:offer_id>/decline",
        "account.page": "/account",
        "details.change": "/account/details",
        "sessions.end": "/account/sessions",
        "sessions.keep": "/session/stay",
        "sign_in.again": "/sign-in/again",
        "keys.ask_for_new": "/account/keys/new",
        "keys.page": "/account/keys",
        "keys.issue": "/account/keys",
        "keys.ask_to_revoke": "/account/keys/revoke",
        "keys.revoke": "/account/keys/revoke",
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
    }.items():
        made.add_url_rule(rule, endpoint)
    return made


def _journey(**values: object) -> dict[str, object]:
    return {
        "journey": True,
        "acting_for": "Maya Lopez",
        "switch_url": "/booking",
        "back_url": "/back",
        "summary": SUMMARY,
        "action": "/post",
        **values,
    }


OPEN_DAY = Selected(morning=MORNING, afternoon=AFTERNOON)


def _ready(template: str, **values: object) -> Markup:
    return Markup(rendered(template, values))  # noqa: S704 - the template escaped every value


def _offer(**values: object) -> dict[str, object]:
    shown = {
        "strip": strip(),
        "selected": OPEN_DAY,
        "first_choice": None,
        "error": None,
        "zone": ZONE,
        "place": "Austin",
        "patient_zone": None,
        "earlier_url": None,
        "later_url": "?from=2026-12-07",
        "why_nothing": None,
        "other_provider_url": "/provider",
        "wait_url": "/wait",
        "brand": Brand(),
    }
    return {**shown, **values}


def _time(*, failed: bool = False, taken: list[Time] | None = None, selected: Selected | None = OPEN_DAY, **values: object) -> dict[str, object]:
    error = "Choose a time" if failed else None
    offer = _offer(**{"error": error, "selected": selected, **values})
    groups = [(cell.day, MORNING) for cell in strip() if cell.count]
    return _journey(
        first_error=error,
        second_error=None,
        day=MONDAY,
        zone=ZONE,
        taken=taken,
        failed=failed,
        first_time=MORNING[0].value if selected and selected.morning else None,
        days_and_times=_ready("booking/_times.html", in_page=True, **offer),
        second_choices=_ready("booking/_second_choices.html", groups=groups, second_choice=None),
        switch_url=values.get("switch_url", "/booking"),
    )


def _provider(**values: object) -> dict[str, object]:
    shown = {
        "speciality_form": _made(SpecialityForm),
        "form": _made(ProviderForm),
        "next_days": {value: None if name.startswith("Dr Ingrid") else MONDAY for value, name in PROVIDERS},
        "facilities": {value: FACILITY for value, _ in PROVIDERS[1:]},
        "speciality": Speciality(uid("pediatrics"), "Pediatrics"),
        "summary": SUMMARY[:1],
    }
    return _journey(**{**shown, **values})


_TAKEN = {"taken": True, "failed": True}


def _check(**values: object) -> dict[str, object]:
    shown = {
        "form": _made(CheckForm),
        "rows": ROWS,
        "patient_name": "Maya",
        "for_self": False,
        "problems": [],
        "alternatives": [],
        "zone": ZONE,
        "taken": False,
        "time_action": "/time",
        "held_until": MORNING[0].start,
        "release_action": "/release",
    }
    return _journey(**{**shown, **values})


def _visit(*, failed: bool = False) -> dict[str, object]:
    form = _made(VisitForm, failed=failed)
    fields = iter(form.visit_option)
    groups = [(kind, [(option, next(fields)) for option in options]) for kind, options in OPTIONS]
    return _journey(form=form, groups=groups, failed=failed, summary=SUMMARY[:2])


FULL_DAY = Selected(MONDAY + timedelta(days=1), DayState.FULL, next_open_day=MONDAY + timedelta(days=2), next_open_url="/time?day=2026-11-25")
TOO_FAR = [replace(cell, state=DayState.TOO_FAR, count=0) for cell in strip(-1)]


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
    "appointment": ("appointments/appointment.html", lambda: {"schedule": SCHEDULE, "back_url": "/appointments", "earlier_url": "/earlier"}),
    "appointment-ticked": ("appointments/appointment.html", lambda: {"schedule": TICKED_ONLY, "back_url": "/appointments"}),
    "who": ("booking/who.html", lambda: {"form": _made(WhoForm), "journey": True, "action": "/booking", "back_url": "/"}),
    "who-failed": (
        "booking/who.html",
        lambda: {"form": _made(WhoForm, failed=True), "journey": True, "failed": True, "action": "/booking", "back_url": "/"},
    ),
    "provider": ("booking/provider.html", _provider),
    "provider-failed": ("booking/provider.html", lambda: _provider(form=_made(ProviderForm, failed=True), failed=True)),
    "visit": ("booking/visit.html", _visit),
    "visit-failed": ("booking/visit.html", lambda: _visit(failed=True)),
    "reasons": ("booking/reasons.html", lambda: _journey(form=_made(ReasonsForm), summary=SUMMARY[:3])),
    "reasons-failed": ("booking/reasons.html", lambda: _journey(form=_made(ReasonsForm, failed=True), failed=True, summary=SUMMARY[:3])),
    "time": ("booking/time.html", _time),
    "time-chosen": (
        "booking/time.html",
        lambda: _time(first_choice=MORNING[1].value, patient_zone="America/New_York", earlier_url="/time"),
    ),
    "time-failed": ("booking/time.html", lambda: _time(failed=True)),
    "time-full": ("booking/time.html", lambda: _time(selected=FULL_DAY, strip=strip(1))),
    "time-nothing": ("booking/time.html", lambda: _time(selected=FULL_DAY, strip=strip(1), why_nothing="full")),
    "time-far": ("booking/time.html", lambda: _time(selected=None, strip=TOO_FAR, why_nothing="too_far", earlier_url="?from=2027-08-14")),
    "time-taken": ("booking/time.html", lambda: _time(failed=True, taken=[*MORNING[1:3], AFTERNOON[0]])),
    "time-alone": ("booking/time.html", lambda: _time(switch_url=None)),
    "check": ("booking/check.html", _check),
    "check-failed": (
        "booking/check.html",
        lambda: _check(problems=["That time has just been taken."], alternatives=list(MORNING[1:4]), taken=True, failed=True),
    ),
    "check-nothing-near": ("booking/check.html", lambda: _check(problems=["That time has just been taken."], **_TAKEN)),
    "booked": (
        "booking/booked.html",
        lambda: _journey(schedule=SCHEDULE, first_choice_given=True, appointments_url="/appointments"),
    ),
    "booked-second": (
        "booking/booked.html",
        lambda: _journey(schedule=IN_PERSON, first_choice_given=False, appointments_url="/appointments"),
    ),
    "help": ("help/index.html", lambda: {"groups": {"Calendar": HELP}}),
    "help-call": ("help/call.html", lambda: {"call": HELP[0]}),
    "account": ("account/account.html", lambda: {"sections": [("Program access", "Keys for programs", "/account/keys")]}),
    "details": ("account/details.html", lambda: {"form": _made(DetailsForm), "name": "Maya Lopez"}),
    "sessions": ("account/sessions.html", lambda: {"entries": SESSIONS, "this": SESSIONS[0][0].id}),
    "prove-again": ("sign_in/again.html", lambda: {"form": _made(AgainForm)}),
    "prove-again-failed": ("sign_in/again.html", lambda: {"form": _made(AgainForm, failed=True), "failed": True}),
    "keys": ("keys/keys.html", lambda: {"entries": KEYS, "now": MORNING[0].start}),
    "keys-empty": ("keys/keys.html", lambda: {"entries": [], "now": MORNING[0].start}),
    "key-new": ("keys/new.html", lambda: {"form": _made(IssueForm), "problems": []}),
    "key-new-failed": ("keys/new.html", lambda: {"form": _made(IssueForm, failed=True), "problems": [], "failed": True}),
    "key-issued": ("keys/issued.html", lambda: {"key": f"pap_k4t9wz2m_{'x' * 43}_0a1b2c"}),
    "key-revoke": ("keys/revoke.html", lambda: {"form": _made(FlaskForm), "entry": KEYS[0], "back_url": "/account/keys"}),
    "mailbox": ("demo/mailbox.html", lambda: {"mails": [MAIL, MAIL]}),
    "mailbox-empty": ("demo/mailbox.html", lambda: {"mails": []}),
    "mail": ("demo/mail.html", lambda: {"mail": MAIL}),
    "account-of-a-guardian": (
        "account/account.html",
        lambda: {"sections": [("Program access", "Keys for programs", "/account/keys")], "protect_others": True},
    ),
    **waiting_samples.samples(_made, _journey),
    **FACTOR_SAMPLES,
    **joining.samples(_made),
    "seen": ("seen/seen.html", lambda: _seen(lines=SEEN, older_url="?before=3")),
    "seen-appointment": ("seen/seen.html", lambda: _seen(lines=SEEN[:1], schedule=SCHEDULE, newer_url="?after=3", all_url="/people/1/seen")),
    "seen-nothing": ("seen/seen.html", lambda: _seen(lines=[])),
    **of_people(_made),
    "reasons-private": ("booking/reasons.html", lambda: _journey(form=_made(PrivateForm), summary=SUMMARY[:3])),
    "appointment-of-another": (
        "appointments/appointment.html",
        lambda: {
            "schedule": replace(SCHEDULE, reason="", reasons=(), note=None),
            "back_url": "/appointments",
            "acting_for": "Maya",
            "switch_url": "/people",
        },
    ),
    "appointment-private": ("appointments/appointment.html", lambda: {"schedule": replace(SCHEDULE, private=True), "back_url": "/appointments"}),
    "error": ("errors/error.html", lambda: {"code": 404, "heading": "Page not found", "advice": "Check the address, or go to your appointments."}),
}
PARTIALS: dict[str, Sample] = {
    "times": ("booking/_times.html", _offer),
    "times-full": ("booking/_times.html", lambda: _offer(selected=FULL_DAY, strip=strip(1))),
    "providers": ("booking/_providers.html", _provider),
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
