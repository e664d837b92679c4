"""Step 3, kind of visit: encounter type, mode and length in one list."""

from uuid import UUID

from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired

from portal import context
from portal.domain.catalogue import EncounterType, VisitOption
from portal.domain.guardianship import Act
from portal.services import drafts
from portal.storage.patients import PatientFacts
from portal.web.access import for_patient
from portal.web.booking.journey import STEP, Journey, blueprint, journey, onward, require, step_page, writing
from portal.web.booking.summary import option_words
from portal.web.language import lazy


class VisitForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """One way to have one kind of visit."""

    visit_option = RadioField(lazy("Kind of visit"), [InputRequired(lazy("Choose a kind of visit"))])


@blueprint.get(STEP + "visit")
@for_patient(Act.BOOK)
def visit(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Show the kinds of visit that the draft's clinicians offer."""
    found = journey(patient, draft_id)
    require(found, "visit")
    form = _form(found)
    return step_page("booking/visit.html", found, "visit", form=form, groups=_groups(found, form), action=found.url("visit"))


@blueprint.post(STEP + "visit", endpoint="choose_visit")
@for_patient(Act.BOOK)
def choose(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Keep the kind of visit."""
    found = writing(patient, draft_id)
    require(found, "visit")
    form = _form(found)
    if not form.validate():
        groups = _groups(found, form)
        return step_page("booking/visit.html", found, "visit", form=form, groups=groups, action=found.url("visit"), failed=True), 422
    drafts.choose_visit(context.db(), found.draft, UUID(form.visit_option.data), found.catalogue)
    return onward(patient, draft_id)


def _form(found: Journey) -> VisitForm:
    form = VisitForm(visit_option=str(found.draft.visit_option_id) if found.draft.visit_option_id else None)
    form.visit_option.choices = [(str(one.id), option_words(one)) for one in drafts.visit_options(found.draft, found.catalogue)]
    return form


def _groups(found: Journey, form: VisitForm) -> list[tuple[EncounterType, list[tuple[VisitOption, Field]]]]:
    groups: dict[UUID, list[tuple[VisitOption, Field]]] = {}
    for subfield in form.visit_option:
        option = found.catalogue.visit_options[UUID(subfield.data)]
        groups.setdefault(option.encounter_type_id, []).append((option, subfield))
    return [(found.catalogue.encounter_types[type_id], options) for type_id, options in groups.items()]
