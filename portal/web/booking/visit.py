"""Step 3, kind of visit: encounter type, mode and length in one list."""

from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired

from portal import context
from portal.domain.catalogue import EncounterType, VisitOption
from portal.services import drafts
from portal.web.booking.journey import STEP, Journey, blueprint, onward, reading, require, step_page, writing
from portal.web.booking.summary import option_words
from portal.web.language import TranslatedForm, lazy


class VisitForm(TranslatedForm):
    """One way to have one kind of visit."""

    visit_option = RadioField(lazy("Kind of visit"), [InputRequired(lazy("Choose a kind of visit"))])


@blueprint.get(STEP + "visit")
@reading
def visit(found: Journey) -> ResponseReturnValue:
    """Show the kinds of visit that the draft's clinicians offer."""
    require(found, "visit")
    form = _form(found)
    return step_page("booking/visit.html", found, "visit", form=form, groups=_groups(found, form), action=found.url("visit"))


@blueprint.post(STEP + "visit", endpoint="choose_visit")
@writing
def choose(found: Journey) -> ResponseReturnValue:
    """Keep the kind of visit."""
    require(found, "visit")
    form = _form(found)
    if not form.validate():
        groups = _groups(found, form)
        return step_page("booking/visit.html", found, "visit", form=form, groups=groups, action=found.url("visit"), failed=True), 422
    drafts.choose_visit(context.db(), found.draft, UUID(form.visit_option.data), found.catalogue)
    return onward(found)


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
