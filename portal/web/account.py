"""The visitor's account: the way to each of its pages."""

from flask import Blueprint, url_for
from flask.typing import ResponseReturnValue

from portal.web.access import signed_in, visitor
from portal.web.language import lazy
from portal.web.pages import page as render

blueprint = Blueprint("account", __name__, url_prefix="/account")
# Each page by its endpoint, its name and what it is for.
SECTIONS = (
    (lazy("Program access"), lazy("Keys for programs that book for you"), "keys.page"),
    (lazy("Who has seen this"), lazy("Who has seen or changed something about you"), "seen.own"),
)
# Pages about the patient record that not everybody has.
OF_OWN_RECORD = frozenset({"seen.own"})


@blueprint.get("")
@signed_in
def page() -> ResponseReturnValue:
    """List the pages of the account."""
    shown = [section for section in SECTIONS if section[2] not in OF_OWN_RECORD or visitor().own_patient_id]
    return render("account/account.html", sections=[(name, purpose, url_for(endpoint)) for name, purpose, endpoint in shown])
