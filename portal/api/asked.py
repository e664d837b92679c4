"""Reading what a request asks, by a model: its body, or its query."""

from http import HTTPStatus
from typing import Any

from flask import abort, g, request

from portal.api import errors
from portal.api.binding import UnsupportedMediaType, bind_model
from portal.api.media_type import FORM_TYPE
from portal.api.model import Model


def body(model: Model) -> dict[str, Any]:
    """Return the members of the body by wire name, or answer 400, 411, 413 or 415."""
    try:
        members, state = bind_model(model, sent(), request.headers.get("Content-Type"))
    except UnsupportedMediaType as error:
        abort(errors.message(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, str(error)))
    return members if members is not None else abort(errors.invalid(state))


def query(model: Model) -> dict[str, Any]:
    """Return the members of the query by wire name, read as a form is, or answer 400."""
    if not request.query_string and not any(member.required for member in model.members):
        return model.defaults()
    members, state = bind_model(model, request.query_string, FORM_TYPE, "query")
    return members if members is not None else abort(errors.invalid(state))


def sent() -> bytes:
    """Return the body as it was sent, or answer 400, 411 or 413; it is read once, however often it is asked for."""
    if "sent" not in g:
        g.sent = _read()
    kept: bytes = g.sent
    return kept


def _read() -> bytes:
    if request.content_length is None and "chunked" not in request.headers.get("Transfer-Encoding", "").lower():
        abort(errors.message(HTTPStatus.LENGTH_REQUIRED, "A body without Content-Length is not accepted."))
    sent = request.get_data(cache=False)
    if request.content_length is not None and len(sent) != request.content_length:
        abort(errors.message(HTTPStatus.BAD_REQUEST, errors.FAULT))
    if request.content_length is None and len(sent) == request.max_content_length:
        # a body in chunks has no length to judge by, and Werkzeug cuts it off at the limit without a word
        abort(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return sent
