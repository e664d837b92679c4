"""Where the visitor is signed in, ending that from here, and staying signed in."""

from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, abort, g, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.sessions import browser_and_system
from portal.services import events, sessions
from portal.services.events import Event
from portal.web.access import signed_in
from portal.web.language import gettext, safe_next
from portal.web.pages import page as render
from portal.web.pages import wants_fragment
from portal.web.visitor import begin_write, network_here, stay, token, visitor

blueprint = Blueprint("sessions", __name__)
UUID_LENGTH = 36
OTHERS = "others"


@blueprint.get("/account/sessions")
@signed_in
def page() -> ResponseReturnValue:
    """List the browsers in which the visitor is signed in."""
    entries = sessions.live(context.db(), visitor().user_id, context.portal().limits, context.now())
    named = [(entry, device_words(entry.description)) for entry in entries]
    return render("account/sessions.html", entries=named, this=visitor().session_id)


@blueprint.post("/account/sessions")
@signed_in
def end() -> ResponseReturnValue:
    """Sign the visitor out of the browser that the form names, or of all but this one."""
    begin_write()
    wanted = request.form.get("session", "")
    if wanted == OTHERS:
        count = sessions.end_others(context.db(), visitor().user_id, token() or "", context.now())
    else:
        count = sessions.end(context.db(), visitor().user_id, _read_id(wanted), context.now())
        if not count:
            abort(404)
    context.commit()
    events.note(Event.SESSION_ENDED, context.now(), "revoked", actor=visitor().user_id, object=wanted, count=count, address=network_here())
    return redirect(url_for("sessions.page"), 303)


@blueprint.route("/session/stay", methods=["GET", "POST"])
@signed_in
def keep() -> ResponseReturnValue:
    """Stay signed in, as the person asked in the warning; the script reads for how many seconds."""
    if request.method == "GET":
        # Who pressed the button too late comes here after signing in.
        return redirect(url_for("appointments.coming"), 303)
    begin_write()
    stay()
    if not wants_fragment():
        return redirect(safe_next(request.form.get("next")) or url_for("appointments.coming"), 303)
    seconds = int((g.sign_out_at - context.now()).total_seconds())
    return Response(status=HTTPStatus.NO_CONTENT, headers={"Session-Seconds": str(seconds)})


def device_words(description: str) -> str:
    """Return what a browser says it is, in plain words: Firefox on Windows."""
    browser, system = browser_and_system(description)
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("Unknown browser")


def _read_id(text: str) -> UUID:
    """Return the id that a form names, or answer 404; only the one spelling that our own pages write is read."""
    try:
        read = UUID(text) if len(text) == UUID_LENGTH else None
    except ValueError:
        read = None
    return read if read is not None and str(read) == text else abort(404)
