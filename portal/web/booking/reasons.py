"""Step 4, reasons: coded ones, the patient's own words, and a note for the provider."""

from uuid import UUID

from flask.typing import ResponseReturnValue
from wtforms import BooleanField, SelectMultipleField, TextAreaField
from wtforms.fields.core import Field
from wtforms.validators import StopValidation

from portal import context
from portal.domain.booking import NOTE_MAX, REASON_MAX, text_problems
from portal.services import drafts, groups
from portal.services.drafts import Why
from portal.web.booking.journey import STEP, Journey, blueprint, onward, reading, require, step_page, writing
from portal.web.booking.together import OthersReasonsForm, others_reasons, reasons_form
from portal.web.booking.words import words_for
from portal.web.language import TranslatedForm, lazy, switched_language


def _within_limits(form: TranslatedForm, field: Field) -> None:
    """Ask the domain's own rule, so that the form cannot drift from it; a reason that is ticked need not be said in words too."""
    said = _plain(form.reason.data) if form.reason.data.strip() or not form.reasons.data else form.reasons.data[0]
    for problem in text_problems(said, _plain(form.note.data)):
        if problem.field.value == field.name:
            raise StopValidation(words_for(problem))


class ReasonsForm(TranslatedForm):
    """Why the patient comes."""

    reasons = SelectMultipleField(lazy("Reasons"), validate_choice=True)
    reason = TextAreaField(lazy("In your own words"), [_within_limits])
    note = TextAreaField(lazy("Anything else for the clinician (optional)"), [_within_limits])
    private = BooleanField(lazy("Keep this visit private from people who act for me"))


@blueprint.get(STEP + "reasons")
@reading
def reasons(found: Journey) -> ResponseReturnValue:
    """Ask for the reasons."""
    require(found, "reasons")
    return _page(found, _form(found), _others(found))


@blueprint.post(STEP + "reasons", endpoint="say_why")
@writing
def say_why(found: Journey) -> ResponseReturnValue:
    """Keep the reasons; the button that changes the language comes here too, so that nothing typed is lost."""
    if switched_language():
        return _page(found, _form(found), _others(found))
    require(found, "reasons")
    form, others = _form(found), _others(found)
    if not all([form.validate(), others is None or others.validate()]):
        return _page(found, form, others, failed=True), 422
    chosen = tuple(UUID(reason) for reason in form.reasons.data or [])
    private = "private" in form and form.private.data
    drafts.say_why(context.db(), found.draft, Why(chosen, _plain(form.reason.data), _plain(form.note.data) or None, private))
    if others is not None:
        groups.say_why(context.db(), found.draft, others_reasons(others))
    return onward(found)


def _others(found: Journey) -> OthersReasonsForm | None:
    return reasons_form(found) if found.draft.arrangement else None


def _form(found: Journey) -> ReasonsForm:
    draft = found.draft
    said = {"reason": draft.reason or "", "note": draft.note or "", "private": draft.private}
    form = ReasonsForm(reasons=[str(reason) for reason in draft.reason_ids], **said)
    form.reasons.choices = [(str(one.id), one.name) for one in found.catalogue.reasons.values()]
    if draft.arrangement or not (found.for_self and drafts.offers_privacy(context.db(), found.patient, context.now())):
        del form.private
    return form


def _plain(text: str | None) -> str:
    """Return typed text with one character for each line break: browsers send two, and count one against the limit."""
    return (text or "").replace("\r\n", "\n")


def _page(found: Journey, form: ReasonsForm, others: OthersReasonsForm | None, *, failed: bool = False) -> str:
    limits = {"reason_max": REASON_MAX, "note_max": NOTE_MAX, "others": others}
    return step_page("booking/reasons.html", found, "reasons", form=form, failed=failed, action=found.url("reasons"), **limits)
