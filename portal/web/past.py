"""Past and cancelled appointments, and finding any of them by its reference."""

from collections import Counter

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.audit import Deed
from portal.domain.guardianship import Act
from portal.domain.schedule import read_reference
from portal.services.audit import Done
from portal.storage import schedules
from portal.storage.schedules import Past
from portal.web.access import note_seen, people_for, reachable, signed_in
from portal.web.appointments import person_of
from portal.web.pages import page as render
from portal.web.visitor import visitor

blueprint = Blueprint("past", __name__, url_prefix="/appointments")
SHOWN = 50
PAGE_MAX = 9999
TYPED_MAX = 20


@blueprint.get("/past")
@signed_in
def page() -> ResponseReturnValue:
    """Show what is over or called off, newest first, of everybody or of one person."""
    people, number = people_for(Act.SEE), _number()
    person = person_of(people)
    wanted = tuple([person] if person else [one.id for one in people])
    asked = Past(wanted, visitor().own_patient_id, SHOWN * (number - 1), SHOWN + 1)
    found = schedules.past(context.db(), asked, context.now()) if wanted else []
    listed = found[:SHOWN]
    shown = render(
        "appointments/past.html",
        schedules=listed,
        people=people,
        person=person,
        own_patient_id=visitor().own_patient_id,
        newer_url=url_for("past.page", person=person, page=number - 1) if number > 1 else None,
        older_url=url_for("past.page", person=person, page=number + 1) if len(found) > SHOWN else None,
        back_url=url_for("appointments.coming"),
    )
    counts = Counter(schedule.patient_id for schedule in listed)
    note_seen(*(Done(patient_id, Deed.SAW_LIST, detail=str(counts[patient_id])) for patient_id in wanted))
    return shown


@blueprint.get("/find")
@signed_in
def find() -> ResponseReturnValue:
    """Lead to the appointment with a reference, or say that the visitor has none with it: others' look like none."""
    typed = request.args.get("reference", "")[:TYPED_MAX]
    reference = read_reference(typed)
    schedule_id = schedules.with_reference(context.db(), visitor().account_id, reference) if reference else None
    schedule = reachable(schedule_id, Act.SEE) if schedule_id else None
    if schedule is not None:
        return redirect(url_for("appointments.one", schedule_id=schedule.id), 303)
    asked = "reference" in request.args
    shown = render("appointments/find.html", typed=typed, failed=asked, back_url=url_for("appointments.coming"))
    return (shown, 422) if asked else shown


def _number() -> int:
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= len(str(PAGE_MAX)) else 0
    return number or abort(404)
