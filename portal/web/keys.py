"""The keys by which programs of the visitor may call."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, SelectField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import context
from portal.domain.keys import DAYS_DEFAULT, LIVE_MAX
from portal.domain.throttle import PASSWORDS_BY_USER, seconds_left
from portal.services import keys, sign_in, throttle
from portal.storage import keys as stored
from portal.storage.keys import KeyEntry
from portal.web.access import begin_write, signed_in, visitor
from portal.web.errors import too_many
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page as render
from portal.web.sign_in import PASSWORD_MAX

blueprint = Blueprint("keys", __name__, url_prefix="/account/keys")
LIFETIMES = [SelectChoice(30, lazy("30 days")), SelectChoice(90, lazy("90 days")), SelectChoice(DAYS_DEFAULT, lazy("1 year"))]


class IssueForm(TranslatedForm):
    """How long a new key is to work, and proof that its owner asks for it: an open browser alone must not give keys away."""

    days = SelectField(lazy("How long the key works"), choices=LIFETIMES, coerce=int, default=DAYS_DEFAULT)
    password = PasswordField(
        lazy("Your password"), [InputRequired(lazy("Enter your password")), Length(max=PASSWORD_MAX, message=lazy("Enter a shorter password"))]
    )


class RevokeForm(TranslatedForm):
    """Which key is to end."""

    key = HiddenField()


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show the visitor's keys, and the form for a new one."""
    return _shown(IssueForm())


@blueprint.post("")
@signed_in
def issue() -> ResponseReturnValue:
    """Issue a key and show it, this once; nothing that could show it again is kept."""
    form = IssueForm()
    if not form.validate():
        return _shown(form, failed=True), 422
    if (wait := _wait_before_password()) is not None:
        return too_many(wait)
    if not _is_theirs(form.password.data):
        form.password.errors = [lazy("The password is not right")]
        return _shown(form, failed=True), 422
    begin_write()
    key = keys.issue_own(context.db(), visitor(), form.days.data, context.now())
    if key is None:
        context.release()
        return _shown(form, failed=True, problems=[_("You have %(number)s keys that work. Revoke one of them first.") % {"number": LIVE_MAX}]), 422
    context.commit()
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
    return redirect(url_for("keys.page"), 303)


def _shown(form: IssueForm, *, failed: bool = False, problems: list[str] | None = None) -> str:
    entries = stored.entries(context.db(), user_id=visitor().user_id)
    return render("keys/keys.html", form=form, entries=entries, now=context.now(), failed=failed, problems=problems or [])


def _own(key_id: str) -> KeyEntry:
    return keys.own(context.db(), visitor().user_id, key_id) or abort(404)


def _wait_before_password() -> int | None:
    """Count a try at the password; return how many seconds to wait when there have been too many, else None."""
    begin_write()
    tried = throttle.draw(context.db(), f"password:{visitor().user_id}", PASSWORDS_BY_USER, context.now())
    context.commit()
    return None if tried.calls else seconds_left(tried.ends_at, context.now())


def _is_theirs(password: str) -> bool:
    found = sign_in.own_credentials(context.db(), visitor().user_id)
    context.release()
    return sign_in.verified_user(found, password) is not None
