"""A new password for somebody who has forgotten theirs."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.passwords import least_length
from portal.domain.throttle import RESETS_BY_NETWORK
from portal.services import passwords, reset, throttle
from portal.services.mailed_links import Purpose
from portal.services.reset import Resetting
from portal.services.sign_in import normalised
from portal.services.throttle import Mailing
from portal.web import mailed_links, person_fields
from portal.web.access import public
from portal.web.language import TranslatedForm, current_language, lazy
from portal.web.pages import page as render
from portal.web.permissions import Kind

blueprint = Blueprint("reset", __name__, url_prefix="/reset")


class ResetForm(TranslatedForm):
    """To which address the link is to go."""

    email = person_fields.address_field(lazy("Email address"))


class NewPasswordForm(TranslatedForm):
    """The password to come."""

    password = person_fields.new_password_field(lazy("New password"))


@blueprint.route("", methods=["GET", "POST"])
@public("who cannot sign in asks for a new password here")
def page() -> ResponseReturnValue:
    """Ask for the address; what follows is the same whether there is an account with it or not."""
    form = ResetForm()
    if not form.is_submitted():
        return render("reset/reset.html", form=form)
    if not form.validate():
        return render("reset/reset.html", form=form, failed=True), 422
    session, now, email = context.begin_write(), context.now(), normalised(form.email.data)
    if throttle.may_mail(session, Mailing("reset", email, mailed_links.origin().address, RESETS_BY_NETWORK), now):
        reset.ask(session, email, current_language(), now)
    context.commit()
    return redirect(url_for("reset.sent"), 303)


@blueprint.get("/sent")
@public("who cannot sign in waits for mail")
def sent() -> ResponseReturnValue:
    """Say that there may be mail."""
    return render("reset/sent.html")


@blueprint.get("/link")
@public("who cannot sign in opens the link in a mail")
def link() -> ResponseReturnValue:
    """Take the token of the link along, out of the address."""
    return mailed_links.take(Purpose.RESET, "reset.new")


@blueprint.get("/new")
@public("who cannot sign in chooses a new password", Kind.MAIL_HELD)
def new() -> ResponseReturnValue:
    """Ask for the new password."""
    found = reset.find(context.db(), mailed_links.carried(Purpose.RESET), context.now())
    return mailed_links.ended(Purpose.RESET, "reset.page") if found is None else _shown(NewPasswordForm(), found)


@blueprint.post("/new")
@public("who cannot sign in chooses a new password", Kind.MAIL_HELD)
def save() -> ResponseReturnValue:
    """Store the new password and end all sessions; it signs nobody in, so that a second factor is asked for as ever."""
    token, form = mailed_links.carried(Purpose.RESET), NewPasswordForm()
    found = reset.find(context.db(), token, context.now())
    if found is None:
        return mailed_links.ended(Purpose.RESET, "reset.page")
    if not form.validate() or person_fields.refuse_weak(form.password, _least(found), (found.member.email, found.practice_name)):
        return _shown(form, found, failed=True), 422
    context.release()
    hashed = passwords.hash_password(form.password.data)
    if not reset.spend(context.begin_write(), token, hashed, mailed_links.origin(), context.now()):
        context.release()
        return mailed_links.ended(Purpose.RESET, "reset.page")
    context.commit()
    mailed_links.drop(Purpose.RESET)
    return redirect(url_for("reset.done"), 303)


@blueprint.get("/done")
@public("who has a new password is not signed in")
def done() -> ResponseReturnValue:
    """Say that the password is changed, and lead to signing in."""
    return render("reset/done.html")


def _shown(form: NewPasswordForm, found: Resetting, *, failed: bool = False) -> str:
    return render("reset/new.html", form=form, rules=person_fields.rules_in_words(_least(found)), email=found.member.email, failed=failed)


def _least(found: Resetting) -> int:
    return least_length(second_factor=found.member.has_second_factor)
