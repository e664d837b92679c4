"""Step 5, date and time: ten days as links, the chosen day's times, and a second choice."""

from datetime import datetime
from typing import Any

from flask import make_response, request
from flask.typing import ResponseReturnValue
from wtforms import DateField, Form, RadioField, SelectField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Mode
from portal.domain.walltime import local_day
from portal.services import drafts, openings
from portal.services.booking import ALTERNATIVES
from portal.services.drafts import Choices
from portal.web import display
from portal.web.booking.journey import STEP, Journey, blueprint, onward, reading, require, step_page, writing
from portal.web.booking.offer import Offer, OpenDays, days_and_times, second_choices
from portal.web.booking.strip import Strip, Time, read, read_day, shown, strip_of, written
from portal.web.booking.summary import facility_of
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import here, wants_fragment


class TimeForm(TranslatedForm):
    """First and second choice, as instants."""

    first_choice = RadioField(lazy("Time"), [InputRequired(lazy("Choose a time"))], choices=[], validate_choice=False)
    second_choice = SelectField(lazy("Second-choice time (optional)"), choices=[], validate_choice=False)


class DateForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """A query: which date to look at."""

    day = DateField(lazy("Look for another date"))


@blueprint.get(STEP + "time", endpoint="time")
@reading
def time_step(found: Journey) -> ResponseReturnValue:
    """Show the first days with open times, or the days and the date asked for."""
    require(found, "time")
    strip = _strip(found)
    if not wants_fragment():
        return _page(found, strip, _form(found))
    answer = make_response(days_and_times(_offer(found, strip, None, in_page=False)))
    answer.headers["HX-Replace-Url"] = here()
    return answer


@blueprint.post(STEP + "time", endpoint="choose_time")
@writing
def choose(found: Journey) -> ResponseReturnValue:
    """Keep the times if they can still be had, else say why and show the nearest."""
    require(found, "time")
    form = TimeForm()
    first, second = read(form.first_choice.data), read(form.second_choice.data)
    problems = [Problem(Field.FIRST_CHOICE, Code.REQUIRED)]
    if form.validate() and first is not None:
        problems = drafts.choose_times(context.db(), found.draft, Choices(first, second), found.catalogue, context.now())
        if not problems:
            return onward(found)
    return _refused(found, form, problems, first)


def _refused(found: Journey, form: TimeForm, problems: list[Problem], wanted: datetime | None) -> ResponseReturnValue:
    for problem in problems:
        words = _("Choose a time") if problem.code is Code.REQUIRED else words_for(problem)
        form[problem.field.value].errors = [words]
    strip = _strip(found, wanted)
    blocked = any(problem.code in (Code.TIME_TAKEN, Code.PATIENT_BUSY) for problem in problems)
    taken = _nearest(strip, wanted) if wanted and blocked else None
    return _page(found, strip, form, taken=taken, failed=True), 422


def _nearest(strip: Strip, wanted: datetime) -> list[Time]:
    found = openings.alternatives(context.db(), strip.search, wanted, ALTERNATIVES)
    return [shown(start, strip.search.zone, display.locale()) for start in found]


def _page(found: Journey, strip: Strip, form: TimeForm, **values: Any) -> str:  # noqa: ANN401 - whatever a refusal adds
    error = form.first_choice.errors[0] if form.first_choice.errors else None
    shared = {
        "form": form,
        "taken": None,
        "zone": strip.search.zone,
        "date_form": DateForm(data={"day": strip.chosen.day if strip.chosen else None}),
        "days_and_times": days_and_times(_offer(found, strip, error, in_page=True)),
        "second_choices": second_choices(_open_days(strip, form.second_choice.data)),
        "first_time": strip.chosen is not None and strip.chosen.count and written(strip.chosen.starts()[0]),
        "action": found.url("time", **request.args.to_dict()),
    }
    return step_page("booking/time.html", found, "time", **{**shared, **values})


def _strip(found: Journey, around: datetime | None = None) -> Strip:
    search = drafts.search_for(found.draft, found.catalogue, context.now())
    near = around or (found.draft.first_choice_at if not request.args else None)
    wanted = local_day(near, search.zone) if near else read_day(request.args.get("day"))
    return strip_of(search, read_day(request.args.get("from")), wanted)


def _form(found: Journey) -> TimeForm:
    chosen = (found.draft.first_choice_at, found.draft.second_choice_at)
    first, second = (written(time) if time else None for time in chosen)
    return TimeForm(formdata=None, first_choice=first, second_choice=second)


def _open_days(strip: Strip, second_choice: str | None) -> OpenDays:
    days = tuple((day.day, day.open_bits, day.window.base) for day in strip.open_days)
    return OpenDays(display.locale(), strip.search.zone, days, second_choice)


def _offer(found: Journey, strip: Strip, error: str | None, *, in_page: bool) -> Offer:
    facility = facility_of(found.draft, found.catalogue)
    own = found.patient.time_zone if strip.search.asked.option.mode is not Mode.IN_PERSON else None
    chosen = strip.chosen
    first = found.draft.first_choice_at
    return Offer(
        locale=display.locale(),
        zone=facility.time_zone,
        place=facility.place,
        patient_zone=own if own != facility.time_zone else None,
        phone=found.catalogue.account.phone,
        first=strip.first,
        days=tuple((day.day, day.state.value, day.count) for day in strip.days),
        chosen=strip.days.index(chosen) if chosen else None,
        base=chosen.window.base if chosen else 0,
        starts=chosen.open_bits if chosen else 0,
        next_open=None if chosen and chosen.count else strip.next_open,
        why_nothing=strip.why_nothing,
        earlier=strip.earlier,
        later=strip.later,
        first_choice=written(first) if first else None,
        error=error,
        in_page=in_page,
    )
