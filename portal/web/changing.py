"""What a visitor may still change about an appointment, and why not."""

from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from portal import context
from portal.domain.booking import Code, Field, Problem
from portal.domain.guardianship import Act
from portal.domain.practice import PracticeRules
from portal.domain.schedule import LIVE, Change, ScheduleView, change_problem, notice_for
from portal.web.access import rights_over
from portal.web.booking.words import words_for
from portal.web.language import gettext as _
from portal.web.language import ngettext
from portal.web.visitor import visitor

_ENDPOINTS = {Change.MOVE: ("moving.page", Act.BOOK), Change.CANCEL: ("cancelling.page", Act.CANCEL)}
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Ways:
    """The pages on which an appointment can be changed now, None where it cannot; why not, in words; and whether a call may help."""

    move_url: str | None
    cancel_url: str | None
    why_not: str | None
    may_call: bool


def ways(schedule: ScheduleView) -> Ways:
    """Return how the visitor can change an appointment now."""
    held = rights_over(schedule.patient_id)
    codes = {change: problem(schedule, change) for change in _ENDPOINTS}
    move_url, cancel_url = (
        url_for(endpoint, schedule_id=schedule.id) if act in held and codes[change] is None else None
        for change, (endpoint, act) in _ENDPOINTS.items()
    )
    ahead = schedule.status in LIVE and Code.BEGUN not in codes.values()
    return Ways(move_url, cancel_url, _why_not(codes, held), ahead and not (move_url and cancel_url))


def problem(schedule: ScheduleView, change: Change) -> Code | None:
    """Return why an appointment cannot be changed like that now, whoever asks, or None."""
    return change_problem(schedule, change, context.now(), practice_rules())


def practice_rules() -> PracticeRules:
    """Return the rules of the visitor's practice."""
    return context.catalogue_of(visitor()).account.rules


def notice_words(change: Change) -> str | None:
    """Return how long before a visit it can last be changed like that, in words, or None when until it begins."""
    notice = notice_for(change, practice_rules())
    if not notice:
        return None
    if notice % _DAY == timedelta(0):
        return _counted(ngettext("%(number)s day", "%(number)s days", notice // _DAY), notice // _DAY)
    if notice % _HOUR == timedelta(0):
        return _counted(ngettext("%(number)s hour", "%(number)s hours", notice // _HOUR), notice // _HOUR)
    minutes = notice // timedelta(minutes=1)
    return _counted(ngettext("%(number)s minute", "%(number)s minutes", minutes), minutes)


def sentence(code: Code) -> str:
    """Return why an appointment cannot be changed, as a sentence."""
    return words_for(Problem(Field.SCHEDULE, code)) + "."


def _counted(words: str, number: int) -> str:
    return words % {"number": number}


def _why_not(codes: dict[Change, Code | None], held: frozenset[Act]) -> str | None:
    if not held & {Act.BOOK, Act.CANCEL}:
        return _("You may see this appointment, but not change it.")
    move, cancel = codes[Change.MOVE], codes[Change.CANCEL]
    if move is not None and cancel is not None:
        return sentence(cancel)
    if move is not None and Act.BOOK in held:
        return _("It is too late to move this appointment online.")
    return _("It is too late to cancel this appointment online.") if cancel is not None and Act.CANCEL in held else None
