"""Signing up: an account is asked for, proved by a link that comes by mail, and made."""

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import Length

from portal import context
from portal.domain.invitations import TYPED_MAX, digest
from portal.domain.passwords import LENGTH_MIN
from portal.domain.throttle import CODES_BY_NETWORK, SIGN_UPS_BY_NETWORK, seconds_left
from portal.services import passwords, sign_up, throttle
from portal.services.mailed_links import Purpose, find
from portal.services.sign_in import normalised
from portal.services.sign_up import Newcomer
from portal.services.throttle import Mailing
from portal.storage.practices import Practice
from portal.web import mailed_links, person_fields
from portal.web.access import public
from portal.web.errors import too_many
from portal.web.language import TranslatedForm, current_language, lazy
from portal.web.pages import page as render
from portal.web.permissions import Kind
from portal.web.visitor import is_signed_in

blueprint = Blueprint("sign_up", __name__, url_prefix="/sign-up")
# Where somebody with a new account goes on once they have signed in.
THEN = {"code": "invitations.page", "new": "invitations.new"}


class SignUpForm(TranslatedForm):
    """Who somebody is, and what they want to sign in with."""

    name = person_fields.name_field(lazy("Full name"), person_fields.FULL_NAME_MAX)
    birth_month = person_fields.box(lazy("Month"))
    birth_day = person_fields.box(lazy("Day"))
    birth_year = person_fields.box(lazy("Year"))
    email = person_fields.address_field(lazy("Email address"))
    password = person_fields.new_password_field(lazy("Password"))
    code = StringField(lazy("Code from the practice"), [Length(max=TYPED_MAX, message=lazy("Enter a shorter code"))])


class ConfirmForm(TranslatedForm):
    """Nothing but the press of a button."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What is needed to ask for an account, when there is nothing to object to."""

    practice: Practice
    born_on: date


@blueprint.route("", methods=["GET", "POST"])
@public("whoever has no account makes one here")
def page() -> ResponseReturnValue:
    """Ask who somebody is; what follows is the same whether there is an account with the address or not."""
    if is_signed_in():
        return redirect(url_for("appointments.coming"), 303)
    form = SignUpForm()
    if not form.is_submitted():
        return _shown(form)
    if form.code.data and (wait := _wait_before_code()) is not None:
        return too_many(wait)
    judged = _judged(form)
    if judged is None:
        return _shown(form, failed=True), 422
    _ask(form, judged)
    return redirect(url_for("sign_up.sent"), 303)


@blueprint.get("/sent")
@public("whoever has just signed up is no user yet")
def sent() -> ResponseReturnValue:
    """Say that there is mail, whatever it says."""
    return render("sign_up/sent.html")


@blueprint.get("/link")
@public("whoever opens the link in a mail is no user yet")
def link() -> ResponseReturnValue:
    """Take the token of the link along, out of the address."""
    return mailed_links.take(Purpose.SIGN_UP, "sign_up.confirm")


@blueprint.get("/confirm")
@public("whoever opens the link in a mail is no user yet", Kind.MAIL_HELD)
def confirm() -> ResponseReturnValue:
    """Show what the link is about to make; programs that read mail press no buttons."""
    found = find(context.db(), Purpose.SIGN_UP, mailed_links.carried(Purpose.SIGN_UP), context.now())
    if found is None:
        return mailed_links.ended(Purpose.SIGN_UP, "sign_up.page")
    return render("sign_up/confirm.html", form=ConfirmForm(), name=found.facts["name"], email=found.email)


@blueprint.post("/confirm")
@public("whoever opens the link in a mail is no user yet", Kind.MAIL_HELD)
def make() -> ResponseReturnValue:
    """Make the account; it signs nobody in."""
    made = sign_up.confirm(context.begin_write(), mailed_links.carried(Purpose.SIGN_UP), mailed_links.origin(), context.now())
    if made is None:
        context.release()
        return mailed_links.ended(Purpose.SIGN_UP, "sign_up.page")
    context.commit()
    mailed_links.drop(Purpose.SIGN_UP)
    return redirect(url_for("sign_up.done", then=made.then.value), 303)


@blueprint.get("/done")
@public("whoever has just signed up is not signed in")
def done() -> ResponseReturnValue:
    """Say that the account is there, and lead to signing in."""
    then = THEN.get(request.args.get("then", ""))
    return render("sign_up/done.html", sign_in_url=url_for("sign_in.page", next=url_for(then)) if then else url_for("sign_in.page"))


def _shown(form: SignUpForm, *, failed: bool = False) -> str:
    is_open = sign_up.practice_for(context.db(), "", context.now()) is not None
    return render("sign_up/sign_up.html", form=form, failed=failed, rules=person_fields.rules_in_words(LENGTH_MIN), code_needed=not is_open)


def _judged(form: SignUpForm) -> _Judged | None:
    form.validate()
    now = context.now()
    born_on, code = person_fields.birth_date(form, now.date()), form.code.data or ""
    practice = sign_up.practice_for(context.db(), code, now)
    if practice is None and not form.code.errors:
        form.code.errors = [
            lazy("This code does not work. Ask the practice for another.") if code else lazy("Enter the code that the practice gave you")
        ]
    if practice is not None and born_on is not None and not sign_up.is_old_enough(practice, born_on, now):
        form.birth_month.errors = [lazy("You are too young for an account of your own. A parent or guardian can make one and act for you.")]
    if not form.password.errors:
        names = [normalised(form.email.data or ""), *([practice.name] if practice else [])]
        person_fields.refuse_weak(form.password, LENGTH_MIN, names)
    objected = any(field.errors for field in form)
    return None if objected or practice is None or born_on is None else _Judged(practice, born_on)


def _ask(form: SignUpForm, judged: _Judged) -> None:
    context.release()
    hashed = passwords.hash_password(form.password.data)
    code, email = form.code.data or "", normalised(form.email.data)
    newcomer = Newcomer(email, form.name.data, judged.born_on, hashed, current_language(), digest(code) if code else "")
    session, now = context.begin_write(), context.now()
    if throttle.may_mail(session, Mailing("sign-up", email, mailed_links.origin().address, SIGN_UPS_BY_NETWORK), now):
        sign_up.ask(session, judged.practice, newcomer, now)
    context.commit()


def _wait_before_code() -> int | None:
    tried = throttle.draw(context.begin_write(), f"codes:{mailed_links.origin().address}", CODES_BY_NETWORK, context.now())
    context.commit()
    return None if tried.calls else seconds_left(tried.ends_at, context.now())
