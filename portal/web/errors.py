"""Error pages of the HTML door. They cannot fail: no query, no signed-in user."""

from dataclasses import dataclass
from http import HTTPStatus
from uuid import UUID

from flask import g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from portal import context
from portal.domain.throttle import network
from portal.services import events
from portal.services.events import Event
from portal.storage.sign_ins import SignedIn
from portal.web import brand
from portal.web.language import lazy
from portal.web.rendering import rendered

RETRY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class _Words:
    heading: object
    advice: object


_FORM_EXPIRED = _Words(lazy("This form has expired"), lazy("Go back, reload the page and try again. Nothing was booked or changed."))
_FAULT = _Words(lazy("Something went wrong on our side"), lazy("Nothing was booked or changed by this step. Try again in a few minutes, or call us."))
_WORDS = {
    400: _Words(lazy("We could not read that request"), lazy("Go back and try again. Nothing was booked or changed.")),
    403: _Words(lazy("You cannot see this page"), lazy("Ask the person who gave you the address, or call us.")),
    404: _Words(lazy("Page not found"), lazy("Check the address, or go to your appointments.")),
    405: _Words(lazy("That does not work here"), lazy("Go to your appointments and start from there.")),
    413: _Words(lazy("That was too much to send"), lazy("Shorten what you wrote and try again. Nothing was booked or changed.")),
    429: _Words(lazy("Too many tries"), lazy("Wait a few minutes and try again.")),
    503: _Words(lazy("We are very busy just now"), lazy("Nothing was booked or changed by this step. Try again in a few seconds.")),
}


def answer(error: HTTPException) -> ResponseReturnValue:
    """Answer an HTTP error with a page that says what to do next."""
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code == HTTPStatus.NOT_FOUND and g.get("signed_in") is not None and request.endpoint:
        _note_denied(g.signed_in, request.endpoint)
    words = _FORM_EXPIRED if isinstance(error, CSRFError) else _WORDS.get(code, _FAULT if code >= HTTPStatus.INTERNAL_SERVER_ERROR else _WORDS[400])
    headers = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return _page(code, words), code, headers


def _note_denied(signed_in: SignedIn, endpoint: str) -> None:
    """Tell the log who asked for what is not theirs, or not there: the answer does not say which."""
    ids = " ".join(str(value) for value in (request.view_args or {}).values() if isinstance(value, UUID))
    address = network(request.remote_addr or "")
    events.note(Event.ACCESS_DENIED, context.now(), "refused", actor=signed_in.user_id, object=ids, endpoint=endpoint, address=address)


def fault() -> ResponseReturnValue:
    """Answer an unforeseen error."""
    return _page(HTTPStatus.INTERNAL_SERVER_ERROR, _FAULT), HTTPStatus.INTERNAL_SERVER_ERROR


def busy() -> ResponseReturnValue:
    """Answer while the database is away, locked or full."""
    return _page(HTTPStatus.SERVICE_UNAVAILABLE, _WORDS[503]), HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_SECONDS)}


def too_many(seconds: int) -> ResponseReturnValue:
    """Answer somebody who has tried too often; the header says when to try again."""
    return _page(HTTPStatus.TOO_MANY_REQUESTS, _WORDS[429]), HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(seconds)}


def _page(code: int, words: _Words) -> str:
    shown = {"code": int(code), "heading": str(words.heading), "advice": str(words.advice)}
    bare = {"signed_in": False, "journey": False, "acting_for": None, "switch_url": None, "sign_out_at": None, "failed": False}
    return rendered("errors/error.html", {"brand": brand.last_known(), **shown, **bare})
