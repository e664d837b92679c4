"""Step 2, speciality and provider: a GET form finds the clinicians of a speciality, a POST form chooses one."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from flask import make_response, redirect, request
from flask.typing import ResponseReturnValue
from wtforms import Form, RadioField, SelectField
from wtforms.validators import InputRequired

from portal import context
from portal.domain.catalogue import Facility, Provider, Speciality
from portal.domain.openings import Asked
from portal.services import drafts, openings
from portal.services.drafts import Whom
from portal.web.address import here
from portal.web.booking.journey import STEP, Journey, blueprint, onward, reading, step_page, writing
from portal.web.booking.summary import any_words
from portal.web.language import TranslatedForm, lazy
from portal.web.language import gettext as _
from portal.web.pages import page, wants_fragment

ANY = "any"
SHARED = 2


class SpecialityForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """A query: whose clinicians to show. It changes nothing, so it carries no token."""

    speciality = SelectField(lazy("Speciality"))


class ProviderForm(TranslatedForm):
    """One clinician of the speciality, or any of them."""

    provider = RadioField(lazy("Clinician"), [InputRequired(lazy("Choose a clinician, or any clinician"))])


@blueprint.get(STEP + "provider")
@reading
def provider(found: Journey) -> ResponseReturnValue:
    """Show the specialities, and the clinicians of the one asked for."""
    speciality = _speciality(found)
    form = _form(found, speciality)
    if wants_fragment():
        answer = make_response(page("booking/_providers.html", **_values(found, speciality, form)))
        answer.headers["HX-Replace-Url"] = here()
        return answer
    return step_page("booking/provider.html", found, "provider", **_values(found, speciality, form))


@blueprint.post(STEP + "provider", endpoint="choose_provider")
@writing
def choose(found: Journey) -> ResponseReturnValue:
    """Keep the speciality and the clinician."""
    speciality = _speciality(found)
    if speciality is None:
        return redirect(found.url("provider"), 303)
    form = _form(found, speciality)
    if not form.validate():
        return step_page("booking/provider.html", found, "provider", failed=True, **_values(found, speciality, form)), 422
    drafts.choose_provider(context.db(), found.draft, _whom(speciality, form.provider.data), found.catalogue, context.now())
    return onward(found)


def _speciality(found: Journey) -> Speciality | None:
    wanted = request.args.get("speciality") or str(found.draft.speciality_id)
    return next((one for one in found.catalogue.specialities.values() if str(one.id) == wanted), None)


def _form(found: Journey, speciality: Speciality | None) -> ProviderForm:
    draft = found.draft
    same = speciality is not None and speciality.id == draft.speciality_id
    form = ProviderForm(provider=(str(draft.provider_id) if draft.provider_id else _any(draft.facility_id)) if same else None)
    providers = found.catalogue.providers_of(speciality.id) if speciality else ()
    anyone = [(_any(place), _("%(anyone)s, earliest time") % {"anyone": any_words(place, found.catalogue)}) for place in _groups(providers)]
    form.provider.choices = [*anyone, *((str(one.id), one.name) for one in providers)]
    return form


def _any(facility_id: UUID | None) -> str:
    return f"{ANY}-{facility_id}" if facility_id else ANY


def _whom(speciality: Speciality, chosen: str) -> Whom:
    if chosen == ANY:
        return Whom(speciality.id, None, None)
    if chosen.startswith(ANY):
        return Whom(speciality.id, None, UUID(chosen.removeprefix(f"{ANY}-")))
    return Whom(speciality.id, UUID(chosen), None)


def _groups(providers: tuple[Provider, ...]) -> Mapping[UUID | None, Sequence[Provider]]:
    """Return the providers among whom "any" can be asked for, by facility: a day means one zone, and patients one place.

    The key is None where the speciality has one facility only, so that nothing is said about places.
    """
    places: dict[UUID | None, list[Provider]] = {}
    for one in providers:
        places.setdefault(one.facility_id, []).append(one)
    shared = {place: group for place, group in places.items() if len(group) >= SHARED}
    return {None: providers} if len(places) == 1 and shared else shared


def _values(found: Journey, speciality: Speciality | None, form: ProviderForm) -> dict[str, object]:
    providers = found.catalogue.providers_of(speciality.id) if speciality else ()
    return {
        "speciality": speciality,
        "speciality_form": _speciality_form(found, speciality),
        "form": form,
        "next_days": _next_days(found, providers),
        "facilities": _facilities(found, providers),
        "action": found.url("provider", **({"speciality": str(speciality.id)} if speciality else {})),
    }


def _speciality_form(found: Journey, speciality: Speciality | None) -> SpecialityForm:
    form = SpecialityForm(speciality=str(speciality.id) if speciality else "")
    form.speciality.choices = [("", _("Choose a speciality")), *((str(one.id), one.name) for one in found.catalogue.specialities.values())]
    return form


def _facilities(found: Journey, providers: tuple[Provider, ...]) -> dict[str, Facility]:
    return {str(one.id): found.catalogue.facilities[one.facility_id] for one in providers}


def _next_days(found: Journey, providers: tuple[Provider, ...]) -> dict[str, date | None]:
    """Return the next free day of each clinician, for their default visit, within the days that are looked ahead."""
    options = {one.id: found.catalogue.visit_options.get(one.default_visit_option_id) for one in providers if one.default_visit_option_id}
    searched = [(one, Asked(option, context.now())) for one in providers if (option := options.get(one.id)) is not None]
    days = openings.next_open_days(context.db(), searched, found.patient.id)
    earliest = {_any(place): min((day for one in group if (day := days.get(one.id))), default=None) for place, group in _groups(providers).items()}
    return {**{str(one.id): days.get(one.id) for one in providers}, **earliest}
