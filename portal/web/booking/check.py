"""Step 6, check and book; and the page that says it is booked."""

from collections.abc import Iterable
from uuid import UUID

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField

from portal import context
from portal.domain.booking import Code, Problem
from portal.domain.guardianship import Act
from portal.domain.schedule import Status
from portal.domain.throttle import BOOKED_BY_USER
from portal.domain.together import Part
from portal.services import drafts as service
from portal.services import group_booking, group_holds, nearby
from portal.services.booking import Booked, Refused
from portal.services.group_booking import NotAll
from portal.services.nearby import Decided, Near, Ready
from portal.storage import drafts, schedules
from portal.storage.patients import PatientFacts
from portal.web import display
from portal.web.access import acting_for, for_patient, note_seen, readable, require_right
from portal.web.booked_with import seen, staying
from portal.web.booking.journey import STEP, Journey, blueprint, reading, require, step_page, writing
from portal.web.booking.strip import shown
from portal.web.booking.summary import IN_FULL, PRIVATELY, TOGETHER, Answers, all_names, facility_of, part_rows
from portal.web.booking.together import told
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page
from portal.web.throttle import count
from portal.web.visitor import actor_here, visitor

_ANSWERS = {"keep": lazy("Keep both"), "replace": lazy("Cancel the other appointment and book this one")}


class CheckForm(TranslatedForm):
    """The answers as they were shown, so that a page gone stale cannot book what nobody read."""

    patient = HiddenField()
    shown = HiddenField()
    near = HiddenField()
    repeated = RadioField(lazy("There is another appointment of this kind close to this one. What should happen to it?"), validate_choice=False)


@blueprint.get(STEP + "check")
@reading
def check(found: Journey) -> ResponseReturnValue:
    """Show every answer, each with a way to change it."""
    require(found, "check")
    return _page_together(found, *_together(found)) if found.draft.arrangement else _page(found, _near(found))


@blueprint.post(STEP + "check", endpoint="book")
@writing
def book(found: Journey) -> ResponseReturnValue:
    """Book what was shown: 303 to the confirmation, or the same page with the reasons why not."""
    require(found, "check")
    if request.form.get("patient") != str(found.patient.id) or request.form.get("shown") != found.draft.version:
        return redirect(found.url("check"), 303)
    count("booked", BOOKED_BY_USER)
    if found.draft.arrangement:
        return _book_together(found)
    near = _near(found)
    outcome = nearby.book(context.db(), actor_here(), Ready(found.draft, found.catalogue), _decided(near), context.now())
    if isinstance(outcome, Booked):
        context.commit()
        return redirect(found.url("booked"), 303)
    return (_page(found, near, outcome), 422) if isinstance(outcome, Refused) else abort(404)


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
    """Confirm the booking; safe to reload, to bookmark and to come back to. One that is off or over tells so on its own page."""
    read = drafts.draft(context.db(), draft_id, visitor().user_id, patient.id)
    schedule = schedules.view(context.db(), read[0].schedule_id) if read and read[0].schedule_id else None
    if schedule is None:
        abort(404)
    require_right(patient, Act.SEE, private=schedule.private)
    if schedule.status not in (Status.REQUESTED, Status.BOOKED) or schedule.ends_at <= context.now():
        return redirect(url_for("appointments.one", schedule_id=schedule.id), 303)
    visits = [schedule, *staying(schedule)]
    strip = acting_for(patient.id, all_names(visits))
    readables = [readable(visit) for visit in visits]
    shown = page("booking/booked.html", schedule=readables[0], schedules=readables, appointments_url=url_for("appointments.coming"), **strip)
    note_seen(*seen(*visits))
    return shown


def _together(found: Journey) -> tuple[tuple[Part, ...] | None, Near | None]:
    """Return who of a group would be seen by whom and when, if all still can be, and the visits near these."""
    parts = group_holds.planned(context.db(), found.draft, found.catalogue, context.now())
    return parts, group_booking.near(context.db(), actor_here(), Ready(found.draft, found.catalogue), parts or (), context.now())


def _book_together(found: Journey) -> ResponseReturnValue:
    """Book all of a group: 303 to the confirmation, or the same page with the reasons why none was booked."""
    parts, near = _together(found)
    decided = _decided(near)
    kept = decided.near if decided else frozenset()
    outcome = group_booking.book(context.db(), actor_here(), Ready(found.draft, found.catalogue), kept, context.now())
    if isinstance(outcome, Booked):
        context.commit()
        return redirect(found.url("booked"), 303)
    return (_page_together(found, parts, near, outcome), 422) if isinstance(outcome, NotAll) else abort(404)


def _near(found: Journey) -> Near | None:
    return nearby.near(context.db(), actor_here(), Ready(found.draft, found.catalogue), context.now())


def _decided(near: Near | None) -> Decided | None:
    """Return what the person said of the visits that the page showed, or None when they said nothing or others are near now."""
    answer = request.form.get("repeated")
    if near is None or answer not in _ANSWERS or request.form.get("near") != _named(near):
        return None
    return Decided(near.ids, answer == "replace") if near.replaceable or answer == "keep" else None


def _named(near: Near) -> str:
    return " ".join(sorted(map(str, near.ids)))


def _form(found: Journey, near: Near | None, problems: Iterable[Problem]) -> CheckForm:
    """Return the form, which asks about visits near only where there are some."""
    shown = {"patient": str(found.patient.id), "shown": found.draft.version, "near": _named(near) if near else ""}
    form = CheckForm(formdata=None, **shown, repeated=request.form.get("repeated"))
    if near is None:
        del form.repeated, form.near
        return form
    form.repeated.choices = [(name, words) for name, words in _ANSWERS.items() if name == "keep" or near.replaceable]
    form.repeated.errors = [words_for(one) for one in problems if one.code is Code.REPEATED]
    return form


def _page(found: Journey, near: Near | None, refused: Refused | None = None) -> str:
    problems = [one for one in refused.problems if near is None or one.code is not Code.REPEATED] if refused else []
    return _shown(
        found,
        near,
        refused,
        form=_form(found, near, refused.problems if refused else ()),
        rows=found.rows(PRIVATELY if found.draft.private else IN_FULL),
        book_text=_book_text(found),
        problems=[words_for(problem) for problem in problems],
    )


def _book_text(found: Journey) -> str:
    if found.by_request:
        return _("Ask for this appointment")
    return _("Book this appointment") if found.for_self else _("Book for %(name)s") % {"name": found.patient.name}


def _page_together(found: Journey, parts: tuple[Part, ...] | None, near: Near | None, refused: NotAll | None = None) -> str:
    troubles = refused.troubles if refused else ()
    answers = Answers(found.patient, found.draft, found.catalogue)
    # A time that has gone has nobody who would see them.
    times = part_rows(parts, answers, found.url("time")) if parts else []
    return _shown(
        found,
        near,
        refused,
        form=_form(found, near, [one.problem for one in troubles]),
        rows=[*found.rows(TOGETHER if parts else {**TOGETHER, "time": ["time"]}), *times],
        book_text=_("Book %(number)s appointments: %(names)s") % {"number": len(found.people), "names": all_names(found.people)},
        problems=told(found, [one for one in troubles if near is None or one.problem.code is not Code.REPEATED]),
    )


def _shown(found: Journey, near: Near | None, refused: Refused | NotAll | None, **values: object) -> str:
    facility, held_until = facility_of(found.draft, found.catalogue), found.draft.held_until
    return step_page(
        "booking/check.html",
        found,
        "check",
        near=near.visits if near else (),
        alternatives=[shown(start, facility.time_zone, display.locale()) for start in refused.alternatives] if refused else [],
        taken=refused is not None and refused.taken,
        time_action=found.url("time"),
        held_until=held_until if held_until and context.now() < held_until else None,
        release_action=found.url("release"),
        zone=facility.time_zone,
        place=facility.place,
        failed=refused is not None,
        by_request=found.by_request,
        action=found.url("check"),
        **values,
    )
