"""Joining one's account to a patient: by a code of the practice, or as somebody who is new to it."""

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal import context
from portal.domain.invitations import TYPED_MAX, Refusal, Role, digest
from portal.domain.throttle import CODES_BY_NETWORK, CODES_BY_USER, network, seconds_left
from portal.services import invitations, sign_up, throttle
from portal.storage import members, practices
from portal.storage.members import Member
from portal.web import person_fields
from portal.web.access import signed_in
from portal.web.errors import too_many
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.visitor import actor_here, begin_write, visitor

blueprint = Blueprint("invitations", __name__, url_prefix="/people")
NAME_MAX = 80
_REFUSALS = {
    Refusal.UNKNOWN: lazy("The code and the date of birth do not go together, or the code does not work any more. Ask the practice for another."),
    Refusal.HAS_RECORD: lazy("Your account has a patient record already. This code is for another person's own account."),
    Refusal.OWN_RECORD: lazy("This code is about your own record. You need no code to act for yourself."),
    Refusal.RECORD_TAKEN: lazy("This record belongs to another account already. Call the practice."),
    Refusal.IS_GUARDIAN: lazy("You act for this person, so their record cannot be your own. They need an account of their own."),
    Refusal.GUARDIANS_ADDRESS: lazy("Your account has the email address of somebody who acts for you. Use an address that is yours alone."),
    Refusal.TOO_YOUNG: lazy("This is not possible at this age. Call the practice."),
    Refusal.ALREADY_LINKED: lazy("You act for this person already, or have asked to."),
}


class CodeForm(TranslatedForm):
    """A code of the practice, and the birthday of the person it is about."""

    code = StringField(lazy("Code"), [InputRequired(lazy("Enter the code")), Length(max=TYPED_MAX, message=lazy("Enter a shorter code"))])
    birth_month = person_fields.box(lazy("Month"))
    birth_day = person_fields.box(lazy("Day"))
    birth_year = person_fields.box(lazy("Year"))


class NewPatientForm(TranslatedForm):
    """The names that a new patient record has apart."""

    given_name = person_fields.name_field(lazy("Given name"), NAME_MAX)
    family_name = person_fields.name_field(lazy("Family name"), NAME_MAX)


@blueprint.get("/code")
@signed_in
def page() -> ResponseReturnValue:
    """Ask for a code of the practice."""
    return _shown(CodeForm())


@blueprint.post("/code")
@signed_in
def redeem() -> ResponseReturnValue:
    """Do what the code is for, or say why not; every try counts."""
    form = CodeForm()
    form.validate()
    born_on = person_fields.birth_date(form, context.now().date())
    if born_on is None or form.code.errors:
        return _shown(form, failed=True), 422
    begin_write()
    if (wait := _wait_before_code()) is not None:
        context.commit()
        return too_many(wait)
    outcome = invitations.redeem(context.db(), actor_here(), digest(form.code.data), born_on, context.now())
    context.commit()
    if isinstance(outcome, Role):
        return redirect(url_for("invitations.joined", role=outcome.value), 303)
    form.code.errors = [_REFUSALS[outcome]]
    return _shown(form, failed=True), 422


@blueprint.get("/joined")
@signed_in
def joined() -> ResponseReturnValue:
    """Say what a code has brought about."""
    return render("invitations/joined.html", waits=request.args.get("role") == Role.GUARDIAN.value)


@blueprint.route("/new", methods=["GET", "POST"])
@signed_in
def new() -> ResponseReturnValue:
    """Make a patient record for somebody whom the practice does not know, where that is left to people themselves."""
    if request.method == "POST":
        begin_write()
    member = members.member(context.db(), visitor().user_id)
    if member is None or not _may_be_new(member):
        return redirect(url_for("invitations.page"), 303)
    given, _, family = member.name.partition(" ")
    form = NewPatientForm(given_name=given[:NAME_MAX], family_name=family[:NAME_MAX])
    if not form.is_submitted():
        return render("invitations/new.html", form=form, born_on=member.born_on)
    if not form.validate():
        return render("invitations/new.html", form=form, born_on=member.born_on, failed=True), 422
    if not sign_up.become_patient(context.db(), actor_here(), form.given_name.data, form.family_name.data, context.now()):
        abort(404)
    context.commit()
    return redirect(url_for("appointments.coming"), 303)


def _shown(form: CodeForm, *, failed: bool = False) -> str:
    member = members.member(context.db(), visitor().user_id)
    return render("invitations/code.html", form=form, failed=failed, may_be_new=member is not None and _may_be_new(member))


def _may_be_new(member: Member) -> bool:
    return member.patient_id is None and member.born_on is not None and practices.practice(context.db(), member.account_id).is_open


def _wait_before_code() -> int | None:
    """Count a try; return how many seconds to wait when there have been too many, else None."""
    session, now = context.db(), context.now()
    limits = {f"codes:{visitor().user_id}": CODES_BY_USER, f"codes:{network(request.remote_addr or '')}": CODES_BY_NETWORK}
    tried = [throttle.draw(session, subject, limit, now) for subject, limit in limits.items()]
    return next((seconds_left(pack.ends_at, now) for pack in tried if not pack.calls), None)
