"""The visitor's account: the way to each of its pages."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.web.access import signed_in
from portal.web.language import lazy
from portal.web.pages import page as render
from portal.web.visitor import LEVEL_OF_TWO, visitor

blueprint = Blueprint("account", __name__, url_prefix="/account")
# Each page by its endpoint, its name and what it is for.
SECTIONS = (
    (lazy("Your details"), lazy("Language and time zone"), "details.page"),
    (lazy("Reminders"), lazy("When we remind you of appointments"), "reminders.page"),
    (lazy("Password"), lazy("Change what you sign in with"), "sign_in_details.password"),
    (lazy("Email address"), lazy("Where we write to you, and what you sign in with"), "sign_in_details.email"),
    (lazy("Two-step sign-in"), lazy("A code from an app or a passkey, besides your password"), "two_step.page"),
    (lazy("Where you are signed in"), lazy("Browsers that are signed in to your account"), "sessions.page"),
    (lazy("Who has seen this"), lazy("Who has seen or changed something about you"), "seen.own"),
    (lazy("What I wait for"), lazy("Times that we tell you of when they become free"), "waiting.page"),
    (lazy("Calendar"), lazy("Your appointments in the calendar of your phone or computer"), "calendars.page"),
    (lazy("Code from the practice"), lazy("Join your account to a patient record"), "invitations.page"),
    (lazy("Program access"), lazy("Keys for programs that book for you"), "keys.page"),
)
# Pages about the patient record that not everybody has.
OF_OWN_RECORD = frozenset({"seen.own"})


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """List the pages of the account."""
    shown = [section for section in SECTIONS if section[2] not in OF_OWN_RECORD or visitor().own_patient_id]
    sections = [(name, purpose, url_for(endpoint)) for name, purpose, endpoint in shown]
    return render("account/account.html", sections=sections, protect_others=visitor().has_links and visitor().level < LEVEL_OF_TWO)
