"""Signing in and out of the browser door."""

from flask import Blueprint, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from portal import context
from portal.services import sign_in
from portal.web.access import Visitor, is_signed_in, public, token
from portal.web.language import TranslatedForm, chosen_language, lazy, safe_next
from portal.web.pages import page as render

blueprint = Blueprint("sign_in", __name__)
EMAIL_MAX = 254
PASSWORD_MAX = 1024


class SignInForm(TranslatedForm):
    """E-mail address and password; where to go afterwards."""

    email = EmailField(
        lazy("Email address"), [InputRequired(lazy("Enter your email address")), Length(max=EMAIL_MAX, message=lazy("Enter a shorter email address"))]
    )
    password = PasswordField(
        lazy("Password"), [InputRequired(lazy("Enter your password")), Length(max=PASSWORD_MAX, message=lazy("Enter a shorter password"))]
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
        return render("sign_in/sign_in.html", form=form)
    if form.validate() and (started := _verified(form)) is not None:
        return _signed_in(started, form.next.data)
    if not form.errors:
        form.email.errors = [lazy("The email address or password is not right")]
    return render("sign_in/sign_in.html", form=form, failed=True), 422


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


def _verified(form: SignInForm) -> str | None:
    found = sign_in.credentials(context.db(), form.email.data)
    context.release()
    verified = sign_in.verified_user(found, form.password.data)
    if verified is None:
        return None
    started = sign_in.start_session(context.begin_write(), verified, request.user_agent.string, context.now())
    if (language := chosen_language()) is not None:
        sign_in.set_language(context.db(), verified.user_id, language)
    context.commit()
    return started


def _signed_in(started: str, wanted: str | None) -> ResponseReturnValue:
    session.clear()
    found = sign_in.find(context.db(), started, context.portal().limits, context.now())
    if found is None:
        return redirect(url_for("sign_in.page"), 303)
    login_user(Visitor(started, found))
    return redirect(_target(wanted), 303)


def _target(wanted: str | None) -> str:
    return safe_next(wanted) or url_for("appointments.coming")
