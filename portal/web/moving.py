"""Moving an appointment: the same clinician's days and times, then old and new side by side, and one button."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Redirect

from portal import context
from portal.domain.booking import Code, Problem
from portal.domain.catalogue import Mode
from portal.domain.guardianship import Act
from portal.domain.moving import MoveRequest
from portal.domain.openings import Asked
from portal.domain.schedule import Change, ScheduleView
from portal.domain.walltime import local_day
from portal.services import moving
from portal.services.booking import Refused
from portal.services.moving import Moved
from portal.services.openings import Search
from portal.web import display
from portal.web.access import acting_for, for_schedule, note_seen, permitted_schedule
from portal.web.address import here
from portal.web.booked_with import seen, stay_words, staying
from portal.web.booking.offer import Offer, days_and_times
from portal.web.booking.strip import Strip, next_open, read, read_day, shown, strip_of, written
from portal.web.booking.words import words_for
from portal.web.changing import notice_words, problem, sentence
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.pages import wants_fragment
from portal.web.visitor import actor_here, begin_write, visitor

blueprint = Blueprint("moving", __name__)


class Look(NamedTuple):
    """What a person looks at: the times searched, and the days shown."""

    search: Search
    strip: Strip


@blueprint.get("/appointments/<uuid:schedule_id>/move")
@for_schedule(Act.BOOK)
def page(schedule: ScheduleView) -> ResponseReturnValue:
    """Show the clinician's days and times, or say why the appointment cannot be moved."""
    look = _look(schedule)
    if look and wants_fragment():
        return Response(_times(schedule, look, None, in_page=False), headers={"HX-Replace-Url": here()}, mimetype="text/html")
    return _times_page(schedule, look)


@blueprint.post("/appointments/<uuid:schedule_id>/move")
@for_schedule(Act.BOOK)
def choose(schedule: ScheduleView) -> ResponseReturnValue:
    """Lead on to old and new side by side; nothing is written."""
    begin_write()
    schedule = permitted_schedule(schedule.id, Act.BOOK)
    context.release()
    wanted = read(request.form.get("first_choice"))
    error = _unusable(schedule, wanted)
    if wanted is None or error:
        return _times_page(schedule, _look(schedule), error), 422
    return redirect(url_for("moving.check", schedule_id=schedule.id, to=written(wanted)), 303)


@blueprint.get("/appointments/<uuid:schedule_id>/move/check")
@for_schedule(Act.BOOK)
def check(schedule: ScheduleView) -> ResponseReturnValue:
    """Show the present time and the new one side by side."""
    wanted = read(request.args.get("to"))
    if wanted is None or wanted == schedule.starts_at or _why_not(schedule):
        return _to_times(schedule.id)
    return _check_page(schedule, wanted)


@blueprint.post("/appointments/<uuid:schedule_id>/move/check")
@for_schedule(Act.BOOK)
def move(schedule: ScheduleView) -> ResponseReturnValue:
    """Move what was shown to where it was shown: 303 to the appointment, or the same page with the reasons why not."""
    begin_write()
    current = permitted_schedule(schedule.id, Act.BOOK)
    wanted = read(request.form.get("to"))
    if wanted is None:
        return _to_times(schedule.id)
    if current.starts_at != wanted and request.form.get("shown") != written(current.starts_at):
        return redirect(url_for("moving.check", schedule_id=schedule.id, to=written(wanted)), 303)
    outcome = moving.move(context.db(), actor_here(), MoveRequest(schedule.id, wanted), context.now())
    if isinstance(outcome, Moved):
        context.commit()
        return redirect(url_for("appointments.one", schedule_id=schedule.id, moved=""), 303)
    return (_check_page(current, wanted, outcome), 422) if isinstance(outcome, Refused) else abort(404)


def _to_times(schedule_id: UUID) -> Redirect:
    return redirect(url_for("moving.page", schedule_id=schedule_id), 303)


def _unusable(schedule: ScheduleView, wanted: datetime | None) -> str | None:
    if wanted is None:
        return _("Choose a time")
    return _("The appointment is at this time already; choose another") if wanted == schedule.starts_at else None


def _why_not(schedule: ScheduleView) -> str | None:
    """Return why the appointment cannot be moved now, as a sentence, or None."""
    if code := problem(schedule, Change.MOVE):
        return sentence(code)
    return None if _search(schedule) else _("This visit is not offered any more. Call us to find another time.")


def _search(schedule: ScheduleView) -> Search | None:
    """Return the search for other times of an appointment, or None when its visit is not offered any more."""
    catalogue = context.catalogue_of(visitor())
    provider, option = catalogue.providers.get(schedule.provider_id), catalogue.visit_options.get(schedule.visit_option_id)
    if provider is None or option is None or provider.id not in option.provider_ids:
        return None
    return Search((provider,), Asked(option, context.now()), schedule.patient_id, besides=schedule.id)


def _look(schedule: ScheduleView) -> Look | None:
    """Return what is on offer, or None when the appointment cannot be moved."""
    search = None if problem(schedule, Change.MOVE) else _search(schedule)
    if search is None:
        return None
    near = None if request.args else local_day(schedule.starts_at, search.zone)
    return Look(search, strip_of(search, read_day(request.args.get("from")), near or read_day(request.args.get("day"))))


def _times(schedule: ScheduleView, look: Look, error: str | None, *, in_page: bool) -> str:
    chosen, elsewhere = look.strip.chosen, schedule.patient_time_zone
    own = elsewhere if schedule.mode != Mode.IN_PERSON and elsewhere != look.search.zone else None
    offer = Offer(
        locale=display.locale(),
        zone=look.search.zone,
        place=schedule.place,
        patient_zone=own,
        phone=context.catalogue_of(visitor()).account.phone,
        shown=look.strip.shown,
        next_open=None if chosen and chosen.bits else next_open(look.search, look.strip),
        first_choice=None,
        error=error,
        in_page=in_page,
        other_provider_url=None,
        # Another time of a visit that is asked for from here is an earlier one.
        wait_url="earlier",
    )
    return days_and_times(offer)


def _times_page(schedule: ScheduleView, look: Look | None, error: str | None = None) -> str:
    chosen = look.strip.chosen if look else None
    return _page(
        "appointments/move.html",
        schedule,
        back_url=url_for("appointments.one", schedule_id=schedule.id),
        why_not=None if look else _why_not(schedule),
        days_and_times=_times(schedule, look, error, in_page=True) if look else None,
        first_time=written(chosen.starts()[0]) if chosen and chosen.bits else None,
        day=chosen.day if chosen else "",
        error=error,
        notice=notice_words(Change.MOVE),
        failed=error is not None,
    )


def _check_page(schedule: ScheduleView, wanted: datetime, refused: Refused | None = None) -> str:
    zone = schedule.time_zone
    return _page(
        "appointments/move_check.html",
        schedule,
        back_url=url_for("moving.page", schedule_id=schedule.id, day=local_day(wanted, zone).isoformat()),
        wanted=wanted,
        value=written(wanted),
        shown=written(schedule.starts_at),
        problems=[_words(problem) for problem in refused.problems] if refused else [],
        alternatives=[shown(start, zone, display.locale()) for start in refused.alternatives] if refused else [],
        failed=refused is not None,
    )


def _words(found: Problem) -> str:
    return _("This visit is not offered any more. Call us to find another time.") if found.code is Code.WITHDRAWN else words_for(found)


def _page(template: str, schedule: ScheduleView, **values: object) -> str:
    others = staying(schedule)
    made = render(template, schedule=schedule, stay=stay_words(others), **acting_for(schedule.patient_id, schedule.patient_name), **values)
    note_seen(*seen(schedule, *others))
    return made
