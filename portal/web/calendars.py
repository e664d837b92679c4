"""Appointments in people's own calendars: one as a file, and all of them under a private address."""

from hashlib import sha256
from importlib import import_module

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.audit import Deed, Door, Origin
from portal.domain.calendar_files import FILE_NAME, MEDIA_TYPE, CalendarFile, Method, file_of
from portal.domain.guardianship import Act
from portal.domain.schedule import ScheduleView
from portal.domain.throttle import READ_BY_CALENDAR, WRONG_CALENDARS_BY_NETWORK
from portal.services import calendar_feeds, events
from portal.services.audit import Done
from portal.services.calendar_feeds import Reading
from portal.services.events import Event
from portal.storage import calendar
from portal.storage.calendar import Reader
from portal.storage.catalogue import current_catalogue
from portal.web.access import for_schedule, note_seen, proved, public, signed_in
from portal.web.calendar_words import entry
from portal.web.language import DEFAULT, LANGUAGES, current_language, mark, translate
from portal.web.pages import page as render
from portal.web.permissions import Kind
from portal.web.throttle import count_read
from portal.web.visitor import begin_write, network_here, visitor

blueprint = Blueprint("calendars", __name__)
SUBJECT_DIGITS = 40
_NAME = mark("Appointments, %(clinic)s")


@blueprint.get(f"/appointments/<uuid:schedule_id>/{FILE_NAME}")
@for_schedule(Act.SEE)
def download(schedule: ScheduleView) -> ResponseReturnValue:
    """Give an appointment as a file for a calendar; opened again after a change it changes what the calendar has."""
    practice, config = context.catalogue_of(visitor()).account.name, context.portal().config
    own = schedule.patient_id == visitor().own_patient_id
    told = entry(schedule, practice, current_language(), config.public_url, own=own)
    answer = _written(file_of(told, practice, config.sender_address))
    answer.headers["Content-Disposition"] = f"attachment; filename={FILE_NAME}"
    note_seen(Done(schedule.patient_id, Deed.SAW_SCHEDULE, schedule.id, private=schedule.private))
    return answer


@blueprint.get("/account/calendar")
@signed_in
def page() -> ResponseReturnValue:
    """Tell what a private address is for, and whether the visitor has one."""
    return render("calendar/calendar.html", made_at=calendar.made_at(context.db(), visitor().user_id))


@blueprint.get("/account/calendar/new")
@signed_in
@proved
def ask_for_new() -> ResponseReturnValue:
    """Ask whether to make an address. An open browser alone must not give it away."""
    return render("calendar/new.html", made_at=calendar.made_at(context.db(), visitor().user_id))


@blueprint.post("/account/calendar/new")
@signed_in
@proved
def make() -> ResponseReturnValue:
    """Make an address, end the one before, and show the new one, this once; nothing that could show it again is kept."""
    begin_write()
    replaced = calendar.made_at(context.db(), visitor().user_id) is not None
    token = calendar_feeds.replace(context.db(), visitor().user_id, context.now())
    context.commit()
    events.note(Event.CALENDAR_MADE, context.now(), "replaced" if replaced else "done", actor=visitor().user_id, address=network_here())
    return render("calendar/made.html", address=context.portal().config.public_url + url_for("calendars.feed", token=token))


@blueprint.get("/account/calendar/revoke")
@signed_in
def ask_to_revoke() -> ResponseReturnValue:
    """Ask whether the address is really to end."""
    if calendar.made_at(context.db(), visitor().user_id) is None:
        return redirect(url_for("calendars.page"), 303)
    return render("calendar/revoke.html")


@blueprint.post("/account/calendar/revoke")
@signed_in
def revoke() -> ResponseReturnValue:
    """End the visitor's address for good, from the next time that it is read."""
    begin_write()
    ended = calendar.revoke_all(context.db(), visitor().user_id, context.now())
    context.commit()
    if ended:
        events.note(Event.CALENDAR_REVOKED, context.now(), actor=visitor().user_id, address=network_here())
    return redirect(url_for("calendars.page"), 303)


@blueprint.get("/calendar/<token>.ics")
@public("a calendar program has nothing but the address", Kind.MAIL_HELD)
def feed(token: str) -> ResponseReturnValue:
    """Give a calendar program all appointments that the owner of the address may see now; 404 alike for an unknown and an ended address."""
    digest = calendar_feeds.digest(token)
    reader = calendar.reader(context.db(), digest)
    if reader is None:
        count_read(f"calendar:{network_here()}", WRONG_CALENDARS_BY_NETWORK)
        abort(404)
    count_read(f"calendar:{digest[:SUBJECT_DIGITS]}", READ_BY_CALENDAR)
    actor, now = reader.actor(Origin(Door.CALENDAR, network_here())), context.now()
    reading = calendar_feeds.read(context.db(), reader, token, actor, now)
    answer = _unless_known(_feed_file(reader, reading))
    if told := calendar_feeds.unrecorded(context.db(), reading, actor, now):
        calendar_feeds.record(context.begin_write(), reading, told, actor, now)
        context.commit()
    return answer


def _feed_file(reader: Reader, reading: Reading) -> CalendarFile:
    language, config = reader.language if reader.language in LANGUAGES else DEFAULT, context.portal().config
    practice = current_catalogue(context.db(), reader.account_id).account.name
    told = (entry(one, practice, language, config.public_url, own=one.patient_id == reader.own_patient_id) for one in reading.schedules)
    return CalendarFile(Method.PUBLISH, practice, config.sender_address, tuple(told), translate(_NAME, language) % {"clinic": practice})


def _unless_known(file: CalendarFile) -> Response:
    """Return a file, or that it is still the one that the program has: then it need not be written again."""
    tag = sha256(repr(file).encode()).hexdigest()
    answer = Response(status=304) if request.if_none_match.contains_weak(tag) else _written(file)
    answer.set_etag(tag)
    return answer


def _written(file: CalendarFile) -> Response:
    body: bytes = import_module("portal.services.calendar_files").written(file)
    return Response(body, content_type=f"{MEDIA_TYPE}; charset=utf-8")
