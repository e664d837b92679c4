"""The JSON door: its calls by path, whatever the case, and its own answer to every error."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from portal.api import calendar, errors
from portal.api.access import BEARER, Permission
from portal.api.errors import busy, fault

__all__ = ["CALLS", "answer_error", "busy", "fault", "init_app", "is_addressed"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: its views by method, and what a caller needs."""

    permission: Permission
    views: Mapping[str, Callable[[], Response]]


_BOOK = Call(BEARER, {"POST": calendar.patient_appointment_post})
CALLS = {
    "calendar/patientappointmentpost": _BOOK,
    "calendar/patientappointmentpost_v1": _BOOK,
    "calendar/patientappointmentpost_v2": _BOOK,
}
blueprint = Blueprint("api", __name__)


class AnyCaseConverter(BaseConverter):
    """The first segment of the door's addresses, in any case, as its old clients write it."""

    regex = "[Aa][Pp][Ii]"


def init_app(app: Flask, protection: CSRFProtect) -> None:
    """Add the door. It reads no cookies, and for that reason alone needs no protection against forged forms."""
    app.url_map.converters["anycase_api"] = AnyCaseConverter
    app.register_blueprint(blueprint)
    protection.exempt(blueprint)


@blueprint.route("/<anycase_api:door>/", defaults={"rest": ""}, methods=METHODS, provide_automatic_options=False)
@blueprint.route("/<anycase_api:door>/<path:rest>", methods=METHODS, provide_automatic_options=False)
def call(door: str, rest: str) -> Response:  # noqa: ARG001 - the first segment only leads here
    """Find the call that a path names, and its view for the method; the query never matters."""
    found = CALLS.get(rest.removesuffix("/").lower())
    if found is None:
        return errors.not_found()
    view = found.views.get(request.method)
    return view() if view else errors.wrong_method(found.views)


def is_addressed() -> bool:
    """Tell whether the request is for this door."""
    return request.path.lower().startswith("/api/")


def answer_error(error: HTTPException) -> Response:
    """Answer an HTTP error in the envelope of this door."""
    return errors.from_http(error)
