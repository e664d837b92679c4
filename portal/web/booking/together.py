"""What the steps of a booking ask and say beside their own when it is for several people."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.fields.core import Field
from wtforms.validators import InputRequired, StopValidation

from portal import context
from portal.domain.booking import REASON_MAX, utf16_length
from portal.domain.guardianship import Act
from portal.domain.together import Arrangement
from portal.services import groups, rules
from portal.services.group_holds import Trouble
from portal.services.groups import Visits
from portal.services.rules import Person, Wanted
from portal.storage.patients import PatientFacts
from portal.web.access import has_right
from portal.web.booking.journey import Journey
from portal.web.booking.summary import ARRANGEMENTS, option_words
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.visitor import visitor

SAME = "same"
_PLACES = ("second", "third")


class Visit(NamedTuple):
    """One person, and the visit that the form asks for."""

    person: PatientFacts
    option_id: UUID
    field: Field


class GroupVisitForm(TranslatedForm):
    """The first person's visit, those of the others, and how they lie."""

    visit_option = RadioField(lazy("Kind of visit"), [InputRequired(lazy("Choose a kind of visit"))])
    second = SelectField()
    third = SelectField()
    arrangement = RadioField(lazy("How would you like to be seen?"), [InputRequired(lazy("Choose how you would like to be seen"))])


def _short_enough(_form: TranslatedForm, field: Field) -> None:
    if utf16_length((field.data or "").replace("\r\n", "\n")) > REASON_MAX:
        raise StopValidation(_("Use 250 characters or fewer"))


class OthersReasonsForm(TranslatedForm):
    """Why each of the others comes."""

    second_reason = TextAreaField(validators=[_short_enough])
    third_reason = TextAreaField(validators=[_short_enough])


def visit_form(found: Journey) -> GroupVisitForm:
    """Return the form of the visits; the others have the first one's unless told otherwise."""
    draft = found.draft
    chosen = {place: _same(one.visit_option_id, draft.visit_option_id) for place, one in zip(_PLACES, draft.companions, strict=False)}
    form = GroupVisitForm(visit_option=str(draft.visit_option_id) if draft.visit_option_id else None, arrangement=draft.arrangement, **chosen)
    options = groups.visit_options(draft, found.catalogue)
    types = found.catalogue.encounter_types
    form.visit_option.choices = [(str(one.id), option_words(one)) for one in options]
    named = [SelectChoice(str(one.id), option_words(one), optgroup=types[one.encounter_type_id].name) for one in options]
    order = list(dict.fromkeys(one.optgroup for one in named))
    named.sort(key=lambda one: order.index(one.optgroup))
    for place, person in _others(found, form, ""):
        form[place].label.text = _("Visit for %(name)s") % {"name": person.name}
        form[place].choices = [SelectChoice(SAME, _("The same as %(name)s") % {"name": found.patient.name}), *named]
    form.arrangement.choices = [(one.value, words) for one, words in ARRANGEMENTS.items() if one is Arrangement.IN_TURN or _are_enough(found)]
    if len(form.arrangement.choices) == 1:
        form.arrangement.data = Arrangement.IN_TURN.value
        form.arrangement.validators = []
        form.arrangement.validate_choice = False
    return form


def reasons_form(found: Journey) -> OthersReasonsForm:
    """Return the form of the others' reasons."""
    said = {f"{place}_reason": one.reason or "" for place, one in zip(_PLACES, found.draft.companions, strict=False)}
    form = OthersReasonsForm(**said)
    for name, person in _others(found, form, "_reason"):
        form[name].label.text = _("Reason for %(name)s, if it is another one (optional)") % {"name": person.name}
    return form


def others_reasons(form: OthersReasonsForm) -> list[str]:
    """Return why each of the others comes, as the form says; empty for the same as the first."""
    return [(form[name].data or "").replace("\r\n", "\n").strip() for name in (f"{place}_reason" for place in _PLACES) if name in form]


def choose_visits(found: Journey, form: GroupVisitForm) -> bool:
    """Keep what the valid form asks for, or say beside its fields why it cannot be."""
    visits = _visits(found, form)
    arrangement = Arrangement(form.arrangement.data)
    for visit in visits:
        person = Person(visit.person, visitor().own_patient_id, has_right(visit.person, Act.SEE))
        wanted = Wanted(found.catalogue, found.catalogue.visit_options[visit.option_id])
        if problems := rules.problems_so_far(context.db(), person, wanted, context.now()):
            visit.field.errors = [*visit.field.errors, *(_named(visit.person.name, words_for(problem)) for problem in problems)]
    if any(visit.field.errors for visit in visits):
        return False
    wanted_visits = Visits(tuple(visit.option_id for visit in visits), arrangement)
    if groups.choose_visits(context.db(), found.draft, wanted_visits, found.catalogue, context.now()):
        return True
    form.arrangement.errors = [
        _("No one clinician offers all of these visits; choose others, or another clinician")
        if arrangement is Arrangement.IN_TURN
        else _("There are not enough clinicians for these visits at the same time; choose others, or one after another")
    ]
    return False


def told(found: Journey, troubles: Iterable[Trouble]) -> list[str]:
    """Return what stands in the way of a group, each with the name of whom it is about."""
    names = {person.id: person.name for person in found.people}
    return [_named(names.get(one.patient_id) if one.patient_id else None, words_for(one.problem)) for one in troubles]


def follows(found: Journey) -> str:
    """Return what a start means for the others."""
    first, *others = (person.given_name for person in found.people)
    if found.draft.arrangement == Arrangement.AT_ONCE:
        return _("At each of these times all of you can be seen, by different clinicians.")
    return _("These are the times at which %(first)s is seen; then follows %(others)s.") % {"first": first, "others": ", ".join(others)}


def _visits(found: Journey, form: GroupVisitForm) -> list[Visit]:
    first = UUID(form.visit_option.data)
    others = [(person, form[place]) for place, person in zip(_PLACES, found.people[1:], strict=False)]
    told = [Visit(person, first if field.data == SAME else UUID(field.data), field) for person, field in others]
    return [Visit(found.patient, first, form.visit_option), *told]


def _others(found: Journey, form: TranslatedForm, ending: str) -> list[tuple[str, PatientFacts]]:
    """Return the others with the names of their fields, and take the fields away that nobody needs."""
    others = found.people[1:]
    for place in _PLACES[len(others) :]:
        del form[place + ending]
    return [(place + ending, person) for place, person in zip(_PLACES, others, strict=False)]


def _are_enough(found: Journey) -> bool:
    return len(groups.providers_of(found.draft, found.catalogue)) >= len(found.people)


def _same(option_id: UUID | None, first: UUID | None) -> str:
    return SAME if option_id in {None, first} else str(option_id)


def _named(name: str | None, text: str) -> str:
    return _("%(name)s: %(text)s") % {"name": name, "text": text} if name else text
