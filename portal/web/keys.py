"""The keys by which programs of the visitor may call."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField
from wtforms.fields import SelectChoice

from portal import context
from portal.domain.keys import DAYS_DEFAULT, LIVE_MAX, parse_key
from portal.services import events, keys
from portal.services.events import Event
from portal.storage import keys as stored
from portal.storage.keys import KeyEntry
from portal.web.access import proved, signed_in
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.visitor import begin_write, network_here, visitor

blueprint = Blueprint("keys", __name__, url_prefix="/account/keys")
LIFETIMES = [SelectChoice(30, lazy("30 days")), SelectChoice(90, lazy("90 days")), SelectChoice(DAYS_DEFAULT, lazy("1 year"))]


class IssueForm(TranslatedForm):
    """How long a new key is to work."""

    days = SelectField(lazy("How long the key works"), choices=LIFETIMES, coerce=int, default=DAYS_DEFAULT)


class RevokeForm(TranslatedForm):
    """Which key is to end."""

    key = HiddenField()


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show the visitor's keys."""
    entries = stored.entries(context.db(), user_id=visitor().user_id)
    return render("keys/keys.html", entries=entries, now=context.now())


@blueprint.get("/new")
@signed_in
@proved
def ask_for_new() -> ResponseReturnValue:
    """Ask how long a new key is to work. An open browser alone must not give keys away."""
    return _asked(IssueForm())


@blueprint.post("/new")
@signed_in
@proved
def issue() -> ResponseReturnValue:
    """Issue a key and show it, this once; nothing that could show it again is kept."""
    form = IssueForm()
    if not form.validate():
        return _asked(form, failed=True), 422
    begin_write()
    key = keys.issue_own(context.db(), visitor(), form.days.data, context.now())
    if key is None:
        context.release()
        return _asked(form, failed=True, problems=[_("You have %(number)s keys that work. Revoke one of them first.") % {"number": LIVE_MAX}]), 422
    context.commit()
    if (parsed := parse_key(key)) is not None:
        _note(Event.KEY_ISSUED, parsed.id)
    return render("keys/issued.html", key=key)


@blueprint.get("/revoke")
@signed_in
def ask_to_revoke() -> ResponseReturnValue:
    """Ask whether the key is really to end."""
    wanted = request.args.get("key")
    if wanted is None:
        return redirect(url_for("keys.page"), 303)
    return render("keys/revoke.html", form=RevokeForm(key=wanted), entry=_own(wanted), back_url=url_for("keys.page"))


@blueprint.post("/revoke")
@signed_in
def revoke() -> ResponseReturnValue:
    """End one of the visitor's keys for good."""
    begin_write()
    entry = _own(RevokeForm().key.data or "")
    keys.revoke(context.db(), entry.id, context.now())
    context.commit()
    _note(Event.KEY_REVOKED, entry.id)
    return redirect(url_for("keys.page"), 303)


def _asked(form: IssueForm, *, failed: bool = False, problems: list[str] | None = None) -> str:
    return render("keys/new.html", form=form, failed=failed, problems=problems or [])


def _note(event: Event, key_id: str) -> None:
    events.note(event, context.now(), actor=visitor().user_id, object=key_id, address=network_here())


def _own(key_id: str) -> KeyEntry:
    return keys.own(context.db(), visitor().user_id, key_id) or abort(404)
