"""The visitor's account: the way to each of its pages."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.web.access import signed_in
from portal.web.language import lazy
from portal.web.pages import page as render

blueprint = Blueprint("account", __name__, url_prefix="/account")
# Each page by its endpoint, its name and what it is for.
SECTIONS = (
    (lazy("Password"), lazy("Change what you sign in with"), "sign_in_details.password"),
    (lazy("Email address"), lazy("Where we write to you, and what you sign in with"), "sign_in_details.email"),
    (lazy("Code from the practice"), lazy("Join your account to a patient record"), "invitations.page"),
    (lazy("Program access"), lazy("Keys for programs that book for you"), "keys.page"),
)


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """List the pages of the account."""
    return render("account/account.html", sections=[(name, purpose, url_for(endpoint)) for name, purpose, endpoint in SECTIONS])
