"""Step 5, date and time: ten days as links, the chosen day's times, and a second choice."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Response, request
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Mode
from portal.domain.walltime import local_day
from portal.services import drafts, group_holds, group_times, groups, openings
from portal.services.booking import ALTERNATIVES
from portal.services.drafts import Choices
from portal.services.group_times import GroupSearch
from portal.services.openings import Search
from portal.web import display
from portal.web.address import here
from portal.web.booking.journey import STEP, Journey, blueprint, choosing, onward, reading, require, step_page
from portal.web.booking.offer import Offer, OpenDays, days_and_times, second_choices
from portal.web.booking.strip import Strip, Time, next_open, read, read_day, shown, strip_of, written
from portal.web.booking.summary import facility_of
from portal.web.booking.together import follows, told
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import wants_fragment


class TimeForm(TranslatedForm):
    """First and second choice, as instants."""

    first_choice = RadioField(lazy("Time"), [InputRequired(lazy("Choose a time"))], choices=[], validate_choice=False)
    second_choice = SelectField(lazy("Second-choice time (optional)"), choices=[], validate_choice=False)


class Said(NamedTuple):
    """What the step shows again: the second choice as the form carries it, and what is wrong with each choice."""

    second_choice: str | None
    first_error: str | None = None
    second_error: str | None = None


class Look(NamedTuple):
    """What a person looks at: whose times they search, and the days shown."""

    search: Search | GroupSearch
    strip: Strip


@blueprint.get(STEP + "time", endpoint="time")
@reading
def time_step(found: Journey) -> ResponseReturnValue:
    """Show the first days with open times, or the days and the date asked for."""
    require(found, "time")
    look = _look(found)
    if not wants_fragment():
        second = found.draft.second_choice_at
        return _page(found, look, Said(written(second) if second else None))
    return Response(days_and_times(_offer(found, look, None, in_page=False)), headers={"HX-Replace-Url": here()}, mimetype="text/html")


@blueprint.post(STEP + "time", endpoint="choose_time")
@choosing
def choose(found: Journey) -> ResponseReturnValue:
    """Keep the times if they can still be had, else say why and show the nearest."""
    require(found, "time")
    form = TimeForm()
    first, second = read(form.first_choice.data), read(form.second_choice.data)
    problems = []
    if not form.validate() or first is None:
        problems.append(Problem(Field.FIRST_CHOICE, Code.REQUIRED))
    if second is None and form.second_choice.data:
        problems.append(Problem(Field.SECOND_CHOICE, Code.UNKNOWN))
    if first is not None and not problems and found.draft.arrangement:
        return _choose_together(found, first)
    if first is not None and not problems:
        problems = drafts.choose_times(context.db(), found.draft, Choices(first, second, found.for_self), found.catalogue, context.now())
        if not problems:
            return onward(found)
    errors = {problem.field: _("Choose a time") if problem.code is Code.REQUIRED else words_for(problem) for problem in problems}
    look = _look(found, first)
    blocked = any(problem.code in (Code.TIME_TAKEN, Code.PATIENT_BUSY) for problem in problems)
    taken = _nearest(look.search, first) if first and blocked else None
    said = Said(form.second_choice.data, errors.get(Field.FIRST_CHOICE), errors.get(Field.SECOND_CHOICE))
    return _page(found, look, said, taken=taken, failed=True), 422


def _choose_together(found: Journey, first: datetime) -> ResponseReturnValue:
    """Keep the time of a group if all can be seen then, else say who cannot."""
    troubles = group_holds.choose_time(context.db(), found.draft, first, found.catalogue, context.now())
    if not troubles:
        return onward(found)
    look = _look(found, first)
    return _page(found, look, Said(None, " ".join(told(found, troubles))), taken=_nearest(look.search, first), failed=True), 422


def _nearest(search: Search | GroupSearch, wanted: datetime) -> list[Time]:
    if isinstance(search, GroupSearch):
        found = group_times.alternatives(context.db(), search, wanted, ALTERNATIVES)
    else:
        found = openings.alternatives(context.db(), search, wanted, ALTERNATIVES)
    return [shown(start, search.zone, display.locale()) for start in found]


def _page(found: Journey, look: Look, said: Said, **values: Any) -> str:  # noqa: ANN401 - whatever a refusal adds
    strip = look.strip
    shared = {
        "first_error": said.first_error,
        "second_error": said.second_error,
        "taken": None,
        "by_request": look.search.asked.option.rules.by_request,
        "zone": look.search.zone,
        "day": strip.chosen.day if strip.chosen else "",
        "days_and_times": days_and_times(_offer(found, look, said.first_error, in_page=True)),
        "second_choices": None if found.draft.arrangement else second_choices(_open_days(look, said.second_choice)),
        "follows": follows(found) if found.draft.arrangement else None,
        "first_time": strip.chosen is not None and strip.chosen.count and written(strip.chosen.starts()[0]),
        "action": found.url("time", **request.args.to_dict()),
    }
    return step_page("booking/time.html", found, "time", **{**shared, **values})


def _look(found: Journey, around: datetime | None = None) -> Look:
    search = _search(found)
    near = around or (found.draft.first_choice_at if not request.args else None)
    wanted = local_day(near, search.zone) if near else read_day(request.args.get("day"))
    return Look(search, strip_of(search, read_day(request.args.get("from")), wanted))


def _search(found: Journey) -> Search | GroupSearch:
    if found.draft.arrangement:
        return groups.search_for(found.draft, found.catalogue, context.now())
    return drafts.search_for(found.draft, found.catalogue, context.now())


def _open_days(look: Look, second_choice: str | None) -> OpenDays:
    days = tuple((day.day, day.bits, day.base) for day in look.strip.open_days)
    return OpenDays(display.locale(), look.search.zone, days, second_choice)


def _offer(found: Journey, look: Look, error: str | None, *, in_page: bool) -> Offer:
    facility = facility_of(found.draft, found.catalogue)
    own = found.patient.time_zone if look.search.asked.option.mode is not Mode.IN_PERSON else None
    chosen, first = look.strip.chosen, found.draft.first_choice_at
    return Offer(
        locale=display.locale(),
        zone=facility.time_zone,
        place=facility.place,
        patient_zone=own if own != facility.time_zone else None,
        phone=found.catalogue.account.phone,
        shown=look.strip.shown,
        next_open=None if chosen and chosen.bits else next_open(look.search, look.strip),
        first_choice=written(first) if first else None,
        error=error,
        in_page=in_page,
        wait_url=None if found.draft.arrangement else "wait",
    )
