"""Cancelling an appointment, on a page of its own that says which one and what follows."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from portal import context
from portal.domain.booking import Code, Field
from portal.domain.guardianship import Act
from portal.domain.schedule import CANCEL_REASON_MAX, Change, ScheduleView
from portal.services import cancelling
from portal.services.booking import Refused
from portal.services.cancelling import Cancelled
from portal.web.access import acting_for, for_schedule, note_seen, permitted_schedule
from portal.web.booked_with import seen, stay_words, staying
from portal.web.booking.strip import written
from portal.web.booking.words import words_for
from portal.web.changing import notice_words, problem, sentence, ways
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.visitor import actor_here, begin_write

blueprint = Blueprint("cancelling", __name__)


class CancelForm(TranslatedForm):
    """Why, if somebody wants to say so; and the time that the page named, so that a page gone stale cancels nothing else."""

    reason = TextAreaField(lazy("Reason (optional)"))
    shown = HiddenField()


@blueprint.get("/appointments/<uuid:schedule_id>/cancel")
@for_schedule(Act.CANCEL)
def page(schedule: ScheduleView) -> ResponseReturnValue:
    """Name the appointment, and ask; or say why it cannot be cancelled."""
    code = problem(schedule, Change.CANCEL)
    return _shown(schedule, CancelForm(formdata=None), [], sentence(code) if code else None)


@blueprint.post("/appointments/<uuid:schedule_id>/cancel")
@for_schedule(Act.CANCEL)
def cancel(schedule: ScheduleView) -> ResponseReturnValue:
    """Cancel what the page named: 303 to the appointment, which says so, or the same page with the reasons why not."""
    begin_write()
    current = permitted_schedule(schedule.id, Act.CANCEL)
    form = CancelForm()
    if request.form.get("shown") != written(current.starts_at):
        return redirect(url_for("cancelling.page", schedule_id=schedule.id), 303)
    outcome = cancelling.cancel(context.db(), actor_here(), schedule.id, form.reason.data or None, context.now())
    if isinstance(outcome, Cancelled):
        context.commit()
        return redirect(url_for("appointments.one", schedule_id=schedule.id), 303)
    return (_refused(current, form, outcome), 422) if isinstance(outcome, Refused) else abort(404)


def _refused(schedule: ScheduleView, form: CancelForm, outcome: Refused) -> str:
    form.reason.errors = [words_for(one) for one in outcome.problems if one.field is Field.CANCEL_REASON]
    codes: list[Code] = [one.code for one in outcome.problems if one.field is Field.SCHEDULE]
    return _shown(schedule, form, [sentence(code) for code in codes], None)


def _shown(schedule: ScheduleView, form: CancelForm, problems: list[str], why_not: str | None) -> str:
    form.shown.data, others = written(schedule.starts_at), staying(schedule)
    shown = render(
        "appointments/cancel.html",
        schedule=schedule,
        form=form,
        problems=problems,
        why_not=why_not,
        stay=stay_words(others),
        move_url=ways(schedule).move_url,
        notice=notice_words(Change.CANCEL),
        reason_max=CANCEL_REASON_MAX,
        back_url=_url(schedule.id),
        failed=bool(problems or form.reason.errors),
        **acting_for(schedule.patient_id, schedule.patient_name),
    )
    note_seen(*seen(schedule, *others))
    return shown


def _url(schedule_id: UUID) -> str:
    return url_for("appointments.one", schedule_id=schedule_id)
