"""Step 1, who it is for: skipped when there is only one person."""

from uuid import UUID

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectMultipleField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.guardianship import Act
from portal.domain.throttle import BEGUN_BY_USER
from portal.domain.together import MEMBERS_MAX
from portal.services import drafts, groups
from portal.storage.patients import PatientFacts
from portal.web.access import for_somebody
from portal.web.booking.journey import blueprint
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page
from portal.web.throttle import count
from portal.web.visitor import actor_here, begin_write, visitor


class WhoForm(TranslatedForm):
    """One of the people whom the visitor may book for, and others of them who are to be seen then too."""

    patient = RadioField(lazy("Who is the appointment for?"), [InputRequired(lazy("Choose who the appointment is for"))])
    others = SelectMultipleField(lazy("Book for others at the same visit? (optional)"))


@blueprint.get("", endpoint="who")
@for_somebody(Act.BOOK)
def who(people: list[PatientFacts]) -> ResponseReturnValue:
    """Ask who it is for; with one person only there is nothing to ask."""
    form = _form(people)
    return page("booking/who.html", form=form, journey=True, back_url=url_for("appointments.coming"), action=url_for("booking.start"))


@blueprint.post("", endpoint="start")
@for_somebody(Act.BOOK)
def start(people: list[PatientFacts]) -> ResponseReturnValue:
    """Begin a draft for the person chosen."""
    form = _form(people)
    if not _is_valid(form):
        back = url_for("appointments.coming")
        return page("booking/who.html", form=form, journey=True, back_url=back, action=url_for("booking.start"), failed=True), 422
    begin_write()
    count("begun", BEGUN_BY_USER)
    patient_id = UUID(form.patient.data)
    others = _others(form)
    if others:
        draft_id = groups.start(context.db(), actor_here(), [patient_id, *map(UUID, others)], context.now())
    else:
        draft_id = drafts.start(context.db(), actor_here(), patient_id, context.now())
    if draft_id is None:
        abort(404)
    context.commit()
    return redirect(url_for("booking.provider", patient_id=patient_id, draft_id=draft_id), 303)


def _form(people: list[PatientFacts]) -> WhoForm:
    own = visitor().own_patient_id
    form = WhoForm(patient=str(people[0].id) if len(people) == 1 else None)
    form.patient.choices = [(str(person.id), _("Me, %(name)s") % {"name": person.name} if person.id == own else person.name) for person in people]
    form.others.choices = form.patient.choices
    if len(people) == 1:
        del form.others
    return form


def _is_valid(form: WhoForm) -> bool:
    if not form.validate():
        return False
    if len(_others(form)) < MEMBERS_MAX:
        return True
    form.others.errors = [_("Choose no more than %(number)s people in all") % {"number": MEMBERS_MAX}]
    return False


def _others(form: WhoForm) -> list[str]:
    """Return who comes along; whoever is chosen first may be ticked too."""
    return [one for one in dict.fromkeys(form.others.data) if one != form.patient.data] if "others" in form else []
