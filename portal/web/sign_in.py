"""Signing in and out of the browser door."""

from collections.abc import Sequence

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal import context
from portal.services import second_factor, sign_in
from portal.services.sign_in import Verified
from portal.web import passkeys
from portal.web.access import Visitor, begin_write, is_signed_in, public, signed_in, token, visitor
from portal.web.language import TranslatedForm, chosen_language, lazy, safe_next
from portal.web.pages import page as render

blueprint = Blueprint("sign_in", __name__)
EMAIL_MAX = 254
PASSWORD_MAX = 1024
# Where the cookie keeps the token of a second step; never where it keeps a session's.
SECOND_STEP = "second_step"


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
    """The password once more; where to go afterwards."""

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
    if form.validate() and (verified := _verified(form)) is not None:
        return _entered(verified, form.next.data)
    if not form.errors:
        form.email.errors = [lazy("The email address or password is not right")]
    return shown(form, failed=True), 422


@blueprint.post("/sign-out")
@public("signing out twice must not fail")
def out() -> ResponseReturnValue:
    """End this browser's session on the server and empty what the browser kept."""
    if is_signed_in():
        sign_in.end_session(context.begin_write(), token() or "", context.now())
        context.commit()
    session.clear()
    answer = redirect(url_for("sign_in.page"), 303)
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.route("/sign-in/again", methods=["GET", "POST"])
@signed_in
def again() -> ResponseReturnValue:
    """Ask whoever is signed in for their password once more, before something that an open browser alone must not change."""
    form = AgainForm(next=request.args.get("next", ""))
    if not form.is_submitted():
        return render("sign_in/again.html", form=form)
    begin_write()
    context.release()
    found = sign_in.own_credentials(context.db(), visitor().user_id)
    context.release()
    if form.validate() and sign_in.verified_user(found, form.password.data):
        begin_write()
        sign_in.prove(context.db(), token() or "", context.now())
        context.commit()
        return redirect(_target(form.next.data), 303)
    if not form.errors:
        form.password.errors = [lazy("The password is not right")]
    return render("sign_in/again.html", form=form, failed=True), 422


def shown(form: SignInForm, *, failed: bool = False, problems: Sequence[str] = ()) -> str:
    """Render the sign-in page."""
    place = passkeys.place()
    return render("sign_in/sign_in.html", form=form, failed=failed, problems=problems, passkey_host=place.host if place else "")


def _verified(form: SignInForm) -> Verified | None:
    found = sign_in.credentials(context.db(), form.email.data)
    context.release()
    return sign_in.verified_user(found, form.password.data)


def _entered(verified: Verified, wanted: str | None) -> ResponseReturnValue:
    """Start the session of who gave all that is asked of them, or ask for the second step; until then they are strangers."""
    written = context.begin_write()
    if not second_factor.has_factor(written, verified.user_id):
        return start(verified, wanted)
    sign_in.keep_new_hash(written, verified)
    waiting = second_factor.begin_second_step(written, verified.user_id, context.now())
    context.commit()
    session.clear()
    session[SECOND_STEP] = waiting
    return redirect(url_for("second_step.page", next=safe_next(wanted)), 303)


def start(verified: Verified, wanted: str | None) -> ResponseReturnValue:
    """Write the session of who has proved who they are, in the transaction that found it out, and lead them on."""
    started = sign_in.start_session(context.db(), verified, request.user_agent.string, context.now())
    if (language := chosen_language()) is not None:
        sign_in.set_language(context.db(), verified.user_id, language)
    context.commit()
    session.clear()
    found = sign_in.find(context.db(), started, context.portal().limits, context.now())
    if found is None:
        return redirect(url_for("sign_in.page"), 303)
    login_user(Visitor(started, found))
    return redirect(_target(wanted), 303)


def _target(wanted: str | None) -> str:
    return safe_next(wanted) or url_for("appointments.coming")
