"""Who has seen this: what was read and written about a patient, in plain words."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.audit import Deed, Door
from portal.domain.guardianship import Act
from portal.domain.schedule import ScheduleView
from portal.services.audit import Done
from portal.storage import schedules, seen
from portal.storage.patients import PatientFacts
from portal.storage.seen import SeenRow, Wanted
from portal.web import display
from portal.web.access import for_patient, note_seen, of_kind
from portal.web.language import gettext as _
from portal.web.language import mark
from portal.web.pages import page as render
from portal.web.permissions import Kind
from portal.web.visitor import visitor

blueprint = Blueprint("seen", __name__)
SHOWN = 50
NUMBER_MAX = 2**31 - 1
_SENTENCES = {
    Deed.SAW_LIST: mark("%(who)s listed appointments"),
    Deed.SAW_SCHEDULE: mark("%(who)s saw the appointment on %(day)s"),
    Deed.SAW_PERSON: mark("%(who)s saw personal details"),
    Deed.SAW_HISTORY: mark("%(who)s looked at this list"),
    Deed.SAW_CALENDAR: mark("%(who)s read the times of appointments into a calendar"),
    Deed.BOOKED: mark("%(who)s booked the appointment on %(day)s"),
    Deed.MOVED: mark("%(who)s moved the appointment to %(day)s"),
    Deed.CANCELLED: mark("%(who)s cancelled the appointment on %(day)s"),
    Deed.CONFIRMED: mark("%(who)s confirmed the appointment on %(day)s"),
    Deed.DECLINED: mark("%(who)s declined the appointment on %(day)s"),
    Deed.SAVED_FORM: mark("%(who)s saved a form for the appointment on %(day)s"),
    Deed.RECORDED_PAYMENT: mark("%(who)s recorded a payment for the appointment on %(day)s"),
    Deed.CHANGED_PERSON: mark("%(who)s changed personal details"),
    Deed.LINK_REQUESTED: mark("%(who)s asked for access for %(guardian)s"),
    Deed.LINK_APPROVED: mark("%(who)s approved access for %(guardian)s"),
    Deed.LINK_REFUSED: mark("%(who)s refused access for %(guardian)s"),
    Deed.LINK_SUSPENDED: mark("%(who)s suspended access for %(guardian)s"),
    Deed.LINK_ENDED: mark("%(who)s ended access for %(guardian)s"),
    Deed.LINK_CHANGED: mark("%(who)s changed access for %(guardian)s"),
    Deed.AGREED: mark("%(who)s agreed to access for %(guardian)s"),
    Deed.DISAGREED: mark("%(who)s no longer agreed to access for %(guardian)s"),
    Deed.INVITED: mark("%(who)s made an invitation to sign in"),
    Deed.JOINED: mark("%(who)s connected this record to an account"),
}
_DOORS = {
    Door.PAGE: mark("On a page"),
    Door.CALL: mark("By a program"),
    Door.CALENDAR: mark("By a calendar program"),
    Door.COMMAND: mark("At the practice"),
    Door.NONE: mark("At the practice"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One row as the page shows it: what happened, when, and from where."""

    sentence: str
    at: datetime
    where: str
    address: str


@blueprint.get("/account/seen")
@of_kind(Kind.OWN_RECORD)
def own() -> ResponseReturnValue:
    """Lead whoever has a patient record of their own to the page about it."""
    patient_id = visitor().own_patient_id
    return redirect(url_for("seen.page", patient_id=patient_id), 303) if patient_id else abort(404)


@blueprint.get("/people/<uuid:patient_id>/seen")
@for_patient(Act.SEE)
def page(patient: PatientFacts) -> ResponseReturnValue:
    """Show the rows about a patient, or with `schedule` about one appointment, newest first. To look at them is a row too."""
    schedule = _schedule(patient)
    wanted = Wanted(patient.id, schedule.id if schedule else None, SHOWN + 1, _is_own(patient), _number("before"), _number("after"))
    found = seen.rows(context.db(), wanted)
    forwards = wanted.after is not None
    more, rows = len(found) > SHOWN, found[-SHOWN:] if forwards else found[:SHOWN]
    shown = render(
        "seen/seen.html",
        patient=patient,
        schedule=schedule,
        zone=patient.time_zone or patient.account_zone,
        lines=[_line(row, patient) for row in rows],
        newer_url=_url(wanted, after=rows[0].number) if rows and (more if forwards else wanted.before) else None,
        older_url=_url(wanted, before=rows[-1].number) if rows and (forwards or more) else None,
        all_url=url_for("seen.page", patient_id=patient.id) if schedule else None,
        back_url=url_for("appointments.one", schedule_id=schedule.id) if schedule else url_for("appointments.coming"),
    )
    private = schedule is not None and schedule.private
    note_seen(Done(patient.id, Deed.SAW_HISTORY, schedule.id if schedule else None, private=private))
    return shown


def _schedule(patient: PatientFacts) -> ScheduleView | None:
    """Return the appointment that alone is asked for, if one is; 404 for any that is not there for the visitor."""
    asked = request.args.get("schedule")
    if asked is None:
        return None
    try:
        schedule = schedules.view(context.db(), UUID(asked))
    except ValueError:
        abort(404)
    if schedule is None or schedule.patient_id != patient.id or (schedule.private and not _is_own(patient)):
        abort(404)
    return schedule


def _number(name: str) -> int | None:
    asked = request.args.get(name)
    if asked is None:
        return None
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= len(str(NUMBER_MAX)) else 0
    return number if 0 < number <= NUMBER_MAX else abort(404)


def _url(wanted: Wanted, before: int | None = None, after: int | None = None) -> str:
    return url_for("seen.page", patient_id=wanted.patient_id, schedule=wanted.schedule_id, before=before, after=after)


def _is_own(patient: PatientFacts) -> bool:
    return patient.id == visitor().own_patient_id


def _line(row: SeenRow, patient: PatientFacts) -> Line:
    """Put a row into words. From which network others acted is told to the patient alone."""
    who = _who(row)
    if row.link_id is not None:
        who = _("%(who)s, acting for %(patient)s,") % {"who": who, "patient": patient.given_name}
    sentence = _(_SENTENCES[Deed(row.deed)]) % {"who": who, "day": _day(row), "guardian": row.guardian_name or _("another person")}
    may_know = _is_own(patient) or row.actor_id == visitor().user_id
    return Line(sentence, row.at, _(_DOORS[Door(row.door)]), row.address if may_know else "")


def _who(row: SeenRow) -> str:
    """Say who acted: a person, a program with somebody's key, or the practice."""
    name = _("You") if row.actor_id == visitor().user_id else row.actor_name or _("Somebody")
    if row.actor_id is None:
        if row.key_id:
            return _("A program of the practice (%(key)s)") % {"key": row.key_id}
        return _("The practice (%(name)s)") % {"name": row.name} if row.name else _("The practice")
    if not row.key_id:
        return name
    if row.key_user_id is None:
        return _("A program of the practice (%(key)s), for %(name)s,") % {"key": row.key_id, "name": row.actor_name or _("Somebody")}
    if row.actor_id == visitor().user_id:
        return _("A program with a key of yours (%(key)s)") % {"key": row.key_id}
    return _("A program with a key of %(name)s (%(key)s)") % {"name": name, "key": row.key_id}


def _day(row: SeenRow) -> str:
    """Return the day of the appointment in words: the one it was moved to, else the one on which it is now."""
    if row.starts_at is None or row.time_zone is None:
        return _("an unknown day")
    start = datetime.fromisoformat(row.detail) if row.deed == Deed.MOVED else row.starts_at
    return display.day_at(start, row.time_zone, display.locale())
