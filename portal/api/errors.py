"""The old error envelope, for every refusal under /api/."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from http import HTTPStatus

from flask import Response, g, request
from werkzeug.exceptions import HTTPException

from portal import context
from portal.api.writing import answer_media_type, write_json
from portal.domain.booking import Code, Field, Problem
from portal.domain.throttle import network
from portal.services import events
from portal.services.events import Event

DENIED = "Authorization has been denied for this request."
INVALID = "The request is invalid."
FAULT = "An error has occurred."
RETRY_SECONDS = 5
MEMBERS = {
    Field.PROVIDER: "ProviderId",
    Field.SPECIALITY: "SpecialityId",
    Field.ENCOUNTER_TYPE: "EncounterTypeId",
    Field.VISIT_OPTION: "EncounterTypeModeDurationId",
    Field.FIRST_CHOICE: "AppointmentOn",
    Field.SECOND_CHOICE: "SecondaryAppointmentOn",
    Field.REASON: "Reason",
    Field.NOTE: "Note",
    Field.REASONS: "Reasons",
    Field.SCHEDULE: "ID",
    Field.CANCEL_REASON: "CancelReason",
    Field.PATIENT: "PatientId",
}
WORDS = {
    Code.REQUIRED: "This value is needed to decide the booking.",
    Code.TOO_LONG: "This text is too long.",
    Code.UNKNOWN: "The account has no such entry.",
    Code.NOT_OFFERED: "This is not offered together with the other values.",
    Code.IN_PAST: "This time has passed.",
    Code.TOO_SOON: "This time is inside the notice period of this visit.",
    Code.TOO_FAR: "This time is beyond the horizon of this visit.",
    Code.OUTSIDE_HOURS: "The provider does not work at this time.",
    Code.SKIPPED_TIME: "The clocks of the facility skip this time.",
    Code.SAME_TIME: "The second choice must differ from the first.",
    Code.TIME_TAKEN: "This time has been taken.",
    Code.PATIENT_BUSY: "The patient has another appointment at this time.",
    Code.CANCELLED: "This appointment has been cancelled.",
    Code.DECLINED: "The practice has declined this appointment.",
    Code.BEGUN: "This appointment has begun or is over.",
    Code.TOO_LATE: "It is too late to change this appointment by a program; call the practice.",
    Code.WITHDRAWN: "The practice does not offer this visit any more; book another.",
    Code.AGE: "This visit is not for the age that the patient has on that day.",
    Code.KNOWN_ONLY: "This visit is only for patients whom the practice has seen before.",
    Code.NEW_ONLY: "This visit is only for patients whom the practice has not seen before.",
    Code.TOO_MANY: "The patient has as many coming appointments as the practice allows.",
    Code.REPEATED: "The patient has another appointment of this type close to this time; the pages ask whether to keep both or replace it.",
}


def answer(status: int, body: object, zone: str = "UTC") -> Response:
    """Return a JSON answer in the media type and charset that the caller can read; local dates are in the zone."""
    headers = request.headers
    media_type = answer_media_type(headers.get("Accept"), headers.get("Content-Type"), headers.get("Accept-Charset"))
    return Response(write_json(body, zone, media_type), status, content_type=media_type)


def message(status: int, text: str) -> Response:
    """Return an error that has only a message."""
    return answer(status, {"Message": text})


def denied(status: int = HTTPStatus.UNAUTHORIZED) -> Response:
    """Return 401 or 403: the same words whether the thing asked for exists or not."""
    response = message(status, DENIED)
    if status == HTTPStatus.FORBIDDEN:
        key, address = g.key, network(request.remote_addr or "")
        events.note(Event.ACCESS_DENIED, context.now(), "refused", actor=key.user_id or key.account_id, key=key.id, address=address)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def invalid(state: Mapping[str, list[str]]) -> Response:
    """Return 400 with what is wrong by key."""
    return answer(HTTPStatus.BAD_REQUEST, {"Message": INVALID, "ModelState": state})


def refused(problems: Iterable[Problem], alternatives: Iterable[datetime], *, taken: bool, prefix: str = "model") -> Response:
    """Return a booking refusal: 400, or 409 with the nearest open times when the time is taken."""
    found = list(problems)
    state: dict[str, list[str]] = {}
    for problem in found:
        state.setdefault(f"{prefix}.{MEMBERS[problem.field]}", []).append(WORDS[problem.code])
    if not taken:
        return invalid(state)
    additions = {"Code": found[0].code.value, "Alternatives": list(alternatives)}
    return answer(HTTPStatus.CONFLICT, {"Message": WORDS[found[0].code], "ModelState": state, **additions})


def from_http(error: HTTPException) -> Response:
    """Answer any HTTP error of this door in the envelope."""
    code = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    if code == HTTPStatus.NOT_FOUND:
        return not_found()
    response = message(code, FAULT if code >= HTTPStatus.INTERNAL_SERVER_ERROR else error.description or HTTPStatus(code).phrase)
    response.headers.extend((name, value) for name, value in error.get_headers() if name in {"Allow", "Retry-After"})
    return response


def not_found() -> Response:
    """Answer an address that names no call."""
    return message(HTTPStatus.NOT_FOUND, f"No HTTP resource was found that matches the request URI '{request.url}'.")


def wrong_method(allowed: Iterable[str]) -> Response:
    """Answer a method that the call does not have."""
    response = message(HTTPStatus.METHOD_NOT_ALLOWED, f"The requested resource does not support http method '{request.method}'.")
    response.headers["Allow"] = ", ".join(allowed)
    return response


def busy() -> Response:
    """Answer while the database is away, locked or full."""
    response = message(HTTPStatus.SERVICE_UNAVAILABLE, FAULT)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def too_many(seconds: int) -> Response:
    """Answer a program or an address that has used up its calls for now."""
    response = message(HTTPStatus.TOO_MANY_REQUESTS, f"Too many calls. Call again in {seconds} seconds.")
    response.headers["Retry-After"] = str(seconds)
    return response


def in_flight(text: str) -> Response:
    """Answer a call whose twin has not been answered yet."""
    response = answer(HTTPStatus.CONFLICT, {"Message": text, "Code": "in_flight"})
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def fault() -> Response:
    """Answer an unforeseen error; what happened goes to the log alone."""
    return message(HTTPStatus.INTERNAL_SERVER_ERROR, FAULT)
