"""Moving an appointment: the same clinician's days and times, then old and new side by side, and one button."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as Redirect

from portal import context
from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Mode
from portal.domain.cells import instant_of, set_bits
from portal.domain.guardianship import Act
from portal.domain.moving import MoveRequest
from portal.domain.openings import Asked, DayState
from portal.domain.schedule import Change, ScheduleView, Status
from portal.domain.walltime import local_day
from portal.services import moving
from portal.services.booking import Refused
from portal.services.moving import Chosen, Moved
from portal.services.openings import DayTimes, Search
from portal.storage import drafts
from portal.web import display
from portal.web.access import acting_for, for_schedule, note_seen, permitted_schedule
from portal.web.address import here
from portal.web.booked_with import seen, stay_words, staying
from portal.web.booking.offer import Offer, OpenDays, days_and_times, second_choices
from portal.web.booking.strip import Strip, Time, next_open, read, read_day, shown, strip_of, written
from portal.web.booking.words import words_for
from portal.web.changing import notice_words, problem, sentence
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.pages import wants_fragment
from portal.web.visitor import actor_here, begin_write, visitor

blueprint = Blueprint("moving", __name__)


class Said(NamedTuple):
    """What the page of times shows again: both choices as the form carries them, what is wrong with each, and the nearest open times."""

    first: str = ""
    second: str = ""
    first_error: str | None = None
    second_error: str | None = None
    nearest: tuple[Time, ...] = ()


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
        return Response(_times(schedule, look, Said(), in_page=False), headers={"HX-Replace-Url": here()}, mimetype="text/html")
    return _times_page(schedule, look)


@blueprint.post("/appointments/<uuid:schedule_id>/move")
@for_schedule(Act.BOOK)
def choose(schedule: ScheduleView) -> ResponseReturnValue:
    """Hold the time and lead on to old and new side by side, or say why it cannot be had and show the nearest; nothing is moved."""
    begin_write()
    current = permitted_schedule(schedule.id, Act.BOOK)
    said = Said(request.form.get("first_choice", ""), request.form.get("second_choice", ""))
    wanted = _request(current, said.first, said.second)
    first, second = _unusable(current, wanted)
    if wanted is None or first or second:
        return _times_page(current, _look(current), said._replace(first_error=first, second_error=second)), 422
    outcome = moving.choose(context.db(), actor_here(), wanted, context.now())
    if isinstance(outcome, Chosen):
        context.commit()
        return redirect(_check_url(wanted), 303)
    return _times_refused(current, said, outcome) if isinstance(outcome, Refused) else abort(404)


@blueprint.get("/appointments/<uuid:schedule_id>/move/check")
@for_schedule(Act.BOOK)
def check(schedule: ScheduleView) -> ResponseReturnValue:
    """Show the present time and the new one side by side."""
    wanted = _request(schedule, request.args.get("to", ""), request.args.get("second", ""))
    if wanted is None or any(_unusable(schedule, wanted)) or _why_not(schedule):
        return _to_times(schedule.id)
    return _check_page(schedule, wanted)


@blueprint.post("/appointments/<uuid:schedule_id>/move/check")
@for_schedule(Act.BOOK)
def move(schedule: ScheduleView) -> ResponseReturnValue:
    """Move what was shown to where it was shown: 303 to the appointment, or the same page with the reasons why not."""
    begin_write()
    current = permitted_schedule(schedule.id, Act.BOOK)
    wanted = _request(current, request.form.get("to", ""), request.form.get("second", ""))
    if wanted is None:
        return _to_times(schedule.id)
    shown_before = request.form.get("shown") == written(current.starts_at)
    if not shown_before and current.starts_at not in (wanted.first_choice, wanted.second_choice):
        return redirect(_check_url(wanted), 303)
    outcome = moving.move_chosen(context.db(), actor_here(), wanted, context.now())
    if isinstance(outcome, Moved):
        context.commit()
        return redirect(url_for("appointments.one", schedule_id=schedule.id, moved=""), 303)
    return (_check_page(current, wanted, outcome), 422) if isinstance(outcome, Refused) else abort(404)


def _to_times(schedule_id: UUID) -> Redirect:
    return redirect(url_for("moving.page", schedule_id=schedule_id), 303)


def _check_url(wanted: MoveRequest) -> str:
    second = written(wanted.second_choice) if wanted.second_choice else None
    return url_for("moving.check", schedule_id=wanted.schedule_id, to=written(wanted.first_choice), second=second)


def _request(schedule: ScheduleView, first: str, second: str) -> MoveRequest | None:
    """Return what is asked for, or None without a first choice. A request for two times is moved to one, so it has no second."""
    wanted = read(first)
    spare = None if schedule.status == Status.REQUESTED else read(second)
    return None if wanted is None else MoveRequest(schedule.id, wanted, spare)


def _unusable(schedule: ScheduleView, wanted: MoveRequest | None) -> tuple[str | None, str | None]:
    """Return why the first choice is none, and why the second is."""
    if wanted is None:
        return _("Choose a time"), None
    same = _("The appointment is at this time already; choose another")
    first, second = (time == schedule.starts_at for time in (wanted.first_choice, wanted.second_choice))
    return same if first else None, same if second else None


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
    held = drafts.held(context.db(), visitor().user_id)
    return Search((provider,), Asked(option, context.now()), schedule.patient_id, schedule.id, held.draft_id if held else None)


def _look(schedule: ScheduleView, around: datetime | None = None) -> Look | None:
    """Return what is on offer, or None when the appointment cannot be moved."""
    search = None if problem(schedule, Change.MOVE) else _search(schedule)
    if search is None:
        return None
    near = around or (None if request.args else schedule.starts_at)
    wanted = local_day(near, search.zone) if near else read_day(request.args.get("day"))
    return Look(search, _besides(schedule.starts_at, strip_of(search, read_day(request.args.get("from")), wanted)))


def _besides(present: datetime, strip: Strip) -> Strip:
    """Return the same days without the time that the appointment has, which is no other; nobody begins on a day that has nothing else."""

    def others(day: DayTimes) -> DayTimes:
        bits = sum(1 << place for place in set_bits(day.bits) if instant_of(day.base + place) != present)
        return day if bits == day.bits else replace(day, bits=bits, state=DayState.OPEN if bits else DayState.FULL)

    days = tuple(map(others, strip.days))
    chosen = next((day for day in days if strip.chosen and day.day == strip.chosen.day), None)
    if chosen and not chosen.bits and not request.args:
        chosen = next((day for day in days if day.bits), chosen)
    return replace(strip, days=days, chosen=chosen)


def _times(schedule: ScheduleView, look: Look, said: Said, *, in_page: bool) -> str:
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
        first_choice=said.first or None,
        error=said.first_error,
        in_page=in_page,
        other_provider_url=None,
        # Another time of a visit that is asked for from here is an earlier one.
        wait_url="earlier",
    )
    return days_and_times(offer)


def _second(schedule: ScheduleView, look: Look, said: Said) -> str | None:
    """Return the open times to pick a second choice from, or None for a request, which the practice gives one time."""
    if schedule.status == Status.REQUESTED:
        return None
    days = tuple((day.day, day.bits, day.base) for day in look.strip.open_days)
    return second_choices(OpenDays(display.locale(), look.search.zone, days, said.second or None))


def _times_refused(schedule: ScheduleView, said: Said, refused: Refused) -> ResponseReturnValue:
    first, second = (
        next((_words(one) for one in refused.problems if one.field in fields), None)
        for fields in ((Field.FIRST_CHOICE, Field.SCHEDULE), (Field.SECOND_CHOICE,))
    )
    nearest = refused.alternatives if any(one.field is Field.FIRST_CHOICE for one in refused.problems) else ()
    near = tuple(shown(start, schedule.time_zone, display.locale()) for start in nearest)
    look = _look(schedule, read(said.first))
    return _times_page(schedule, look, said._replace(first_error=first, second_error=second, nearest=near)), 422


def _times_page(schedule: ScheduleView, look: Look | None, said: Said | None = None) -> str:
    chosen, said = look.strip.chosen if look else None, said or Said()
    return _page(
        "appointments/move.html",
        schedule,
        back_url=url_for("appointments.one", schedule_id=schedule.id),
        why_not=None if look else _why_not(schedule),
        days_and_times=_times(schedule, look, said, in_page=True) if look else None,
        second_choices=_second(schedule, look, said) if look else None,
        first_time=written(chosen.starts()[0]) if chosen and chosen.bits else None,
        day=chosen.day if chosen else "",
        said=said,
        notice=notice_words(Change.MOVE),
        failed=bool(said.first_error or said.second_error),
    )


def _check_page(schedule: ScheduleView, wanted: MoveRequest, refused: Refused | None = None) -> str:
    zone, second, now = schedule.time_zone, wanted.second_choice, context.now()
    held = drafts.held(context.db(), visitor().user_id)
    ours = held is not None and held.draft_id == moving.choice_of(schedule.id, visitor().user_id) and held.starts_at == wanted.first_choice
    return _page(
        "appointments/move_check.html",
        schedule,
        back_url=url_for("moving.page", schedule_id=schedule.id, day=local_day(wanted.first_choice, zone).isoformat()),
        wanted=wanted.first_choice,
        value=written(wanted.first_choice),
        second=second,
        second_value=written(second) if second else "",
        held_until=held.until if held and ours and now < held.until else None,
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
