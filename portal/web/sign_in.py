"""Signing in and out of the browser door, and proving again who one is."""

from collections.abc import Sequence

from flask import Blueprint, Response, current_app, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal import context
from portal.domain.sign_in_tries import Throttled
from portal.services import devices, events, second_factor, sign_in, sign_in_tries
from portal.services.devices import Device
from portal.services.events import Event
from portal.services.sign_in import Verified
from portal.services.sign_in_tries import Claim, of_device, of_email, of_proof
from portal.storage.sign_ins import Credentials
from portal.web import passkeys, trying
from portal.web.access import public, signed_in
from portal.web.language import ONE_YEAR_SECONDS, TranslatedForm, chosen_language, lazy, safe_next
from portal.web.pages import page as render
from portal.web.visitor import Visitor, begin_write, is_signed_in, network_here, token, visitor

blueprint = Blueprint("sign_in", __name__)
EMAIL_MAX = 254
PASSWORD_MAX = 1024
# Where the cookie keeps the token of a second step; never where it keeps a session's.
SECOND_STEP = "second_step"
PAGE, AGAIN = "sign_in/sign_in.html", "sign_in/again.html"


class SignInForm(TranslatedForm):
    """E-mail address and password; where to go afterwards."""

    email = EmailField(
        lazy("Email address"), [InputRequired(lazy("Enter your email address")), Length(max=EMAIL_MAX, message=lazy("Enter a shorter email address"))]
    )
    password = PasswordField(
        lazy("Password"), [InputRequired(lazy("Enter your password")), Length(max=PASSWORD_MAX, message=lazy("Enter a shorter password"))]
    )
    next = HiddenField()


class AgainForm(TranslatedForm):
    """The password of whoever is signed in; where to go afterwards."""

    password = PasswordField(
        lazy("Your password"), [InputRequired(lazy("Enter your password")), Length(max=PASSWORD_MAX, message=lazy("Enter a shorter password"))]
    )
    next = HiddenField()


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public("people sign in here")
def page() -> ResponseReturnValue:
    """Ask for address and password; answer every failure with the same words."""
    if is_signed_in():
        return redirect(_target(request.args.get("next")), 303)
    form = SignInForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        return shown(form)
    if not form.validate():
        return shown(form, failed=True), 422
    found, claimed = _claim(form.email.data)
    if isinstance(claimed, Throttled):
        return trying.throttled(PAGE, form, claimed, passkey_host=passkeys.host())
    if (verified := trying.verified(claimed, found, form.password.data)) is not None:
        return _entered(verified, claimed, form.next.data)
    form.email.errors = [lazy("The email address or password is not right")]
    return shown(form, failed=True), 422


@blueprint.route("/sign-in/again", methods=["GET", "POST"])
@signed_in
def again() -> ResponseReturnValue:
    """Ask somebody who is signed in to prove that it is them, before they change what protects them."""
    form = AgainForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        return render(AGAIN, form=form)
    if not form.validate():
        return render(AGAIN, form=form, failed=True), 422
    begin_write()
    found = sign_in.own_credentials(context.db(), visitor().user_id)
    claimed = trying.claim(of_proof(visitor().user_id), None)
    if isinstance(claimed, Throttled):
        return trying.throttled(AGAIN, form, claimed)
    if (verified := trying.verified(claimed, found, form.password.data)) is not None:
        return _proved(verified, claimed, form.next.data)
    form.password.errors = [lazy("The password is not right")]
    return render(AGAIN, form=form, failed=True), 422


@blueprint.post("/sign-out")
@public("signing out twice must not fail")
def out() -> ResponseReturnValue:
    """End this browser's session on the server and empty what the browser kept, but not its language nor that it is known."""
    if is_signed_in():
        sign_in.end_session(context.begin_write(), token() or "", context.now())
        context.commit()
        events.note(Event.SIGN_OUT, context.now(), actor=visitor().user_id, object=visitor().session_id, address=network_here())
    session.clear()
    answer = redirect(url_for("sign_in.page"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def _claim(email: str) -> tuple[Credentials | None, Claim | Throttled]:
    """Return what to compare for an address, and whether that may be done now. It takes the same statements for every address.

    A browser in which this person has signed in before has a count of its own: strangers who fail elsewhere do not lock it out.
    """
    begun = context.begin_write()
    found = sign_in.credentials(begun, email)
    carried = devices.token_of(request.cookies.get(device_cookie()))
    if devices.is_known(begun, carried, found.user_id if found else None) and found is not None:
        return found, trying.claim(of_device(carried, found.user_id), None)
    return found, trying.claim(of_email(email), network_here())


def shown(form: SignInForm, *, failed: bool = False, problems: Sequence[str] = ()) -> str:
    """Render the sign-in page."""
    return render(PAGE, form=form, failed=failed, problems=problems, passkey_host=passkeys.host())


def _entered(verified: Verified, claimed: Claim, wanted: str | None) -> ResponseReturnValue:
    """Let somebody in whose password was right, or ask for the second step; until that is given they are strangers."""
    begun = context.begin_write()
    sign_in_tries.succeeded(begun, claimed)
    if not second_factor.has_factor(begun, verified.user_id):
        return start(verified, wanted)
    sign_in.keep_new_hash(begun, verified)
    waiting = second_factor.begin_second_step(begun, verified.user_id, context.now())
    context.commit()
    session.clear()
    session[SECOND_STEP] = waiting
    return redirect(url_for("second_step.page", next=safe_next(wanted)), 303)


def start(verified: Verified, wanted: str | None) -> ResponseReturnValue:
    """Write the session of who has proved who they are, in the transaction that found it out, and lead them on."""
    now, begun = context.now(), context.db()
    device = Device(devices.token_of(request.cookies.get(device_cookie())), request.user_agent.string, network_here())
    started = sign_in.start_session(begun, verified, device.description, now, device.address)
    devices.meet(begun, device, verified.user_id, now)
    if (language := chosen_language()) is not None:
        sign_in.set_language(begun, verified.user_id, language)
    context.commit()
    return welcome(started, device.token, wanted)


def welcome(started: str, device_token: str, wanted: str | None) -> ResponseReturnValue:
    """Give the browser a new session that has been committed, and lead on to where the person was going."""
    session.clear()
    found = sign_in.find(context.db(), started, context.portal().limits, context.now())
    if found is None:
        return redirect(url_for("sign_in.page"), 303)
    login_user(Visitor(started, found))
    events.note(Event.SIGN_IN, context.now(), actor=found.user_id, object=found.session_id, address=network_here())
    return _remembering(device_token, make_response(redirect(_target(wanted), 303)))


def _proved(verified: Verified, claimed: Claim, wanted: str | None) -> ResponseReturnValue:
    """Take note that somebody has proved who they are, and lead back to what they were about to do."""
    begin_write()
    sign_in.prove(context.db(), token() or "", verified, context.now())
    sign_in_tries.succeeded(context.db(), claimed)
    context.commit()
    events.note(Event.SIGN_IN, context.now(), "proved again", actor=visitor().user_id, object=visitor().session_id, address=network_here())
    return redirect(safe_next(wanted) or url_for("account.page"), 303)


def device_cookie() -> str:
    """Return the name of the cookie by which a browser is known."""
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _remembering(device_token: str, answer: Response) -> Response:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(device_cookie(), device_token, max_age=ONE_YEAR_SECONDS, secure=secure, httponly=True, samesite="Lax")
    return answer


def _target(wanted: str | None) -> str:
    return safe_next(wanted) or url_for("appointments.coming")
