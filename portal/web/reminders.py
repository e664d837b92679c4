"""When the visitor is reminded of visits by mail."""

from datetime import UTC, datetime, timedelta

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectMultipleField
from wtforms.fields import SelectChoice

from portal import context
from portal.domain.reminders import HOURS
from portal.services import reminders
from portal.storage.catalogue import current_catalogue
from portal.web.access import signed_in
from portal.web.language import TranslatedForm, lazy
from portal.web.pages import page as render
from portal.web.visitor import actor_here, begin_write, visitor

blueprint = Blueprint("reminders", __name__, url_prefix="/account/reminders")
WORDS = (lazy("1 week before"), lazy("2 days before"), lazy("1 day before"), lazy("2 hours before"))
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)


class RemindersForm(TranslatedForm):
    """At which times before a visit the visitor is reminded; all boxes may be empty."""

    hours = SelectMultipleField(
        lazy("Remind me"), coerce=int, choices=[SelectChoice(hours, words) for hours, words in zip(HOURS, WORDS, strict=True)]
    )


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """Show when the visitor is reminded, and the form to change it."""
    return _shown(RemindersForm(hours=reminders.hours(context.db(), visitor().user_id)))


@blueprint.post("")
@signed_in
def change() -> ResponseReturnValue:
    """Keep what the visitor chose."""
    form = RemindersForm()
    if not form.validate():
        return _shown(form, failed=True), 422
    begin_write()
    reminders.choose(context.db(), actor_here(), form.hours.data or (), context.now())
    context.commit()
    return redirect(url_for("reminders.page"), 303)


def _shown(form: RemindersForm, *, failed: bool = False) -> str:
    rules = current_catalogue(context.db(), visitor().account_id).account.rules
    # Times of day, which the pages show as the time of an instant.
    quiet = [_MIDNIGHT + timedelta(minutes=minute) for minute in (rules.quiet_from_minute, rules.quiet_until_minute)]
    return render("account/reminders.html", form=form, quiet=quiet if quiet[0] != quiet[1] else None, failed=failed)
