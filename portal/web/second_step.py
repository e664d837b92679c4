"""The second step of signing in, and signing in by a passkey alone."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField

from portal import context
from portal.domain.second_factor import Place
from portal.domain.throttle import network
from portal.services import events, second_factor
from portal.services.events import Event
from portal.services.second_factor import Ceremony
from portal.services.sign_in import Verified
from portal.storage.factors import Pending
from portal.web import passkeys
from portal.web.access import public
from portal.web.errors import too_many
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.permissions import Kind
from portal.web.sign_in import SECOND_STEP, SignInForm, shown, start
from portal.web.visitor import LEVEL_OF_TWO, is_signed_in

blueprint = Blueprint("second_step", __name__, url_prefix="/sign-in")
WRONG = lazy("The code is not right, or it was used before")


class CodeForm(TranslatedForm):
    """A code of the app or, from the page's other form, a recovery code; where to go afterwards."""

    code = StringField(lazy("Code from your app"))
    recovery = StringField(lazy("Recovery code"))
    next = HiddenField()


@blueprint.route("/second", methods=["GET", "POST"])
@public("who knows the password is not signed in yet", Kind.SIGN_IN_HELD)
def page() -> ResponseReturnValue:
    """Ask for the second factor of whoever gave a right password; nothing else opens to them until it is given."""
    form = CodeForm(next=request.args.get("next", ""))
    if form.is_submitted():
        return _answered(form)
    found = None if is_signed_in() else second_factor.pending(context.db(), Ceremony.SECOND_STEP, _waiting(), context.now())
    return _from_the_start() if found is None else _shown(found, form)


def _answered(form: CodeForm) -> ResponseReturnValue:
    """Judge a code; each one counts, so what is counted is committed whatever comes of it."""
    now, by_app = context.now(), form.recovery.data is None
    give = second_factor.give_app_code if by_app else second_factor.give_recovery_code
    attempt = give(context.begin_write(), _waiting(), (form.code if by_app else form.recovery).data or "", now)
    if attempt is None:
        return _from_the_start()
    if attempt.right:
        return start(Verified(attempt.user_id, None, LEVEL_OF_TWO), form.next.data)
    context.commit()
    _note_failure("app" if by_app else "recovery code", attempt.user_id)
    if attempt.wait:
        return too_many(attempt.wait)
    found = second_factor.pending(context.db(), Ceremony.SECOND_STEP, _waiting(), now)
    return _from_the_start() if found is None else (_shown(found, _refused(form, by_app=by_app)), 422)


def _refused(form: CodeForm, *, by_app: bool) -> CodeForm:
    """Say what was wrong, and keep no code that was typed."""
    form.code.data = form.recovery.data = None
    (form.code if by_app else form.recovery).errors = [WRONG]
    return form


@blueprint.post("/second/passkey")
@public("who knows the password is not signed in yet", Kind.SIGN_IN_HELD)
def by_passkey() -> ResponseReturnValue:
    """Judge a passkey's answer to the second step."""
    form, now = passkeys.PasskeyForm(), context.now()
    user_id = _signed(Ceremony.SECOND_STEP, _waiting(), form)
    if user_id is not None:
        return start(Verified(user_id, None, LEVEL_OF_TWO), form.next.data)
    context.commit()
    found = second_factor.pending(context.db(), Ceremony.SECOND_STEP, _waiting(), now)
    if found is None:
        return _from_the_start()
    _note_failure("passkey", found.user_id)
    return _shown(found, CodeForm(formdata=None, next=form.next.data), [_("The passkey was not accepted. Try again.")]), 422


@blueprint.post("/passkey/options")
@public("people sign in with a passkey alone")
def options() -> ResponseReturnValue:
    """Begin to sign in by a passkey alone: answer what the browser is to have signed."""
    token, asked = passkeys.library().sign_in_options(context.begin_write(), _place(), context.now())
    context.commit()
    session[passkeys.CEREMONY] = token
    return passkeys.options(asked)


@blueprint.post("/passkey")
@public("people sign in with a passkey alone")
def passkey() -> ResponseReturnValue:
    """Sign in whoever's passkey has signed; the device has asked for a finger, a face or a code, so that it is both steps at once."""
    form = passkeys.PasskeyForm()
    user_id = _signed(Ceremony.PASSKEY_SIGN_IN, session.pop(passkeys.CEREMONY, ""), form)
    if user_id is not None:
        return start(Verified(user_id, None, LEVEL_OF_TWO), form.next.data)
    context.commit()
    _note_failure("passkey")
    refused = _("The passkey was not accepted. Try again, or use your password.")
    return shown(SignInForm(formdata=None, next=form.next.data), failed=True, problems=[refused]), 422


def _signed(kind: Ceremony, token: str, form: passkeys.PasskeyForm) -> UUID | None:
    answered: UUID | None = passkeys.library().answered(context.begin_write(), kind, token, form.credential.data or "", _place(), context.now())
    return answered


def _shown(found: Pending, form: CodeForm, problems: list[str] | None = None) -> str:
    place, has_app = passkeys.place(), found.user_id is not None and second_factor.of_user(context.db(), found.user_id).has_app
    asked = passkeys.library().second_step_options(context.db(), found, place) if place else None
    values = {"has_app": has_app, "options": asked, "passkey_host": place.host if place else "", "problems": problems or []}
    return render("sign_in/second.html", form=form, failed=bool(problems or form.errors), **values)


def _waiting() -> str:
    return str(session.get(SECOND_STEP, ""))


def _place() -> Place:
    return passkeys.place() or abort(404)


def _from_the_start() -> Response:
    session.pop(SECOND_STEP, None)
    return redirect(url_for("sign_in.page"), 303)


def _note_failure(by: str, user_id: UUID | None = None) -> None:
    events.note(Event.SECOND_STEP_FAILED, context.now(), "refused", actor=user_id, object=by, address=network(request.remote_addr or ""))
