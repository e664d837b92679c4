"""Two-step sign-in: what a person has set up for it, and setting it up."""

from importlib import import_module

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from portal import context
from portal.domain.second_factor import NAME_MAX, Change, grouped
from portal.domain.throttle import network
from portal.services import events, second_factor
from portal.services.events import Event
from portal.storage.factors import PasskeyEntry
from portal.web import brand, passkeys
from portal.web.access import proved, signed_in
from portal.web.errors import too_many
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.person_fields import looks_like_link
from portal.web.visitor import begin_write, needs_factor, token, visitor

blueprint = Blueprint("two_step", __name__, url_prefix="/account/two-step")


class ConfirmForm(TranslatedForm):
    """The first code of an app."""

    code = StringField(lazy("Code from the app"))


class AddForm(TranslatedForm):
    """What a new passkey is to be called, and what the browser made."""

    name = StringField(lazy("Name of this passkey"))
    credential = HiddenField()


class RemoveForm(TranslatedForm):
    """Which passkey is to be removed, if it is one."""

    passkey = HiddenField()


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show what the visitor has set up."""
    found = second_factor.of_user(context.db(), visitor().user_id)
    must_begin = found.count == 0 and needs_factor(visitor())
    return render("two_step/two_step.html", found=found, must_begin=must_begin, passkeys_work=passkeys.place() is not None)


@blueprint.post("")
@signed_in
@proved
def begin() -> ResponseReturnValue:
    """Make a secret for an app; it counts for nothing until the app's first code is given."""
    begin_write()
    second_factor.start_app(context.db(), visitor().user_id, context.now())
    context.commit()
    return redirect(url_for("two_step.app"), 303)


@blueprint.get("/app")
@signed_in
@proved
def app() -> ResponseReturnValue:
    """Show the secret that waits for the app's first code."""
    return _secret(ConfirmForm()) or _overview()


@blueprint.post("/app")
@signed_in
@proved
def confirm() -> ResponseReturnValue:
    """Let the app count when its code is right."""
    form, now = ConfirmForm(), context.now()
    begin_write()
    if wait := second_factor.count_code(context.db(), visitor().user_id, now):
        return too_many(wait)
    if second_factor.confirm_app(context.db(), visitor().user_id, form.code.data or "", now):
        return _added(Change.APP_ADDED)
    context.commit()
    form.code.data, form.code.errors = None, [lazy("The code is not right. Wait for the next one and try again.")]
    refused = _secret(form)
    return _overview() if refused is None else (refused, 422)


@blueprint.get("/app/remove")
@signed_in
@proved
def ask_to_remove_app() -> ResponseReturnValue:
    """Ask whether the app is really to count no more."""
    return _app_question() if second_factor.of_user(context.db(), visitor().user_id).has_app else _overview()


@blueprint.post("/app/remove")
@signed_in
@proved
def remove_app() -> ResponseReturnValue:
    """Take the app away, unless it is all that somebody has who must have a second factor."""
    begin_write()
    if second_factor.remove_app(context.db(), visitor().user_id, context.now(), required=needs_factor(visitor())):
        return _removed(Change.APP_REMOVED)
    context.release()
    return _app_question([_needed()]), 422


@blueprint.get("/passkeys")
@signed_in
@proved
def passkey() -> ResponseReturnValue:
    """Show the form for a new passkey, or why there can be none at this address."""
    return _new_passkey(AddForm())


@blueprint.post("/passkeys/options")
@signed_in
@proved
def options() -> ResponseReturnValue:
    """Begin to add a passkey: answer what the browser is to make."""
    begin_write()
    place = passkeys.place() or abort(404)
    session[passkeys.CEREMONY], asked = passkeys.library().adding_options(context.db(), visitor().user_id, place, context.now())
    context.commit()
    return passkeys.options(asked)


@blueprint.post("/passkeys")
@signed_in
@proved
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the browser made."""
    form, ceremony = AddForm(), session.pop(passkeys.CEREMONY, "")
    begin_write()
    place = passkeys.place() or abort(404)
    name = (form.name.data or "").strip()[:NAME_MAX] or _("Passkey")
    if looks_like_link(name):
        context.commit()
        return _new_passkey(AddForm(formdata=None, name=name), [_("Enter a name without an address of the web")]), 422
    if passkeys.library().add(context.db(), ceremony, visitor().user_id, form.credential.data or "", name, place, context.now()):
        return _added(Change.PASSKEY_ADDED)
    context.commit()
    return _new_passkey(AddForm(formdata=None, name=name), [_("The passkey could not be added. Try again.")]), 422


@blueprint.get("/passkeys/remove")
@signed_in
@proved
def ask_to_remove_passkey() -> ResponseReturnValue:
    """Ask whether a passkey is really to count no more."""
    wanted = request.args.get("passkey")
    return _overview() if wanted is None else _passkey_question(_own(wanted))


@blueprint.post("/passkeys/remove")
@signed_in
@proved
def remove_passkey() -> ResponseReturnValue:
    """Take a passkey away, unless it is all that somebody has who must have a second factor."""
    begin_write()
    entry = _own(RemoveForm().passkey.data or "")
    if second_factor.remove_passkey(context.db(), entry, context.now(), required=needs_factor(visitor())):
        return _removed(Change.PASSKEY_REMOVED)
    context.release()
    return _passkey_question(entry, [_needed()]), 422


@blueprint.get("/codes")
@signed_in
@proved
def ask_for_codes() -> ResponseReturnValue:
    """Ask whether new recovery codes are to take the place of the old ones."""
    if second_factor.of_user(context.db(), visitor().user_id).count == 0:
        return _overview()
    return render("two_step/new_codes.html")


@blueprint.post("/codes")
@signed_in
@proved
def make_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them, this once."""
    begin_write()
    if second_factor.of_user(context.db(), visitor().user_id).count == 0:
        return _overview()
    codes = second_factor.make_codes(context.db(), visitor().user_id, context.now())
    second_factor.tell(context.db(), visitor().user_id, Change.CODES_MADE, context.now())
    context.commit()
    _note(Event.FACTOR_ADDED, Change.CODES_MADE)
    return render("two_step/codes.html", codes=codes)


def _added(change: Change) -> ResponseReturnValue:
    """Commit a new factor; with the first one, show the recovery codes."""
    codes = second_factor.settle(context.db(), visitor().user_id, token() or "", context.now())
    context.commit()
    _note(Event.FACTOR_ADDED, change)
    return render("two_step/codes.html", codes=codes) if codes else _overview()


def _removed(change: Change) -> Response:
    context.commit()
    _note(Event.FACTOR_REMOVED, change)
    return _overview()


def _overview() -> Response:
    return redirect(url_for("two_step.page"), 303)


def _secret(form: ConfirmForm) -> str | None:
    """Render the secret that waits for a first code, as a drawing and as text; None when none waits."""
    found = second_factor.of_user(context.db(), visitor().user_id).app
    if found is None or found.confirmed_at is not None:
        return None
    address = second_factor.app_address(context.db(), visitor().user_id, found.secret, brand.current().name)
    path, size = import_module("portal.services.qr").drawn(address)
    return render("two_step/app.html", form=form, secret=grouped(found.secret), path=path, size=size, failed=bool(form.errors))


def _new_passkey(form: AddForm, problems: list[str] | None = None) -> str:
    place = passkeys.place()
    return render("two_step/passkey.html", form=form, passkey_host=place.host if place else "", problems=problems or [], failed=bool(problems))


def _app_question(problems: list[str] | None = None) -> str:
    return render("two_step/remove_app.html", form=RemoveForm(), problems=problems or [], failed=bool(problems))


def _passkey_question(entry: PasskeyEntry, problems: list[str] | None = None) -> str:
    form = RemoveForm(formdata=None, passkey=str(entry.id))
    return render("two_step/remove_passkey.html", form=form, entry=entry, problems=problems or [], failed=bool(problems))


def _needed() -> str:
    return _("You need a second step to sign in. Add another one before you remove this.")


def _own(passkey_id: str) -> PasskeyEntry:
    """Return one of the visitor's passkeys; another's looks like none."""
    entries = second_factor.of_user(context.db(), visitor().user_id).passkeys
    return next((entry for entry in entries if str(entry.id) == passkey_id), None) or abort(404)


def _note(event: Event, change: Change) -> None:
    events.note(event, context.now(), change.value, actor=visitor().user_id, address=network(request.remote_addr or ""))
