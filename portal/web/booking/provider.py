"""Step 2, speciality and provider: a GET form finds the clinicians of a speciality, a POST form chooses one."""

from datetime import date
from uuid import UUID

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import Form, RadioField, SelectField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.catalogue import Facility, Provider, Speciality
from portal.domain.guardianship import Act
from portal.domain.openings import Asked
from portal.services import drafts, openings
from portal.storage.patients import PatientFacts
from portal.web.access import for_patient
from portal.web.booking.journey import STEP, Journey, blueprint, journey, onward, step_page, writing
from portal.web.language import gettext as _
from portal.web.language import lazy
from portal.web.pages import page, wants_fragment

ANY = "any"


class SpecialityForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """A query: whose clinicians to show. It changes nothing, so it carries no token."""

    speciality = SelectField(lazy("Speciality"))


class ProviderForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """One clinician of the speciality, or any of them."""

    provider = RadioField(lazy("Clinician"), [InputRequired(lazy("Choose a clinician, or any clinician"))])


@blueprint.get(STEP + "provider")
@for_patient(Act.BOOK)
def provider(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Show the specialities, and the clinicians of the one asked for."""
    found = journey(patient, draft_id)
    speciality = _speciality(found)
    form = _form(found, speciality)
    if wants_fragment():
        answer = make_response(page("booking/_providers.html", **_values(found, speciality, form)))
        answer.headers["HX-Replace-Url"] = request.full_path
        return answer
    return step_page("booking/provider.html", found, "provider", **_values(found, speciality, form))


@blueprint.post(STEP + "provider", endpoint="choose_provider")
@for_patient(Act.BOOK)
def choose(patient: PatientFacts, draft_id: UUID) -> ResponseReturnValue:
    """Keep the speciality and the clinician."""
    found = writing(patient, draft_id)
    speciality = _speciality(found)
    if speciality is None:
        return redirect(found.url("provider"), 303)
    form = _form(found, speciality)
    if not form.validate():
        return step_page("booking/provider.html", found, "provider", failed=True, **_values(found, speciality, form)), 422
    chosen = None if form.provider.data == ANY else UUID(form.provider.data)
    drafts.choose_provider(context.db(), found.draft, speciality.id, chosen, found.catalogue)
    return onward(patient, draft_id)


def _speciality(found: Journey) -> Speciality | None:
    wanted = request.args.get("speciality") or str(found.draft.speciality_id)
    return next((one for one in found.catalogue.specialities.values() if str(one.id) == wanted), None)


def _form(found: Journey, speciality: Speciality | None) -> ProviderForm:
    chosen = found.draft.provider_id
    same = speciality is not None and speciality.id == found.draft.speciality_id
    form = ProviderForm(provider=(str(chosen) if chosen else ANY) if same else None)
    providers = found.catalogue.providers_of(speciality.id) if speciality else []
    form.provider.choices = [(ANY, _("Any clinician, earliest time")), *((str(one.id), one.name) for one in providers)]
    return form


def _values(found: Journey, speciality: Speciality | None, form: ProviderForm) -> dict[str, object]:
    providers = found.catalogue.providers_of(speciality.id) if speciality else []
    return {
        "speciality": speciality,
        "speciality_form": _speciality_form(found, speciality),
        "form": form,
        "next_days": _next_days(found, providers),
        "facilities": _facilities(found, providers),
        "action": found.url("choose_provider", **({"speciality": str(speciality.id)} if speciality else {})),
    }


def _speciality_form(found: Journey, speciality: Speciality | None) -> SpecialityForm:
    form = SpecialityForm(speciality=str(speciality.id) if speciality else "")
    form.speciality.choices = [("", _("Choose a speciality")), *((str(one.id), one.name) for one in found.catalogue.specialities.values())]
    return form


def _facilities(found: Journey, providers: list[Provider]) -> dict[str, Facility]:
    return {str(one.id): found.catalogue.facilities[one.facility_id] for one in providers}


def _next_days(found: Journey, providers: list[Provider]) -> dict[str, date | None]:
    """Return the next free day of each clinician, for their default visit, within the two weeks that one query reads."""
    options = {one.id: found.catalogue.visit_options.get(one.default_visit_option_id) for one in providers if one.default_visit_option_id}
    searched = [(one, Asked(option, context.now())) for one in providers if (option := options.get(one.id)) is not None]
    days = openings.next_open_days(context.db(), searched, found.patient.id)
    firsts = [day for day in days.values() if day is not None]
    return {ANY: min(firsts, default=None), **{str(provider_id): day for provider_id, day in days.items()}}
