"""Step 5, date and time: ten days as links, the chosen day's times, and a second choice."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import make_response, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateField, Form, RadioField, SelectField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.booking import Code, Field, Problem
from portal.domain.catalogue import Mode
from portal.domain.guardianship import Act
from portal.domain.walltime import local_day
from portal.services import drafts, openings
from portal.services.booking import ALTERNATIVES
from portal.services.drafts import Choices
from portal.storage.patients import PatientFacts
from portal.web import display
from portal.web.access import for_patient
from portal.web.booking.journey import STEP, Journey, blueprint, journey, onward, require, step_page, writing
from portal.web.booking.strip import Strip, Time, read, read_day, shown, strip_of, written
from portal.web.booking.summary import facility_of
from portal.web.booking.words import words_for
from portal.web.language import gettext as _
from portal.web.language import lazy
from portal.web.pages import page, wants_fragment


class TimeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """First and second choice, as instants."""

    first_choice = RadioField(lazy("Time"), [InputRequired(lazy("Choose a time"))], choices=[], validate_choice=False)
    second_choice = SelectField(lazy("Second-choice time (optional)"), validate_choice=False)


class DateForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """A query: which date to look at."""

    day = DateField(lazy("Look for another date"))


@blueprint.get(STEP + "time", endpoint="time")
@for_patient(Act.BOOK)
def time_step(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Show the first days with open times, or the days and the date asked for."""
    found = journey(patient, draft_id)
    require(found, "time")
    strip = _strip(found)
    if not wants_fragment():
        return _page(found, strip, _form(found, strip))
    answer = make_response(page("booking/_times.html", form=_chosen(found), taken=None, **_times(found, strip)))
    answer.headers["HX-Replace-Url"] = request.full_path
    return answer


@blueprint.post(STEP + "time", endpoint="choose_time")
@for_patient(Act.BOOK)
def choose(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Keep the times if they can still be had, else say why and show the nearest."""
    found = writing(patient, draft_id)
    require(found, "time")
    form = TimeForm()
    first, second = read(form.first_choice.data), read(form.second_choice.data)
    problems = [Problem(Field.FIRST_CHOICE, Code.REQUIRED)]
    if form.validate() and first is not None:
        problems = drafts.choose_times(context.db(), found.draft, Choices(first, second), found.catalogue, context.now())
        if not problems:
            return onward(patient, draft_id)
    return _refused(found, form, problems, first)


def _refused(found: Journey, form: TimeForm, problems: list[Problem], wanted: datetime | None) -> ResponseReturnValue:
    for problem in problems:
        words = _("Choose a time") if problem.code is Code.REQUIRED else words_for(problem)
        form[problem.field.value].errors = [words]
    strip = _strip(found, wanted)
    form.second_choice.choices = _second_choices(strip)
    blocked = any(problem.code in (Code.TIME_TAKEN, Code.PATIENT_BUSY) for problem in problems)
    taken = _nearest(strip, wanted) if wanted and blocked else None
    return _page(found, strip, form, taken=taken, failed=True), 422


def _nearest(strip: Strip, wanted: datetime) -> list[Time]:
    found = openings.alternatives(context.db(), strip.search, wanted, ALTERNATIVES)
    return [shown(start, strip.search.zone, display.locale()) for start in found]


def _page(found: Journey, strip: Strip, form: TimeForm, **values: Any) -> str:  # noqa: ANN401 - whatever a refusal adds
    shared = {"form": form, "taken": None, "action": found.url("time", **request.args.to_dict())}
    date_form = DateForm(data={"day": strip.chosen.day if strip.chosen else None})
    return step_page("booking/time.html", found, "time", date_form=date_form, **{**shared, **_times(found, strip), **values})


def _strip(found: Journey, around: datetime | None = None) -> Strip:
    search = drafts.search_for(found.draft, found.catalogue, context.now())
    near = around or (found.draft.first_choice_at if not request.args else None)
    wanted = local_day(near, search.zone) if near else read_day(request.args.get("day"))
    return strip_of(search, read_day(request.args.get("from")), wanted)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What the fragment needs of the form: which time is chosen. Building the whole form would cost more than the times."""

    data: str | None


def _chosen(found: Journey) -> dict[str, _Chosen]:
    first = found.draft.first_choice_at
    return {"first_choice": _Chosen(written(first) if first else None)}


def _form(found: Journey, strip: Strip) -> TimeForm:
    form = TimeForm(formdata=None, first_choice=_chosen(found)["first_choice"].data)
    form.second_choice.choices = _second_choices(strip)
    if found.draft.second_choice_at:
        form.second_choice.data = written(found.draft.second_choice_at)
    return form


def _second_choices(strip: Strip) -> dict[str, list[tuple[str, str]]]:
    locale, zone = display.locale(), strip.search.zone
    groups = {"": [("", _("No second choice"))]}
    for day in strip.open_days:
        groups[display.day(day.day, locale)] = [shown(start, zone, locale)[1:] for start in day.starts()]
    return groups


def _times(found: Journey, strip: Strip) -> dict[str, Any]:
    """Return what the part with the days and times shows, in the page and alone."""
    facility = facility_of(found.draft, found.catalogue)
    zone = facility.time_zone
    own = found.patient.time_zone
    remote = strip.search.asked.option.mode is not Mode.IN_PERSON
    return {
        "strip": [_cell(found, strip, day.day, day.state, day.count) for day in strip.days],
        "selected": _selected(found, strip),
        "zone": zone,
        "place": facility.place,
        "patient_zone": own if remote and own and own != zone else None,
        "earlier_url": strip.earlier and _day_url(found, strip.earlier, None),
        "later_url": strip.later and _day_url(found, strip.later, None),
        "why_nothing": strip.why_nothing,
        "other_provider_url": found.url("provider"),
    }


def _cell(found: Journey, strip: Strip, day: date, state: str, count: int) -> dict[str, Any]:
    selected = strip.chosen is not None and strip.chosen.day == day
    return {"day": day, "state": state, "count": count, "url": _day_url(found, strip.first, day), "selected": selected}


def _selected(found: Journey, strip: Strip) -> dict[str, Any] | None:
    if strip.chosen is None and strip.days:
        return None
    open_now = strip.chosen is not None and strip.chosen.count
    ahead = None if open_now else strip.next_open
    return {
        "day": strip.chosen.day if strip.chosen else None,
        "state": strip.chosen.state if strip.chosen else strip.why_nothing,
        **strip.parts(),
        "next_open_day": ahead,
        "next_open_url": ahead and _day_url(found, None, ahead),
    }


def _day_url(found: Journey, first: date | None, day: date | None) -> str:
    query = {"from": first, "day": day}
    return found.url("time", **{name: value.isoformat() for name, value in query.items() if value})
