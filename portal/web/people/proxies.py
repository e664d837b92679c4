"""Inviting another adult to act for oneself, and taking such an invitation up."""

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Regexp

from portal import context
from portal.domain.guardianship import Act
from portal.domain.links import is_adult
from portal.services import proxies
from portal.services.links import NotPossible, Unknown
from portal.services.proxies import Offer, Open
from portal.storage import patients
from portal.storage.patients import PatientFacts
from portal.web.access import of_kind, proved, signed_in
from portal.web.language import TranslatedForm, current_language, lazy
from portal.web.pages import page as render
from portal.web.people.fields import day_field, relationship_field, rights_field, rights_of
from portal.web.people.pages import blueprint, done
from portal.web.people.words import RIGHTS, words_for
from portal.web.permissions import Kind
from portal.web.visitor import actor_here, begin_write, visitor

EMAIL_MAX = 254
_BROAD = [Act.BOOK.value, Act.CANCEL.value]


class InviteForm(TranslatedForm):
    """Who is to act for the visitor, for what and how long."""

    email = StringField(
        lazy("E-mail address of the person"),
        [
            InputRequired(lazy("Enter an e-mail address")),
            Length(max=EMAIL_MAX, message=lazy("Enter an e-mail address like name@example.com")),
            Regexp(r"\s*[^@\s]+@[^@\s]+\.[^@\s]+\s*\Z", message=lazy("Enter an e-mail address like name@example.com")),
        ],
    )
    relationship = relationship_field(lazy("What this person is to you"))
    rights = rights_field(lazy("Besides seeing your appointments, this person may"))
    until = day_field(lazy("Last day"))


class AcceptForm(TranslatedForm):
    """That the visitor takes an invitation up."""


@blueprint.get("/invite")
@of_kind(Kind.ADULT_RECORD)
@proved
def invite() -> ResponseReturnValue:
    """Ask whom the visitor wants to act for them."""
    return _invite_page(_form(_own()))


@blueprint.post("/invite", endpoint="send_invitation")
@of_kind(Kind.ADULT_RECORD)
@proved
def send() -> ResponseReturnValue:
    """Send the invitation; the answer is the same whether or not somebody signs in with that address."""
    form = _form(_own())
    if not form.validate():
        return _invite_page(form, failed=True), 422
    begin_write()
    wanted = Offer(form.email.data, form.relationship.data, rights_of(form.rights), form.until.data)
    outcome = proxies.offer(context.db(), actor_here(), wanted, current_language(), context.now())
    if isinstance(outcome, NotPossible):
        context.release()
        return _invite_page(form, failed=True, problems=[words_for(code) for code in outcome.codes]), 422
    if isinstance(outcome, Unknown):
        abort(404)
    context.commit()
    done("offered", patient_id=visitor().own_patient_id)
    return redirect(url_for("people.invited"), 303)


@blueprint.get("/invited")
@signed_in
def invited() -> ResponseReturnValue:
    """Say that a mail is on its way."""
    return render("people/invited.html", back_url=url_for("people.page"))


@blueprint.get("/offers/<token>", endpoint="offer")
@of_kind(Kind.OFFER)
@proved
def offered(token: str) -> ResponseReturnValue:
    """Show an invitation to whoever is signed in with the address it was sent to; it changes nothing yet."""
    return _offer_page(_found(token), token)


@blueprint.post("/offers/<token>", endpoint="accept")
@of_kind(Kind.OFFER)
@proved
def accept(token: str) -> ResponseReturnValue:
    """Take an invitation up."""
    found = _found(token)
    begin_write()
    outcome = proxies.accept(context.db(), actor_here(), token, context.now())
    if isinstance(outcome, NotPossible):
        context.release()
        return _offer_page(found, token, failed=True, problems=[words_for(code) for code in outcome.codes]), 422
    if isinstance(outcome, Unknown):
        abort(404)
    context.commit()
    return done("accepted", outcome.link_id, outcome.patient_id)


def _own() -> PatientFacts:
    """Return the visitor's own record, if they are an adult who can let others act for them; else 404."""
    own_id = visitor().own_patient_id
    own = patients.patient(context.db(), own_id) if own_id else None
    return own if own is not None and is_adult(own.subject, context.now()) else abort(404)


def _form(own: PatientFacts) -> InviteForm:
    return InviteForm(until=proxies.last_day(own, context.now()), rights=_BROAD)


def _found(token: str) -> Open:
    return proxies.find(context.db(), actor_here(), token, context.now()) or abort(404)


def _invite_page(form: InviteForm, *, failed: bool = False, problems: list[str] | None = None) -> str:
    shared = {"back_url": url_for("people.page"), "action": url_for("people.send_invitation")}
    return render("people/invite.html", form=form, failed=failed, problems=problems or [], **shared)


def _offer_page(found: Open, token: str, *, failed: bool = False, problems: list[str] | None = None) -> str:
    return render(
        "people/offer.html",
        form=AcceptForm(),
        name=found.patient.name,
        rights=[str(RIGHTS[act]) for act in Act if act in found.scopes],
        until=found.until,
        action=url_for("people.accept", token=token),
        back_url=url_for("people.page"),
        failed=failed,
        problems=problems or [],
    )
