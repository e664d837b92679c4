"""Two addresses for whoever watches the portal: does the process answer, does its database."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal import context
from portal.storage import version
from portal.web.access import public

blueprint = Blueprint("health", __name__)
_PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/health")
@public("a load balancer asks whether the process answers")
def alive() -> ResponseReturnValue:
    """Answer while the process does."""
    return "ok\n", 200, _PLAIN


@blueprint.get("/ready")
@public("a load balancer asks whether to send visitors here")
def ready() -> ResponseReturnValue:
    """Answer 200 when the database is there at the schema this code was written for, else 503."""
    current = version.is_current(context.db())
    return ("ready\n", 200, _PLAIN) if current else ("the database is not at this version's schema\n", 503, _PLAIN)
