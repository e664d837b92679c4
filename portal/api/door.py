"""The JSON door: its calls by path, whatever the case, and its own answer to every error."""

from functools import cache
from http import HTTPStatus

from flask import Blueprint, Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from portal.api import calendar, errors, openapi
from portal.api.call import BEARER, Call, Method, Permission
from portal.api.errors import busy, fault
from portal.api.model import APPOINTMENT

__all__ = ["CALLS", "answer_error", "busy", "fault", "init_app", "is_addressed"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


CALLS = (
    Call(
        "Calendar/PatientAppointmentPost",
        BEARER,
        {"POST": Method(calendar.patient_appointment_post, "Patient Book Appointment", "Schedule", body=APPOINTMENT)},
        aliases=("Calendar/PatientAppointmentPost_v1", "Calendar/PatientAppointmentPost_v2"),
    ),
)


@cache
def _document() -> openapi.Json:
    return openapi.document(CALLS)


def _described() -> Response:
    return errors.answer(HTTPStatus.OK, _document())


DESCRIPTION = Call(
    "openapi.json",
    Permission("public", "programs read what the calls are before they have a key"),
    {"GET": Method(_described, "Describe these calls to programs", "OpenAPI document")},
)
_BY_PATH = {path.lower(): call for call in (*CALLS, DESCRIPTION) for path in (call.path, *call.aliases)}
blueprint = Blueprint("api", __name__)


class AnyCaseConverter(BaseConverter):
    """The first segment of the door's addresses, in any case, as its old clients write it."""

    regex = "[Aa][Pp][Ii]"


def init_app(app: Flask, protection: CSRFProtect) -> None:
    """Add the door. It reads no cookies, and for that reason alone needs no protection against forged forms."""
    app.url_map.converters["anycase_api"] = AnyCaseConverter
    app.register_blueprint(blueprint)
    protection.exempt(blueprint)


@blueprint.route("/<anycase_api:door>/", defaults={"rest": ""}, methods=METHODS, strict_slashes=False, provide_automatic_options=False)
@blueprint.route("/<anycase_api:door>/<path:rest>", methods=METHODS, provide_automatic_options=False)
def call(door: str, rest: str) -> Response:  # noqa: ARG001 - the first segment only leads here
    """Find the call that a path names, slashes and blanks behind it aside, and its view for the method; the query never matters."""
    found = _BY_PATH.get(rest.rstrip("/ ").lower())
    if found is None:
        return errors.not_found()
    method = found.methods.get(request.method)
    return method.view() if method else errors.wrong_method(found.methods)


def is_addressed() -> bool:
    """Tell whether the request is for this door."""
    return f"{request.path.lower()}/".startswith("/api/")


def answer_error(error: HTTPException) -> Response:
    """Answer an HTTP error in the envelope of this door."""
    return errors.from_http(error)
