"""Step 6, check and book; and the page that says it is booked."""

from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from portal import context
from portal.domain.audit import Deed
from portal.domain.guardianship import Act
from portal.domain.throttle import BOOKED_BY_USER
from portal.services import drafts as service
from portal.services.audit import Done
from portal.services.booking import Booked, Refused
from portal.storage import drafts, schedules
from portal.storage.patients import PatientFacts
from portal.web import display
from portal.web.access import acting_for, actor_here, for_patient, note_seen, readable, require_right, visitor
from portal.web.booking.journey import STEP, Journey, blueprint, reading, require, step_page, writing
from portal.web.booking.strip import shown
from portal.web.booking.summary import IN_FULL, PRIVATELY, facility_of
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm
from portal.web.pages import page
from portal.web.throttle import count


class CheckForm(TranslatedForm):
    """The answers as they were shown, so that a page gone stale cannot book what nobody read."""

    patient = HiddenField()
    shown = HiddenField()


@blueprint.get(STEP + "check")
@reading
def check(found: Journey) -> ResponseReturnValue:
    """Show every answer, each with a way to change it."""
    require(found, "check")
    return _page(found)


@blueprint.post(STEP + "check", endpoint="book")
@writing
def book(found: Journey) -> ResponseReturnValue:
    """Book what was shown: 303 to the confirmation, or the same page with the reasons why not."""
    require(found, "check")
    if request.form.get("patient") != str(found.patient.id) or request.form.get("shown") != found.draft.version:
        return redirect(found.url("check"), 303)
    count("booked", BOOKED_BY_USER)
    outcome = service.book(context.db(), actor_here(), found.draft, found.catalogue, context.now())
    if isinstance(outcome, Booked):
        context.commit()
        return redirect(found.url("booked"), 303)
    return (_page(found, outcome), 422) if isinstance(outcome, Refused) else abort(404)


@blueprint.post(STEP + "release")
@writing
def release(found: Journey) -> ResponseReturnValue:
    """Give the held time up, so that others are offered it, and choose again; every other answer stays."""
    service.give_up(context.db(), found.draft, found.catalogue, context.now())
    context.commit()
    return redirect(found.url("time"), 303)


@blueprint.get(STEP + "booked")
@for_patient(Act.SEE)
def booked(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Confirm the booking; safe to reload, to bookmark and to come back to."""
    read = drafts.draft(context.db(), draft_id, visitor().user_id, patient.id)
    schedule = schedules.view(context.db(), read[0].schedule_id) if read and read[0].schedule_id else None
    if schedule is None:
        abort(404)
    require_right(patient, Act.SEE, private=schedule.private)
    strip = acting_for(patient.id, patient.name)
    shown = page("booking/booked.html", schedule=readable(schedule), appointments_url=url_for("appointments.coming"), **strip)
    note_seen(Done(patient.id, Deed.SAW_SCHEDULE, schedule.id, private=schedule.private))
    return shown


def _page(found: Journey, refused: Refused | None = None) -> str:
    facility, held_until = facility_of(found.draft, found.catalogue), found.draft.held_until
    return step_page(
        "booking/check.html",
        found,
        "check",
        form=CheckForm(formdata=None, patient=str(found.patient.id), shown=found.draft.version),
        rows=found.rows(PRIVATELY if found.draft.private else IN_FULL),
        patient_name=found.patient.name,
        for_self=found.for_self,
        problems=[words_for(problem) for problem in refused.problems] if refused else [],
        alternatives=[shown(start, facility.time_zone, display.locale()) for start in refused.alternatives] if refused else [],
        taken=refused is not None and refused.taken,
        time_action=found.url("time"),
        held_until=held_until if held_until and context.now() < held_until else None,
        release_action=found.url("release"),
        zone=facility.time_zone,
        place=facility.place,
        failed=refused is not None,
        action=found.url("check"),
    )
