"""Links, scopes and refusals in the words of the pages."""

from portal.domain.guardianship import Act, Basis, LinkState
from portal.domain.links import CONSENT_MONTHS, OPEN_REQUESTS_MAX, LinkCode
from portal.web.language import gettext as _
from portal.web.language import lazy, mark

RIGHTS = {
    Act.SEE: lazy("see appointments"),
    Act.BOOK: lazy("book and move appointments"),
    Act.CANCEL: lazy("cancel appointments"),
    Act.SEE_REASON: lazy("read reasons and notes"),
    Act.DOCUMENTS: lazy("see documents"),
}
STATES = {
    LinkState.REQUESTED: lazy("Waiting"),
    LinkState.ACTIVE: lazy("Active"),
    LinkState.SUSPENDED: lazy("Suspended"),
    LinkState.ENDED: lazy("Ended"),
    LinkState.REFUSED: lazy("Refused"),
}
BASES = {
    Basis.PARENT: lazy("Parent"),
    Basis.LEGAL_GUARDIAN: lazy("Legal guardian"),
    Basis.COURT: lazy("By a court's order"),
    Basis.CONSENT: lazy("With the person's consent"),
}
# Reasons that the portal gives by itself; people's own stay as they were written.
_OURS = (
    mark("The patient is of the age at which the rights of guardians end"),
    mark("The agreed time is over"),
    mark("The young person agrees"),
    mark("The young person does not agree any more"),
    mark("The patient allows less"),
    mark("The patient renews it"),
    mark("Offered by the patient and accepted"),
)
_CODES = {
    LinkCode.NOT_ALLOWED: lazy("This cannot be changed here any more; call us"),
    LinkCode.REASON_REQUIRED: lazy("Say in a few words why"),
    LinkCode.REASON_TOO_LONG: lazy("Use 250 characters or fewer"),
    LinkCode.BIRTHDAY_UNKNOWN: lazy("We do not know your date of birth; call us"),
    LinkCode.TOO_YOUNG: lazy("Only people of 18 or older can act for others"),
    LinkCode.OWN_RECORD: lazy("You act for yourself already; name another person"),
    LinkCode.OTHER_PRACTICE: lazy("This is not possible between two clinics"),
    LinkCode.LIVING: lazy("This person acts for the patient already, or waits to"),
    LinkCode.PATIENT_TOO_YOUNG: lazy("Only an adult can let another person act for them; call us"),
    LinkCode.PATIENT_TOO_OLD: lazy("This person is an adult and has to ask you themselves"),
    LinkCode.NO_SCOPES: lazy("Choose what the person may do"),
    LinkCode.CANNOT_SEE: lazy("Choose what the person may do"),
    LinkCode.WIDER: lazy("You can only take rights away here; to give more, invite the person again"),
    LinkCode.NO_END: lazy("Enter a date"),
    LinkCode.ENDS_BEFORE: lazy("Enter a date that is still to come"),
    LinkCode.NOT_ASKED: lazy("There is nothing to agree to at this time"),
}


def words_for(code: LinkCode) -> str:
    """Return why not, as a sentence."""
    if code is LinkCode.TOO_LONG:
        return _("Enter a date no more than %(number)s months ahead") % {"number": CONSENT_MONTHS}
    if code is LinkCode.TOO_MANY:
        return _("You have %(number)s requests that wait. Wait for an answer first.") % {"number": OPEN_REQUESTS_MAX}
    return str(_CODES[code])


def reason_words(reason: str) -> str:
    """Return the reason of a change; what the portal gave as one is translated."""
    return _(reason) if reason in _OURS else reason
