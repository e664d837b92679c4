"""What the pages about people share: their blueprint, and what they do once something was changed."""

from uuid import UUID

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from portal import context
from portal.services import events
from portal.services.events import Event
from portal.web.visitor import actor_here

blueprint = Blueprint("people", __name__, url_prefix="/people")


def done(outcome: str, link_id: UUID | None = None, patient_id: UUID | None = None) -> Response:
    """Note in the log what was committed, and lead to the people."""
    actor = actor_here()
    told = {"actor": actor.user_id, "subject": patient_id, "object": link_id, "address": actor.origin.address}
    events.note(Event.LINK_CHANGED, context.now(), outcome, **told)
    return redirect(url_for("people.page"), 303)
