"""Beside step 5: nothing suits, so the person asks to be told when a time becomes free."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.walltime import local_day
from portal.services import waiting
from portal.services.waiting import NotPossible
from portal.web.booking.journey import STEP, Journey, blueprint, reading, require, step_page, writing
from portal.web.booking.summary import facility_of
from portal.web.wait_form import WaitForm


@blueprint.get(STEP + "wait")
@reading
def wait(found: Journey) -> ResponseReturnValue:
    """Ask on which days a time would suit."""
    _require(found)
    return _page(found, WaitForm(formdata=None, start=local_day(context.now(), facility_of(found.draft, found.catalogue).time_zone)))


@blueprint.post(STEP + "wait", endpoint="join")
@writing
def join(found: Journey) -> ResponseReturnValue:
    """Put the draft on the wait list; its answers are kept there."""
    _require(found)
    form = WaitForm()
    if not form.validate():
        return _page(found, form, failed=True), 422
    outcome = waiting.join(context.db(), found.draft, form.days, found.catalogue, context.now())
    if isinstance(outcome, NotPossible):
        form.refuse(outcome)
        return _page(found, form, failed=True), 422
    context.commit()
    return redirect(url_for("waiting.page"), 303)


def _require(found: Journey) -> None:
    """Send a person back who has not come as far, and a family, who cannot wait together."""
    require(found, "time")
    if found.draft.arrangement:
        abort(redirect(found.url("time"), 303))


def _page(found: Journey, form: WaitForm, *, failed: bool = False) -> str:
    return step_page("booking/wait.html", found, "time", form=form, failed=failed, action=found.url("wait"), back_url=found.url("time"))
