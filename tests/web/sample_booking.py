"""Made-up contents of the steps of a booking."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from flask_wtf import FlaskForm
from markupsafe import Markup

from portal.domain.catalogue import Speciality
from portal.domain.openings import DayState
from portal.domain.schedule import Status
from portal.web.rendering import rendered
from tests.web.sample_facts import (
    AFTERNOON,
    FACILITY,
    IN_PERSON,
    MONDAY,
    MORNING,
    OPTIONS,
    PROVIDERS,
    ROWS,
    SCHEDULE,
    SUMMARY,
    ZONE,
    Brand,
    CheckForm,
    ProviderForm,
    ReasonsForm,
    Selected,
    SpecialityForm,
    Time,
    VisitForm,
    WhoForm,
    strip,
    uid,
)
from tests.web.sample_facts import made as _made
from tests.web.sample_family import FAMILY_ROWS, FamilyForm, FamilyVisitForm, OthersForm
from tests.web.sample_near import NEAR, NearForm
from tests.web.sample_people import PrivateForm


def journey(**values: object) -> dict[str, object]:
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


def ready(template: str, **values: object) -> Markup:
    return Markup(rendered(template, values))  # noqa: S704 - the template escaped every value


def offer(**values: object) -> dict[str, object]:
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
    offered = offer(**{"error": error, "selected": selected, **values})
    groups = [(cell.day, MORNING) for cell in strip() if cell.count]
    return journey(
        first_error=error,
        second_error=None,
        by_request=values.get("by_request", False),
        day=MONDAY,
        zone=ZONE,
        taken=taken,
        failed=failed,
        first_time=MORNING[0].value if selected and selected.morning else None,
        days_and_times=ready("booking/_times.html", in_page=True, **offered),
        second_choices=values.get("second_choices", ready("booking/_second_choices.html", groups=groups, second_choice=None)),
        follows=values.get("follows"),
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
    return journey(**{**shown, **values})


_TAKEN = {"taken": True, "failed": True}


def _check(**values: object) -> dict[str, object]:
    shown = {
        "form": _made(CheckForm),
        "rows": ROWS,
        "book_text": "Book for Maya",
        "near": [],
        "problems": [],
        "alternatives": [],
        "zone": ZONE,
        "taken": False,
        "by_request": False,
        "time_action": "/time",
        "held_until": MORNING[0].start,
        "release_action": "/release",
    }
    return journey(**{**shown, **values})


def _visit(kind: type[FlaskForm] = VisitForm, *, failed: bool = False) -> dict[str, object]:
    form = _made(kind, failed=failed)
    fields = iter(form.visit_option)
    groups = [(kind, [(option, next(fields)) for option in options]) for kind, options in OPTIONS]
    hints = {str(OPTIONS[0][1][0].id): "Only for people under 12"}
    shown = {"form": form, "groups": groups, "hints": hints}
    return journey(**shown, first_name="Maya Lopez" if kind is FamilyVisitForm else None, failed=failed, summary=SUMMARY[:2])


FULL_DAY = Selected(MONDAY + timedelta(days=1), DayState.FULL, next_open_day=MONDAY + timedelta(days=2), next_open_url="/time?day=2026-11-25")
TOO_FAR = [replace(cell, state=DayState.TOO_FAR, count=0) for cell in strip(-1)]


FOLLOWS = "These are the times at which Maya is seen; then follows Leo."
LEOS = replace(IN_PERSON, id=uid("second"), patient_given_name="Leo")
BOOKING: dict[str, tuple[str, Callable[[], dict[str, object]]]] = {
    "who": ("booking/who.html", lambda: {"form": _made(WhoForm), "journey": True, "action": "/booking", "back_url": "/"}),
    "who-failed": (
        "booking/who.html",
        lambda: {"form": _made(WhoForm, failed=True), "journey": True, "failed": True, "action": "/booking", "back_url": "/"},
    ),
    "provider": ("booking/provider.html", _provider),
    "provider-failed": ("booking/provider.html", lambda: _provider(form=_made(ProviderForm, failed=True), failed=True)),
    "visit": ("booking/visit.html", _visit),
    "visit-failed": ("booking/visit.html", lambda: _visit(failed=True)),
    "reasons": ("booking/reasons.html", lambda: journey(form=_made(ReasonsForm), others=None, summary=SUMMARY[:3])),
    "reasons-failed": ("booking/reasons.html", lambda: journey(form=_made(ReasonsForm, failed=True), others=None, failed=True, summary=SUMMARY[:3])),
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
    "time-by-request": ("booking/time.html", lambda: _time(by_request=True)),
    "check-by-request": ("booking/check.html", lambda: _check(by_request=True)),
    "check-visit-near": ("booking/check.html", lambda: _check(form=_made(NearForm), near=[NEAR])),
    "check-nothing-near": ("booking/check.html", lambda: _check(problems=["That time has just been taken."], **_TAKEN)),
    "booked": (
        "booking/booked.html",
        lambda: journey(schedule=SCHEDULE, schedules=[SCHEDULE], first_choice_given=True, appointments_url="/appointments"),
    ),
    "booked-requested": (
        "booking/booked.html",
        lambda: journey(
            schedule=replace(SCHEDULE, status=Status.REQUESTED, other_choice_at=AFTERNOON[0].start),
            schedules=[replace(SCHEDULE, status=Status.REQUESTED, other_choice_at=AFTERNOON[0].start)],
            first_choice_given=True,
            appointments_url="/appointments",
        ),
    ),
    "booked-second": (
        "booking/booked.html",
        lambda: journey(schedule=IN_PERSON, schedules=[IN_PERSON], first_choice_given=False, appointments_url="/appointments"),
    ),
    "who-together": ("booking/who.html", lambda: {"form": _made(FamilyForm), "journey": True, "action": "/booking", "back_url": "/"}),
    "visit-together": ("booking/visit.html", lambda: _visit(FamilyVisitForm)),
    "reasons-together": ("booking/reasons.html", lambda: journey(form=_made(ReasonsForm), others=_made(OthersForm), summary=SUMMARY[:3])),
    "time-together": (
        "booking/time.html",
        lambda: _time(second_choices=None, follows="These are the times at which Maya is seen; then follows Leo."),
    ),
    "check-together": ("booking/check.html", lambda: _check(rows=[*ROWS, *FAMILY_ROWS], book_text="Book 2 appointments: Maya Lopez and Leo Lopez")),
    "booked-together": (
        "booking/booked.html",
        lambda: journey(
            schedule=IN_PERSON, schedules=[IN_PERSON, replace(IN_PERSON, id=uid("second"), patient_given_name="Leo")], appointments_url="/"
        ),
    ),
    "reasons-private": ("booking/reasons.html", lambda: journey(form=_made(PrivateForm), others=None, summary=SUMMARY[:3])),
}
PARTIALS: dict[str, tuple[str, Callable[[], dict[str, object]]]] = {
    "times": ("booking/_times.html", offer),
    "times-full": ("booking/_times.html", lambda: offer(selected=FULL_DAY, strip=strip(1))),
    "providers": ("booking/_providers.html", _provider),
}
