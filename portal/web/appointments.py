"""My appointments: what is coming, for the visitor and for those they care for."""

from collections import Counter
from datetime import date
from itertools import groupby
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.audit import Deed
from portal.domain.guardianship import Act
from portal.domain.schedule import ScheduleView
from portal.domain.walltime import local_day
from portal.services.audit import Done
from portal.storage import schedules
from portal.storage.patients import PatientFacts
from portal.web import history
from portal.web.access import acting_for, for_schedule, note_seen, people_for, public, readable, rights_over, signed_in
from portal.web.changing import ways
from portal.web.pages import page
from portal.web.visitor import visitor

blueprint = Blueprint("appointments", __name__)


@blueprint.get("/")
@public("it only points to the appointments")
def home() -> ResponseReturnValue:
    """Lead to the appointments."""
    return redirect(url_for("appointments.coming"), 303)


@blueprint.get("/appointments")
@signed_in
def coming() -> ResponseReturnValue:
    """Show the next appointment as a card and the rest by month."""
    people = people_for(Act.SEE)
    person = person_of(people)
    wanted = [person] if person else [one.id for one in people]
    bookable = people_for(Act.BOOK)
    found = schedules.coming(context.db(), wanted, visitor().own_patient_id, context.now()) if wanted else []
    shown = page(
        "appointments/appointments.html",
        next=found[0] if found else None,
        ways=ways(found[0]) if found else None,
        months=_by_month(found[1:]),
        people=people,
        person=person,
        booking_url=url_for("booking.who"),
        book_for=bookable[0].id if len(bookable) == 1 else None,
        own_patient_id=visitor().own_patient_id,
    )
    counts = Counter(schedule.patient_id for schedule in found)
    note_seen(*(Done(patient_id, Deed.SAW_LIST, detail=str(counts[patient_id])) for patient_id in wanted))
    return shown


@blueprint.get("/appointments/<uuid:schedule_id>")
@for_schedule(Act.SEE)
def one(schedule: ScheduleView) -> ResponseReturnValue:
    """Show one appointment, past and cancelled ones too; after a move it says so as long as nothing else has happened."""
    strip, held = acting_for(schedule.patient_id, schedule.patient_name), rights_over(schedule.patient_id)
    found = ways(schedule)
    shown = page(
        "appointments/appointment.html",
        schedule=readable(schedule),
        ways=found,
        over=schedule.ends_at <= context.now(),
        told=history.told(schedule, with_reasons=Act.SEE_REASON in held),
        moved="moved" in request.args,
        earlier_url=url_for("waiting.earlier", schedule_id=schedule.id) if found.move_url else None,
        book_url=url_for("booking.who") if Act.BOOK in held else None,
        back_url=url_for("appointments.coming"),
        **strip,
    )
    note_seen(Done(schedule.patient_id, Deed.SAW_SCHEDULE, schedule.id, private=schedule.private))
    return shown


def person_of(people: list[PatientFacts]) -> UUID | None:
    """Return the person of whom alone a list is wanted, None for everybody; 404 for anybody who is not one of them."""
    wanted = request.args.get("person")
    if not wanted:
        return None
    known = {str(one.id): one.id for one in people}
    return known[wanted] if wanted in known else abort(404)


def _by_month(found: list[ScheduleView]) -> list[tuple[date, list[ScheduleView]]]:
    def month(schedule: ScheduleView) -> date:
        return local_day(schedule.starts_at, schedule.time_zone).replace(day=1)

    return [(first, list(group)) for first, group in groupby(found, key=month)]
