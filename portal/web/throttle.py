"""Keeping people to their limits: what one of them writes is counted in the transaction that writes it."""

from flask import abort, make_response

from portal import context
from portal.domain.throttle import Limit, seconds_left
from portal.services import throttle
from portal.web.errors import too_many
from portal.web.visitor import visitor


def count(what: str, limit: Limit) -> None:
    """Count one more of what the visitor writes, or answer 429: then nothing is written. What is refused for another reason leaves no count."""
    drawn = throttle.draw(context.db(), f"{what}:{visitor().user_id}", limit, context.now())
    if not drawn.calls:
        wait = seconds_left(drawn.ends_at, context.now())
        context.release()
        abort(make_response(too_many(wait)))
