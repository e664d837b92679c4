"""Changing a link: each change is a page that says what it means, and a button."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import StopValidation

from portal import context
from portal.domain.guardianship import Act, Actor, Basis, Link, LinkState
from portal.domain.links import LIVING, By, LinkCode, agreement_code, reason_code
from portal.services import links, proxies
from portal.services.links import Changed, NotPossible, Unknown
from portal.storage import guardians
from portal.storage.guardians import LinkEntry
from portal.web.access import of_kind, proved
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.people.fields import day_field, rights_field, rights_of
from portal.web.people.pages import blueprint, done
from portal.web.people.words import words_for
from portal.web.permissions import Kind, View
from portal.web.visitor import actor_here, begin_write, visitor


class ReasonForm(TranslatedForm):
    """Why a link is to end."""

    reason = TextAreaField(lazy("Reason"))

    def validate_reason(self, field: TextAreaField) -> None:
        """Ask the rule itself."""
        if code := reason_code(field.data or ""):
            raise StopValidation(words_for(code))


class NarrowForm(TranslatedForm):
    """What somebody may still do."""

    rights = rights_field(lazy("Besides seeing your appointments, this person may"))


class RenewForm(TranslatedForm):
    """Up to which day somebody may act."""

    until = day_field(lazy("Last day"))


Outcome = Changed | NotPossible | Unknown
# On the database session, by whom, on which link, with what form and at which instant.
Apply = Callable[[Any, Actor, UUID, Any, datetime], Outcome]


@dataclass(frozen=True, slots=True)
class LinkPage:
    """One change: the end of its address, its kind, who makes it, when it is offered, what its page says and what its button does."""

    word: str
    kind: Kind
    by: By
    offered: Callable[[Link, datetime], bool]
    form: type[TranslatedForm]
    title: object
    lead: object
    apply: Apply


def _is_proxy(link: Link, now: datetime) -> bool:
    return link.basis is Basis.CONSENT and link.state is LinkState.ACTIVE and link.holds(now)


PAGES = (
    LinkPage(
        "stop",
        Kind.GUARDIAN_LINK,
        By.GUARDIAN,
        lambda link, _now: link.state in LIVING,
        ReasonForm,
        lazy("Stop caring for %(name)s?"),
        lazy("You can then neither see nor book anything for this person. Booked appointments stay. To care for them again you have to ask again."),
        lambda session, actor, link_id, form, now: links.leave(session, actor, link_id, form.reason.data, now),
    ),
    LinkPage(
        "end",
        Kind.PROXY,
        By.PATIENT,
        lambda link, _now: link.basis is Basis.CONSENT and link.state in LIVING,
        ReasonForm,
        lazy("Let %(name)s act for you no longer?"),
        lazy("From this moment the person can neither see nor book anything for you. Booked appointments stay."),
        lambda session, actor, link_id, form, now: links.end(session, actor, link_id, form.reason.data, now),
    ),
    LinkPage(
        "agree",
        Kind.AGREEMENT,
        By.PATIENT,
        lambda link, now: agreement_code(link, now) is None and not link.holds(now),
        TranslatedForm,
        lazy("Let %(name)s act for you?"),
        lazy("The person can then see and book appointments for you, but not those that you keep private. You can change your mind at any time."),
        lambda session, actor, link_id, _form, now: links.agree(session, actor, link_id, now),
    ),
    LinkPage(
        "disagree",
        Kind.AGREEMENT,
        By.PATIENT,
        lambda link, now: agreement_code(link, now) is None and link.holds(now),
        TranslatedForm,
        lazy("Take your agreement for %(name)s back?"),
        lazy("From this moment the person can neither see nor book anything for you. Booked appointments stay."),
        lambda session, actor, link_id, _form, now: links.disagree(session, actor, link_id, now),
    ),
    LinkPage(
        "narrow",
        Kind.PROXY,
        By.PATIENT,
        _is_proxy,
        NarrowForm,
        lazy("What may %(name)s do for you?"),
        lazy("You can take rights away here. To give more, end this and invite the person again."),
        lambda session, actor, link_id, form, now: links.narrow(session, actor, link_id, rights_of(form.rights), now),
    ),
    LinkPage(
        "renew",
        Kind.PROXY,
        By.PATIENT,
        _is_proxy,
        RenewForm,
        lazy("How long may %(name)s act for you?"),
        lazy("The longest is 18 months from today. Only you can renew it."),
        lambda session, actor, link_id, form, now: proxies.renew(session, actor, link_id, form.until.data, now),
    ),
)


def _views(change: LinkPage) -> tuple[View, View]:
    """Return the views of one change: its page, and what its button does."""

    def ask(link_id: UUID) -> ResponseReturnValue:
        entry = _own(change, link_id)
        return _page(change, entry, _form(change, entry))

    def make(link_id: UUID) -> ResponseReturnValue:
        entry = _own(change, link_id)
        form = _form(change, entry)
        if not form.validate():
            return _page(change, entry, form, failed=True), 422
        begin_write()
        outcome = change.apply(context.db(), actor_here(), link_id, form, context.now())
        if isinstance(outcome, Unknown) or (isinstance(outcome, NotPossible) and LinkCode.NOT_ALLOWED in outcome.codes):
            # what the page offered has gone meanwhile
            abort(404)
        if isinstance(outcome, NotPossible):
            context.release()
            return _page(change, entry, form, failed=True, problems=[words_for(code) for code in outcome.codes]), 422
        context.commit()
        return done(change.word, outcome.link_id, outcome.patient_id)

    mark = of_kind(change.kind)
    return mark(proved(ask)), mark(proved(make))


for _change in PAGES:
    _ask, _make = _views(_change)
    _rule = f"/links/<uuid:link_id>/{_change.word}"
    blueprint.add_url_rule(_rule, f"ask_to_{_change.word}", _ask, methods=["GET"])
    blueprint.add_url_rule(_rule, _change.word, _make, methods=["POST"])


def _own(change: LinkPage, link_id: UUID) -> LinkEntry:
    """Return the visitor's own link, as its guardian or as its patient, while the change can be made; else 404."""
    entry = guardians.one(context.db(), link_id)
    if entry is None or not change.offered(entry.link, context.now()):
        abort(404)
    link, person = entry.link, visitor()
    mine = link.user_id == person.user_id if change.by is By.GUARDIAN else link.patient_id == person.own_patient_id
    return entry if mine else abort(404)


def _form(change: LinkPage, entry: LinkEntry) -> Any:  # noqa: ANN401 - the form of the change
    if change.form is NarrowForm:
        form = NarrowForm(rights=[act.value for act in entry.link.scopes])
        form.rights.choices = [choice for choice in form.rights.choices if Act(choice.value) in entry.link.scopes]
        return form
    if change.form is RenewForm:
        return RenewForm(until=proxies.last_day(entry.patient, context.now()))
    return change.form()


def _page(change: LinkPage, entry: LinkEntry, form: TranslatedForm, *, failed: bool = False, problems: list[str] | None = None) -> str:
    name = entry.patient.name if change.by is By.GUARDIAN else entry.user.name
    return render(
        "people/change.html",
        heading=str(change.title) % {"name": name},
        lead=change.lead,
        form=form,
        action=url_for(f"people.{change.word}", link_id=entry.link.id),
        back_url=url_for("people.page"),
        failed=failed,
        problems=problems or [],
    )
