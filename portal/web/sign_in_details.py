"""The visitor's own password and e-mail address, and changing them."""

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from portal import context
from portal.domain.passwords import LENGTH_MAX, least_length
from portal.domain.sign_in_tries import Throttled
from portal.domain.throttle import SIGN_UPS_BY_NETWORK
from portal.services import passwords, sign_in, sign_in_details, sign_in_tries, throttle
from portal.services.events import Event, note
from portal.services.mailed_links import Purpose, find
from portal.services.sign_in_tries import of_proof
from portal.services.throttle import Mailing
from portal.storage import members, practices
from portal.storage.members import Member
from portal.web import mailed_links, person_fields, trying
from portal.web.access import proved, public, signed_in
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.permissions import Kind
from portal.web.visitor import begin_write, visitor

blueprint = Blueprint("sign_in_details", __name__, url_prefix="/account")
PAGE = "account/password.html"


class PasswordForm(TranslatedForm):
    """The password that holds, and the one to come."""

    present = PasswordField(
        lazy("Present password"),
        [InputRequired(lazy("Enter your present password")), Length(max=LENGTH_MAX, message=lazy("Enter a shorter password"))],
    )
    password = person_fields.new_password_field(lazy("New password"))


class EmailForm(TranslatedForm):
    """The address to come."""

    email = person_fields.address_field(lazy("New email address"))


class ConfirmForm(TranslatedForm):
    """Nothing but the press of a button."""


@blueprint.route("/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change the password for somebody who knows the present one; every other session ends."""
    form, member = PasswordForm(), _member()
    if not form.is_submitted():
        return _password_shown(form, member)
    names = (member.email, practices.practice(context.db(), member.account_id).name)
    if not form.validate() or person_fields.refuse_weak(form.password, _least(member), names):
        return _password_shown(form, member, failed=True), 422
    begin_write()
    found = sign_in.own_credentials(context.db(), member.id)
    claimed = trying.claim(of_proof(member.id), None)
    if isinstance(claimed, Throttled):
        return trying.throttled(PAGE, form, claimed, **_shown_besides(member))
    if trying.verified(claimed, found, form.present.data) is None:
        form.present.errors = [lazy("The password is not right")]
        return _password_shown(form, member, failed=True), 422
    hashed = passwords.hash_password(form.password.data)
    begin_write()
    sign_in_details.set_password(context.db(), member, hashed, context.now(), keep=visitor().session_id)
    sign_in_tries.succeeded(context.db(), claimed)
    context.commit()
    note(Event.PASSWORD_CHANGED, context.now(), actor=member.id, address=mailed_links.origin().address)
    return redirect(url_for("sign_in_details.password_changed"), 303)


@blueprint.get("/password/changed")
@signed_in
def password_changed() -> ResponseReturnValue:
    """Say that the password is changed."""
    return render("account/password_changed.html")


@blueprint.route("/email", methods=["GET", "POST"])
@signed_in
@proved
def email() -> ResponseReturnValue:
    """Ask for a new address; what follows is the same whether it is in use or not."""
    form, member = EmailForm(), _member()
    if not form.is_submitted():
        return render("account/email.html", form=form, email=member.email)
    if not form.validate():
        return render("account/email.html", form=form, email=member.email, failed=True), 422
    begin_write()
    session, now, wanted = context.db(), context.now(), sign_in.normalised(form.email.data)
    if throttle.may_mail(session, Mailing("email", wanted, mailed_links.origin().address, SIGN_UPS_BY_NETWORK), now):
        sign_in_details.ask_for_email(session, member, wanted, now)
    context.commit()
    return redirect(url_for("sign_in_details.email_sent"), 303)


@blueprint.get("/email/sent")
@signed_in
def email_sent() -> ResponseReturnValue:
    """Say that there is mail at the new address, whatever it says."""
    return render("account/email_sent.html", email=_member().email)


@blueprint.get("/email/link")
@public("mail may be read on a device where nobody is signed in")
def email_link() -> ResponseReturnValue:
    """Take the token of the link along, out of the address."""
    return mailed_links.take(Purpose.EMAIL, "sign_in_details.confirm_email")


@blueprint.get("/email/confirm")
@public("mail may be read on a device where nobody is signed in", Kind.MAIL_HELD)
def confirm_email() -> ResponseReturnValue:
    """Show which address is about to become somebody's; programs that read mail press no buttons."""
    found = find(context.db(), Purpose.EMAIL, mailed_links.carried(Purpose.EMAIL), context.now())
    if found is None:
        return mailed_links.ended(Purpose.EMAIL, "sign_in_details.email")
    return render("account/confirm_email.html", form=ConfirmForm(), email=found.email)


@blueprint.post("/email/confirm")
@public("mail may be read on a device where nobody is signed in", Kind.MAIL_HELD)
def change_email() -> ResponseReturnValue:
    """Write the new address."""
    token = mailed_links.carried(Purpose.EMAIL)
    if not sign_in_details.confirm_email(context.begin_write(), token, mailed_links.origin(), context.now()):
        context.release()
        return mailed_links.ended(Purpose.EMAIL, "sign_in_details.email")
    context.commit()
    mailed_links.drop(Purpose.EMAIL)
    return redirect(url_for("sign_in_details.email_changed"), 303)


@blueprint.get("/email/changed")
@public("mail may be read on a device where nobody is signed in")
def email_changed() -> ResponseReturnValue:
    """Say that the new address holds."""
    return render("account/email_changed.html")


def _password_shown(form: PasswordForm, member: Member, *, failed: bool = False) -> str:
    return render(PAGE, form=form, failed=failed, **_shown_besides(member))


def _shown_besides(member: Member) -> dict[str, str]:
    return {"rules": person_fields.rules_in_words(_least(member)), "email": member.email}


def _least(member: Member) -> int:
    return least_length(second_factor=member.has_second_factor)


def _member() -> Member:
    return members.member(context.db(), visitor().user_id) or abort(404)
