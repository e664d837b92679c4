"""Calling an appointment off: asked on a page of its own, done by one press."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from portal import context
from portal.domain.booking import Field
from portal.domain.guardianship import Act
from portal.domain.schedule import Change, ScheduleView, change_problem, notice_for
from portal.services import cancelling
from portal.services.booking import Forbidden, Refused
from portal.storage.catalogue import current_catalogue
from portal.web.access import acting_for, actor_here, begin_write, for_schedule
from portal.web.appointments import blueprint
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page


class CancelForm(TranslatedForm):
    """Why, if somebody wants to say so."""

    reason = TextAreaField(lazy("Why do you cancel? (optional)"))


@blueprint.get("/appointments/<uuid:schedule_id>/cancel")
@for_schedule(Act.CANCEL)
def ask_to_cancel(schedule: ScheduleView) -> ResponseReturnValue:
    """Ask whether the appointment is really to be called off; one that cannot be leads back to its page, which says why."""
    rules = current_catalogue(context.db(), schedule.account_id).account.rules
    if change_problem(schedule, Change.CANCEL, context.now(), rules):
        return redirect(url_for("appointments.one", schedule_id=schedule.id), 303)
    return _asked(schedule, CancelForm())


@blueprint.post("/appointments/<uuid:schedule_id>/cancel")
@for_schedule(Act.CANCEL)
def cancel(schedule: ScheduleView) -> ResponseReturnValue:
    """Call the appointment off, and show it as it is then."""
    form = CancelForm()
    begin_write()
    outcome = cancelling.cancel(context.db(), actor_here(), schedule.id, form.reason.data or None, context.now())
    if isinstance(outcome, Forbidden):
        abort(404)
    if isinstance(outcome, Refused):
        context.release()
        form.reason.errors = [words_for(problem) for problem in outcome.problems if problem.field is Field.CANCEL_REASON]
        problems = [words_for(problem) for problem in outcome.problems if problem.field is not Field.CANCEL_REASON]
        return _asked(schedule, form, problems), 422
    context.commit()
    return redirect(url_for("appointments.one", schedule_id=schedule.id), 303)


def _asked(schedule: ScheduleView, form: CancelForm, problems: list[str] | None = None) -> str:
    notice = notice_for(Change.CANCEL, current_catalogue(context.db(), schedule.account_id).account.rules)
    strip = acting_for(schedule.patient_id, schedule.patient_name)
    last = schedule.starts_at - notice
    return page("appointments/cancel.html", schedule=schedule, form=form, problems=problems or [], failed=problems is not None, last=last, **strip)
