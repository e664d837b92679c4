"""The Idempotency-Key header: a program that sends a call again under the same key gets the same answer, and nothing happens twice.

Only what was done is kept. A refusal changed nothing, so the same call under the same key may be tried again.
"""

from http import HTTPStatus

from flask import Response, abort, g, request

from portal import context
from portal.api import asked, errors
from portal.domain.repeats import KEY_LENGTH_MAX, is_well_formed
from portal.services import repeats
from portal.services.repeats import Changed, InFlight, Marked
from portal.storage import patients
from portal.storage.repeats import Answer
from portal.storage.sign_ins import KeyFacts

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
MALFORMED = f"The {HEADER} header must be 1 to {KEY_LENGTH_MAX} printable ASCII characters."
CHANGED = f"This {HEADER} was used with another request."
IN_FLIGHT = f"The first request with this {HEADER} is still under way."


def known(key: KeyFacts) -> Response | None:
    """Return the answer of a call that was made before, if this is one; answer 400 or 422 for a key that cannot be meant."""
    wanted = request.headers.get(HEADER)
    if wanted is None or request.method != "POST":
        return None
    if not is_well_formed(wanted):
        abort(errors.message(HTTPStatus.BAD_REQUEST, MALFORMED))
    g.marked = repeats.marked(key.user_id or key.account_id, wanted, g.call, asked.sent())
    return _answer(key, repeats.find(context.db(), g.marked, context.now()))


def claim(key: KeyFacts) -> Response | None:
    """Take the request's key for the transaction that has just begun, or return what it was answered in that moment."""
    marked = _marked()
    return None if marked is None else _answer(key, repeats.claim(context.db(), marked, context.now()))


def keep(answer: Response) -> None:
    """Keep the answer, to be committed with what it tells."""
    marked = _marked()
    if marked is not None:
        repeats.keep(context.db(), marked, Answer(answer.status_code, answer.content_type, answer.get_data()))


def _answer(key: KeyFacts, found: Answer | Changed | InFlight | None) -> Response | None:
    if found is None:
        return None
    if isinstance(found, Answer) and key.user_id is not None and patients.actor(context.db(), key.user_id) is None:
        abort(errors.denied(HTTPStatus.FORBIDDEN))
    return _response(found)


def _response(found: Answer | Changed | InFlight) -> Response:
    if isinstance(found, Changed):
        return errors.message(HTTPStatus.UNPROCESSABLE_ENTITY, CHANGED)
    if isinstance(found, InFlight):
        return errors.in_flight(IN_FLIGHT)
    response = Response(found.body, found.status, content_type=found.media_type)
    response.headers[REPLAYED] = "true"
    return response


def _marked() -> Marked | None:
    marked: Marked | None = g.get("marked")
    return marked
