"""Step 3, kind of visit: encounter type, mode and length in one list."""

from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.core import Field
from wtforms.validators import InputRequired

from portal import context
from portal.domain.catalogue import EncounterType, VisitOption
from portal.domain.guardianship import Act
from portal.services import drafts, groups, rules
from portal.services.rules import Person, Wanted
from portal.web.access import has_right
from portal.web.booking import together
from portal.web.booking.journey import STEP, Journey, blueprint, onward, reading, require, step_page, writing
from portal.web.booking.summary import option_words
from portal.web.booking.together import GroupVisitForm
from portal.web.booking.words import only_for, words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.visitor import visitor


class VisitForm(TranslatedForm):
    """One way to have one kind of visit."""

    visit_option = RadioField(lazy("Kind of visit"), [InputRequired(lazy("Choose a kind of visit"))])


@blueprint.get(STEP + "visit")
@reading
def visit(found: Journey) -> ResponseReturnValue:
    """Show the kinds of visit that the draft's clinicians offer."""
    require(found, "visit")
    return _page(found, _form(found))


@blueprint.post(STEP + "visit", endpoint="choose_visit")
@writing
def choose(found: Journey) -> ResponseReturnValue:
    """Keep the kind of visit."""
    require(found, "visit")
    form = _form(found)
    if not form.validate():
        return _page(found, form, failed=True), 422
    if isinstance(form, GroupVisitForm):
        return onward(found) if together.choose_visits(found, form) else (_page(found, form, failed=True), 422)
    wanted = Wanted(found.catalogue, found.catalogue.visit_options[UUID(form.visit_option.data)])
    if problems := rules.problems_so_far(context.db(), _person(found), wanted, context.now()):
        form.visit_option.errors = [words_for(problem) for problem in problems]
        return _page(found, form, failed=True), 422
    drafts.choose_visit(context.db(), found.draft, UUID(form.visit_option.data), found.catalogue, context.now())
    return onward(found)


def _page(found: Journey, form: VisitForm | GroupVisitForm, *, failed: bool = False) -> str:
    options = _options(found)
    why = rules.unsuited(context.db(), _person(found), options, context.now())
    hints = {str(option.id): only_for(option.rules, why[option.id]) for option in options if option.id in why}
    shown = {"form": form, "groups": _groups(found, form), "hints": hints, "first_name": found.patient.name if found.draft.arrangement else None}
    return step_page("booking/visit.html", found, "visit", **shown, action=found.url("visit"), failed=failed)


def _person(found: Journey) -> Person:
    return Person(found.patient, visitor().own_patient_id, has_right(found.patient, Act.SEE))


def _options(found: Journey) -> list[VisitOption]:
    wanted = groups.visit_options if found.draft.arrangement else drafts.visit_options
    return wanted(found.draft, found.catalogue)


def _form(found: Journey) -> VisitForm | GroupVisitForm:
    if found.draft.arrangement:
        return together.visit_form(found)
    form = VisitForm(visit_option=str(found.draft.visit_option_id) if found.draft.visit_option_id else None)
    form.visit_option.choices = [(str(one.id), option_words(one)) for one in _options(found)]
    return form


def _groups(found: Journey, form: VisitForm | GroupVisitForm) -> list[tuple[EncounterType, list[tuple[VisitOption, Field]]]]:
    by_type: dict[UUID, list[tuple[VisitOption, Field]]] = {}
    for subfield in form.visit_option:
        option = found.catalogue.visit_options[UUID(subfield.data)]
        by_type.setdefault(option.encounter_type_id, []).append((option, subfield))
    return [(found.catalogue.encounter_types[type_id], options) for type_id, options in by_type.items()]
