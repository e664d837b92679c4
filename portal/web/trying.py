"""Trying a password at a page: the count before it, the work itself, and what is told of it afterwards."""

from http import HTTPStatus
from uuid import UUID

from flask.typing import ResponseReturnValue

from portal import context
from portal.domain.sign_in_tries import Throttled
from portal.services import events, sign_in, sign_in_tries
from portal.services.events import Event
from portal.services.passwords import TooManySignInsError
from portal.services.sign_in import Verified
from portal.services.sign_in_tries import Claim
from portal.storage.sign_ins import Credentials
from portal.web.language import TranslatedForm, gettext, ngettext
from portal.web.pages import page as render
from portal.web.visitor import network_here


def claim(subject: str, address: str | None) -> Claim | Throttled:
    """Count a try in the transaction that has begun, and end it: with a commit, or undone when the try may not be made."""
    claimed = sign_in_tries.claim(context.db(), subject, address, context.now())
    if isinstance(claimed, Throttled):
        context.release()
        _note(Event.SIGN_IN_THROTTLED, "locked" if claimed.locked else "refused", subject)
    else:
        context.commit()
    return claimed


def verified(claimed: Claim, found: Credentials | None, password: str) -> Verified | None:
    """Return whom a password proves, outside any transaction, or None once the failure has been counted."""
    try:
        right = sign_in.verified_user(found, password)
    except TooManySignInsError:
        sign_in_tries.give_back(context.begin_write(), claimed)
        context.commit()
        raise
    if right is None:
        alarm = sign_in_tries.failed(context.begin_write(), context.now())
        context.commit()
        _note(Event.SIGN_IN_FAILED, "refused", claimed.subject, found.user_id if found else None)
        if alarm:
            events.note(Event.FAILURE_RATE, context.now(), "alarm")
    return right


def throttled(template: str, form: TranslatedForm, refused: Throttled, **values: str) -> ResponseReturnValue:
    """Answer a try that was not made: the page again, with how long to wait; it says the same to whoever it is."""
    minutes = -(-refused.seconds // 60)
    if refused.locked:
        problem = gettext("There were too many wrong passwords. Set a new password to sign in.")
    else:
        problem = ngettext(
            "There were too many tries. Wait %(num)s minute and try again.", "There were too many tries. Wait %(num)s minutes and try again.", minutes
        ) % {"num": minutes}
    return render(template, form=form, failed=True, problems=[problem], **values), HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(refused.seconds)}


def _note(event: Event, outcome: str, subject: str, actor: UUID | None = None) -> None:
    events.note(event, context.now(), outcome, actor=actor, subject=subject, address=network_here())
