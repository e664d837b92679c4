"""The JSON door: its calls by path, whatever the case, and its own answer to every error."""

from functools import cache
from http import HTTPStatus

from flask import Blueprint, Flask, Response, g, request
from flask_wtf import CSRFProtect
from werkzeug.exceptions import HTTPException

from portal.api import appointments, available_times, booking_options, calendar, custom_form, errors, openapi, payment, throttle
from portal.api.available_times import AVAILABLE_TIMES_QUERY
from portal.api.call import Call, Method
from portal.api.errors import busy, fault
from portal.api.model import APPOINTMENT, CONFORM_PAYMENT, CUSTOM_FORM
from portal.api.offer_answers import AVAILABLE_TIMES, BOOKING_OPTIONS
from portal.api.permissions import BOOK_FOR_PATIENT, CANCEL, CHANGE, FOR_PATIENT, OFFER, SEE, SEE_PATIENT, Kind, Permission

__all__ = ["CALLS", "answer_error", "busy", "fault", "init_app", "is_addressed"]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


CALLS = (
    Call(
        "Calendar/PatientAppointmentPost",
        BOOK_FOR_PATIENT,
        {"POST": Method(calendar.patient_appointment_post, "Patient Book Appointment", "Schedule", body=APPOINTMENT)},
        aliases=("Calendar/PatientAppointmentPost_v1", "Calendar/PatientAppointmentPost_v2"),
    ),
    Call(
        "Calendar/PatientAppointments",
        SEE_PATIENT,
        {
            "GET": Method(
                appointments.patient_appointments,
                "Appointments one may see",
                "Collection of Schedule",
                query=appointments.APPOINTMENTS,
            )
        },
    ),
    Call(
        "Calendar/PatientAppointment",
        SEE,
        {"GET": Method(appointments.patient_appointment, "One appointment", "Schedule", query=appointments.APPOINTMENT)},
        unknown_to=frozenset({"POST"}),
    ),
    Call(
        "Calendar/PatientAppointmentCancel",
        CANCEL,
        {"POST": Method(appointments.patient_appointment_cancel, "Patient Cancel Appointment", "Schedule", body=appointments.CANCEL)},
    ),
    Call(
        "Calendar/PatientAppointmentReschedule",
        CHANGE,
        {"POST": Method(appointments.patient_appointment_reschedule, "Patient Reschedule Appointment", "Schedule", body=appointments.RESCHEDULE)},
    ),
    Call("Calendar/BookingOptions", OFFER, {"GET": Method(booking_options.booking_options_get, "Booking Options", BOOKING_OPTIONS.name)}),
    Call(
        "Calendar/AvailableTimes",
        FOR_PATIENT,
        {"GET": Method(available_times.available_times_get, "Available Times", AVAILABLE_TIMES.name, query=AVAILABLE_TIMES_QUERY)},
    ),
    Call(
        "CustomForm",
        CHANGE,
        {"POST": Method(custom_form.custom_form_post, "Custom Form Save", "Collection of CustomFormBindingModel", body=CUSTOM_FORM)},
    ),
    Call("Payment", CHANGE, {"POST": Method(payment.payment_post, "Payment", "string", body=CONFORM_PAYMENT)}),
)


@cache
def _document() -> openapi.Json:
    return openapi.document(CALLS)


def _described() -> Response:
    return errors.answer(HTTPStatus.OK, _document())


DESCRIPTION = Call(
    "openapi.json",
    Permission(Kind.PUBLIC, "programs read what the calls are before they have a key"),
    {"GET": Method(_described, "Describe these calls to programs", "OpenAPI document")},
)
_BY_PATH = {path.lower(): call for call in (*CALLS, DESCRIPTION) for path in (call.path, *call.aliases)}
blueprint = Blueprint("api", __name__)
blueprint.after_request(throttle.count_refusal)


def init_app(app: Flask, protection: CSRFProtect) -> None:
    """Add the door. It reads no cookies, and for that reason alone needs no protection against forged forms."""
    throttle.init_app(app)
    app.register_blueprint(blueprint)
    protection.exempt(blueprint)


@blueprint.route("/<any_case('api'):door>/", defaults={"rest": ""}, methods=METHODS, strict_slashes=False, provide_automatic_options=False)
@blueprint.route("/<any_case('api'):door>/<path:rest>", methods=METHODS, provide_automatic_options=False)
def call(door: str, rest: str) -> Response:  # noqa: ARG001 - the first segment only leads here
    """Find the call that a path names, slashes and blanks behind it aside, and its view for the method; the query never matters."""
    found = _BY_PATH.get(rest.rstrip("/ ").lower())
    if found is None or request.method in found.unknown_to:
        return errors.not_found()
    g.call = found.path
    method = found.methods.get(request.method)
    return method.view() if method else errors.wrong_method(found.methods)


def is_addressed() -> bool:
    """Tell whether the request is for this door."""
    return f"{request.path.lower()}/".startswith("/api/")


def answer_error(error: HTTPException) -> Response:
    """Answer an HTTP error in the envelope of this door."""
    return errors.from_http(error)
