"""The visitor's own details: their name, the language they read, the time zone they live in, and once their birthday."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.fields import SelectChoice

from portal import context
from portal.services import details
from portal.web import person_fields
from portal.web.access import signed_in
from portal.web.display import locale, zone
from portal.web.language import LANGUAGES, TranslatedForm, gettext, lazy
from portal.web.pages import page as render
from portal.web.visitor import actor_here, begin_write, visitor

blueprint = Blueprint("details", __name__, url_prefix="/account/details")
TIME_ZONES = (
    *("Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Phoenix", "America/Denver", "America/Chicago", "America/New_York"),
    *("America/Halifax", "America/Puerto_Rico", "America/Sao_Paulo", "Europe/London", "Europe/Dublin", "Europe/Paris", "Europe/Athens"),
    *("Asia/Dubai", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney"),
)


class DetailsForm(TranslatedForm):
    """What the visitor may change; who has no patient record has no time zone, but may state a birthday.

    `reads` is not called what the button for the language is.
    """

    reads = SelectField(lazy("Language"), choices=[SelectChoice(code, name) for code, name in LANGUAGES.items()])
    time_zone = SelectField(lazy("Time zone"))
    birth_month = person_fields.box(lazy("Month"))
    birth_day = person_fields.box(lazy("Day"))
    birth_year = person_fields.box(lazy("Year"))


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show the visitor's details, and the form to change them."""
    return _shown(_form())


@blueprint.post("")
@signed_in
def change() -> ResponseReturnValue:
    """Keep what the visitor changed."""
    form = _form()
    valid, stated = form.validate(), _is_birthday_stated(form)
    born_on = person_fields.birth_date(form, context.now().date()) if stated else None
    if not valid or (stated and born_on is None):
        return _shown(form, failed=True), 422
    begin_write()
    actor, now = actor_here(), context.now()
    details.change_language(context.db(), actor, form.reads.data, now)
    if "time_zone" in form:
        details.change_time_zone(context.db(), actor, form.time_zone.data or None, now)
    if born_on is not None:
        details.state_birthday(context.db(), actor, born_on)
    context.commit()
    return redirect(url_for("details.page"), 303)


def _form() -> DetailsForm:
    own = visitor().own_patient_id
    current = details.time_zone(context.db(), own) if own is not None else None
    form = DetailsForm(reads=visitor().language, time_zone=current or "")
    if not details.is_birthday_unknown(context.db(), actor_here()):
        del form.birth_month, form.birth_day, form.birth_year
    if own is None:
        del form.time_zone
        return form
    named = sorted({*TIME_ZONES, *([current] if current else [])}, key=lambda name: zone(name, locale()))
    form.time_zone.choices = [SelectChoice("", gettext("The same as the practice")), *(SelectChoice(name, _words(name)) for name in named)]
    return form


def _is_birthday_stated(form: DetailsForm) -> bool:
    return "birth_month" in form and any(form[f"birth_{part}"].data for part in ("month", "day", "year"))


def _words(name: str) -> str:
    return f"{zone(name, locale())} ({name.rpartition('/')[2].replace('_', ' ')})"


def _shown(form: DetailsForm, *, failed: bool = False) -> str:
    return render("account/details.html", form=form, name=visitor().name, failed=failed)
