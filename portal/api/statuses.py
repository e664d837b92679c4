"""Which statuses a call can answer, and what each means there."""

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus

from portal.api.call import Call, Method

CHOICE = "AppointmentOn"
_UNDER_WAY = "another call with the same Idempotency-Key is still under way"


@dataclass(frozen=True, slots=True)
class Status:
    """A status, what it means, and the name of the body that comes with it."""

    code: HTTPStatus
    meaning: str
    body: str


def takes_a_time(method: Method) -> bool:
    """Tell whether a method asks for a time that somebody else may have taken."""
    return method.body is not None and method.body.find(CHOICE) is not None


def statuses(call: Call, method: Method) -> Iterator[Status]:
    """Give the statuses in rising order."""
    yield Status(HTTPStatus.OK, "Done.", method.answers)
    yield Status(HTTPStatus.BAD_REQUEST, "A value is missing, cannot be read, or is refused by a rule.", "InvalidRequest")
    if call.permission.needs_key:
        yield Status(HTTPStatus.UNAUTHORIZED, "There is no key, or it is unknown, expired or revoked.", "Refusal")
        yield Status(HTTPStatus.FORBIDDEN, "The user, the patient or the account is not the caller's, whether it exists or not.", "Refusal")
    yield Status(HTTPStatus.NOT_FOUND, "Nothing is there.", "Refusal")
    if takes_a_time(method):
        yield Status(HTTPStatus.CONFLICT, f"The time is taken, or {_UNDER_WAY}.", "TakenTime")
    elif method.body is not None:
        yield Status(HTTPStatus.CONFLICT, f"{_UNDER_WAY.capitalize()}.", "Refusal")
    if method.body is not None:
        yield Status(HTTPStatus.LENGTH_REQUIRED, "The body has neither a Content-Length nor chunks.", "Refusal")
        yield Status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.", "Refusal")
        yield Status(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "The body is neither JSON nor a form.", "Refusal")
    if method.body is not None:
        yield Status(HTTPStatus.UNPROCESSABLE_ENTITY, "The Idempotency-Key came with another body before.", "Refusal")
    if call.permission.needs_key:
        yield Status(HTTPStatus.TOO_MANY_REQUESTS, "Too many calls; Retry-After says how many seconds to wait.", "Refusal")
    yield Status(HTTPStatus.SERVICE_UNAVAILABLE, "Too busy just now; Retry-After says how many seconds to wait.", "Refusal")
