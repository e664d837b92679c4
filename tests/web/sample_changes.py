"""The pages that change an appointment, that list past ones, and that say when to be reminded of one, with made-up contents."""

from collections.abc import Callable
from dataclasses import replace

from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import HiddenField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from portal.domain.schedule import Happened, ScheduleView, Status
from portal.web.booking.strip import Time
from portal.web.changing import Ways
from portal.web.history import Told
from portal.web.moving import Said
from tests.web.sample_facts import AFTERNOON, CREATED, IN_PERSON, MORNING, PEOPLE, SCHEDULE, TICKED_ONLY, uid

RULES = {
    "cancelling.page": "/appointments/<uuid:schedule_id>/cancel",
    "cancelling.cancel": "/appointments/<uuid:schedule_id>/cancel",
    "moving.page": "/appointments/<uuid:schedule_id>/move",
    "moving.choose": "/appointments/<uuid:schedule_id>/move",
    "moving.move": "/appointments/<uuid:schedule_id>/move/check",
    "past.page": "/appointments/past",
    "past.find": "/appointments/find",
}
WAYS = Ways("/move", "/cancel", None, may_call=False)
NO_WAYS = Ways(None, None, "It is too late to change this appointment online; call us.", may_call=True)
_OVER = replace(NO_WAYS, may_call=False, why_not=None)
_BOOKED = "Booked by Daniel Kim on Monday, November 23, 2026, 9:00 am"
_MOVED = "Moved to Tuesday, November 24, 2026, 9:00 am by Daniel Kim on Monday, November 23, 2026, 10:00 am"
_CALLED_OFF = "Cancelled by Daniel Kim on Monday, November 23, 2026, 10:00 am. Reason given: Well again"
TOLD = Told((_BOOKED, _MOVED), Happened.MOVED, "Daniel Kim")
_CANCELLED = replace(SCHEDULE, status=Status.CANCELLED, cancelled_at=CREATED, cancel_reason="Well again")
_ASKED = replace(SCHEDULE, status=Status.REQUESTED, other_choice_at=AFTERNOON[0].start)
_WRONG = Said(first_error="Choose a time", second_error="Choose another second time")
_TAKEN = Said(
    second=MORNING[1].value, first_error="This time has just been taken", nearest=tuple(Time(one.start, one.value, "9:00 am") for one in MORNING[1:4])
)
_BY_PRACTICE = (Status.ARRIVED, Status.FULFILLED, Status.NO_SHOW)
Samples = dict[str, tuple[str, Callable[[], dict[str, object]]]]


class RemindersForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    hours = SelectMultipleField("Remind me", choices=[SelectChoice(24, "1 day before"), SelectChoice(2, "2 hours before")], default=[24])


class CancelForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    reason = TextAreaField("Reason (optional)", [Length(max=1, message="Use 250 characters or fewer")], default="Well again")
    shown = HiddenField(default="2026-11-23T15:00:00Z")


def _cancel(form: FlaskForm, **values: object) -> dict[str, object]:
    shown: dict[str, object] = {
        "schedule": SCHEDULE,
        "problems": [],
        "stay": ["The appointment of Leo Lopez was booked together with this one and stays as it is."],
        "why_not": None,
        "move_url": "/move",
        "notice": "2 hours",
        "reason_max": 250,
        "back_url": "/back",
    }
    return {**shown, "form": form, **values}


def _move(**values: object) -> dict[str, object]:
    shown = {
        "schedule": SCHEDULE,
        "back_url": "/back",
        "why_not": None,
        "stay": [],
        "first_time": MORNING[0].value,
        "day": "",
        "said": Said(),
        "second_choices": Markup("<option>9:00</option>"),
        "notice": "2 hours",
    }
    return {**shown, **values}


def _check(**values: object) -> dict[str, object]:
    more = {"second": None, "second_value": "", "held_until": None}
    moved = {**more, "wanted": AFTERNOON[0].start, "value": AFTERNOON[0].value, "shown": MORNING[0].value}
    return {"schedule": SCHEDULE, "back_url": "/back", "problems": [], "alternatives": [], **moved, **values}


def _past(**values: object) -> dict[str, object]:
    shown = {"people": PEOPLE, "person": None, "own_patient_id": uid("sofia"), "newer_url": None, "older_url": None, "back_url": "/back"}
    return {**shown, "schedules": [_CANCELLED, replace(IN_PERSON, status=Status.FULFILLED)], **values}


def samples(made: Callable[..., FlaskForm], times: Callable[[str | None], Markup]) -> Samples:
    """Return the samples; `made` makes a form, filled in and refused if so, `times` the days and times with an error or none."""
    taken = {"problems": ["This time has just been taken"], "failed": True}
    return {
        "cancel": ("appointments/cancel.html", lambda: _cancel(made(CancelForm))),
        "cancel-failed": ("appointments/cancel.html", lambda: _cancel(made(CancelForm, failed=True), problems=["It is too late."], failed=True)),
        "cancel-late": ("appointments/cancel.html", lambda: _cancel(made(CancelForm), why_not="It is too late.", move_url=None)),
        "move": ("appointments/move.html", lambda: _move(days_and_times=times(None))),
        "move-failed": ("appointments/move.html", lambda: _move(days_and_times=times("Choose a time"), said=_WRONG, failed=True)),
        "move-late": ("appointments/move.html", lambda: _move(days_and_times=None, why_not="It is too late.", first_time=None)),
        "move-requested": ("appointments/move.html", lambda: _move(days_and_times=times(None), schedule=_ASKED, second_choices=None)),
        "move-taken": ("appointments/move.html", lambda: _move(days_and_times=times("This time has just been taken"), said=_TAKEN, failed=True)),
        "move-check": ("appointments/move_check.html", lambda: _check(held_until=CREATED)),
        "move-check-second": ("appointments/move_check.html", lambda: _check(second=AFTERNOON[1].start, second_value=AFTERNOON[1].value)),
        "move-check-taken": ("appointments/move_check.html", lambda: _check(alternatives=MORNING[1:4], **taken)),
        "move-check-nothing-near": ("appointments/move_check.html", lambda: _check(**taken)),
        "past": ("appointments/past.html", lambda: _past(older_url="?page=2")),
        "past-empty": ("appointments/past.html", lambda: _past(schedules=[], newer_url="?page=1")),
        "find": ("appointments/find.html", lambda: {"typed": "", "back_url": "/back"}),
        "find-failed": ("appointments/find.html", lambda: {"typed": "K7M2", "failed": True, "back_url": "/back"}),
        **_states(),
    }


def _one(schedule: ScheduleView, ways: Ways = WAYS, **values: object) -> tuple[str, Callable[[], dict[str, object]]]:
    known = {"told": TOLD, "over": False, "moved": False}
    shown = {"schedule": schedule, "ways": ways, "book_url": "/booking", "back_url": "/appointments", **known}
    return "appointments/appointment.html", lambda: {**shown, **values}


def _states() -> Samples:
    """The page of one appointment in each state, and to whoever may not read all of it."""
    another = replace(SCHEDULE, reason="", reasons=(), note=None)
    return {
        "appointment": _one(SCHEDULE),
        "appointment-ticked": _one(TICKED_ONLY),
        "appointment-late": _one(SCHEDULE, NO_WAYS),
        "appointment-of-another": _one(another, acting_for="Maya", switch_url="/people"),
        "appointment-private": _one(replace(SCHEDULE, private=True)),
        "appointment-requested": _one(_ASKED),
        "appointment-requested-once": _one(replace(_ASKED, other_choice_at=None)),
        "appointment-moved": _one(replace(SCHEDULE, first_choice_given=False), moved=True),
        "appointment-over": _one(SCHEDULE, _OVER, over=True),
        "appointment-never-confirmed": _one(_ASKED, _OVER, over=True),
        "appointment-cancelled": _one(_CANCELLED, _OVER, told=Told((_BOOKED, _CALLED_OFF), Happened.CANCELLED, "Daniel Kim")),
        "appointment-cancelled-long-ago": _one(_CANCELLED, _OVER, told=Told()),
        "appointment-declined": _one(replace(_CANCELLED, status=Status.DECLINED, cancel_reason="Nobody is free"), _OVER),
        **{
            f"appointment-{state.name.lower()}": _one(replace(SCHEDULE, status=state), _OVER)
            for state in (Status.ARRIVED, Status.FULFILLED, Status.NO_SHOW)
        },
    }
