"""Asking to care for somebody: the practice alone finds out who that is."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from portal import context
from portal.domain.guardianship import Basis
from portal.domain.links import EVIDENCE_MAX, NAME_MAX
from portal.services import guardians
from portal.services.guardians import Wanted
from portal.services.links import NotPossible
from portal.web.access import signed_in
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.people.fields import day_field, relationship_field
from portal.web.people.pages import blueprint, done
from portal.web.people.words import BASES, words_for
from portal.web.person_fields import no_link
from portal.web.visitor import actor_here, begin_write, visitor

# An adult's consent starts with that adult.
ASKED = (Basis.PARENT, Basis.LEGAL_GUARDIAN, Basis.COURT)


class AskForm(TranslatedForm):
    """For whom somebody asks to care, and what shows that they may."""

    name = StringField(
        lazy("Full name"),
        [InputRequired(lazy("Enter the person's full name")), Length(max=NAME_MAX, message=lazy("Use 160 characters or fewer")), no_link],
    )
    born_on = day_field(lazy("Date of birth"))
    relationship = relationship_field(lazy("What you are to this person"))
    basis = RadioField(
        lazy("What gives you the right"),
        [InputRequired(lazy("Choose what gives you the right"))],
        choices=[SelectChoice(one.value, BASES[one]) for one in ASKED],
    )
    evidence = TextAreaField(
        lazy("What you can show us"),
        [InputRequired(lazy("Say what you can show us")), Length(max=EVIDENCE_MAX, message=lazy("Use 250 characters or fewer"))],
    )


@blueprint.get("/ask")
@signed_in
def ask() -> ResponseReturnValue:
    """Ask whom the visitor wants to care for."""
    return _page(AskForm())


@blueprint.post("/ask", endpoint="send_request")
@signed_in
def send() -> ResponseReturnValue:
    """Keep the request for the practice; the answer is the same whoever it names."""
    form = AskForm()
    if not form.validate():
        return _page(form, failed=True), 422
    zone = context.catalogue_of(visitor()).account.time_zone
    begin_write()
    stated = Wanted(form.name.data, form.born_on.data, form.relationship.data, Basis(form.basis.data), form.evidence.data)
    outcome = guardians.request(context.db(), actor_here(), stated, zone, context.now())
    if isinstance(outcome, NotPossible):
        context.release()
        return _page(form, failed=True, problems=[words_for(code) for code in outcome.codes]), 422
    context.commit()
    done("requested")
    return redirect(url_for("people.sent"), 303)


@blueprint.get("/sent")
@signed_in
def sent() -> ResponseReturnValue:
    """Say what happens now, the same to everybody."""
    return render("people/sent.html", back_url=url_for("people.page"))


def _page(form: AskForm, *, failed: bool = False, problems: list[str] | None = None) -> str:
    shared = {"back_url": url_for("people.page"), "action": url_for("people.send_request")}
    return render("people/ask.html", form=form, failed=failed, problems=problems or [], **shared)
