"""The call that answers the open times of up to 31 days, so that a program can offer and then book them."""

from datetime import datetime, time
from http import HTTPStatus
from typing import Any

from flask import Response

from portal import context
from portal.api import access, asked, errors
from portal.api.model import Kind, Member, Model
from portal.domain.asked_days import DAYS_MAX, AskedDays
from portal.domain.openings import DayState
from portal.domain.walltime import local
from portal.services import available_times
from portal.services.available_times import Available, TimesRequest
from portal.services.booking import Forbidden
from portal.services.openings import OfferedDay, OpenTime
from portal.storage.catalogue import current_catalogue

AVAILABLE_TIMES_QUERY = Model(
    "AvailableTimesQuery",
    (
        Member("ProviderId", Kind.GUID),
        Member("SpecialityId", Kind.GUID),
        Member("EncounterTypeModeDurationId", Kind.GUID),
        Member("From", Kind.DATE, nullable=False, required=True),
        Member("To", Kind.DATE, nullable=False, required=True),
        Member("PatientId", Kind.GUID),
    ),
)
STATE_NAMES = {
    DayState.OPEN: "Open",
    DayState.FULL: "Full",
    DayState.CLOSED: "Closed",
    DayState.OFF: "Off",
    DayState.TOO_SOON: "TooSoon",
    DayState.TOO_FAR: "TooFar",
}
TOO_LONG = f"At most {DAYS_MAX} days can be asked for at a time."
BACKWARDS = "The last day must not be before the first."


def available_times_get() -> Response:
    """Answer every day from From to To with its open times; a patient's own bookings count when the patient is named."""
    program = access.program_for(access.caller())
    members = asked.query(AVAILABLE_TIMES_QUERY)
    days = AskedDays(members["From"], members["To"])
    if days.is_backwards or days.is_too_long:
        return errors.invalid({"query.To": [BACKWARDS if days.is_backwards else TOO_LONG]})
    catalogue = current_catalogue(context.db(), program.account_id)
    outcome = available_times.available(context.db(), program, _request(members, days), catalogue, context.now())
    if isinstance(outcome, Forbidden):
        return errors.denied(HTTPStatus.FORBIDDEN)
    if isinstance(outcome, Available):
        return errors.answer(HTTPStatus.OK, _written(outcome))
    return errors.refused(outcome, (), taken=False, prefix="query")


def _request(members: dict[str, Any], days: AskedDays) -> TimesRequest:
    return TimesRequest(days, members["ProviderId"], members["SpecialityId"], members["EncounterTypeModeDurationId"], members["PatientId"])


def _written(available: Available) -> dict[str, object]:
    return {
        "EncounterTypeModeDurationId": available.option.id,
        "Duration": available.option.minutes,
        "Days": [_day(offered) for offered in available.days],
    }


def _day(offered: OfferedDay) -> dict[str, object]:
    midnight = datetime.combine(offered.day, time())
    return {"Date": midnight, "State": STATE_NAMES[offered.state], "Times": [_time(found) for found in offered.times]}


def _time(found: OpenTime) -> dict[str, object]:
    """Return a time both as wall time at the facility and as an instant; only the instant tells the two of a repeated hour apart."""
    wall = local(found.starts_at, found.time_zone).replace(tzinfo=None, fold=0)
    return {
        "AppointmentOn": wall,
        "AppointmentOnUTC": found.starts_at,
        "FacilityId": found.facility_id,
        "ProviderIds": found.provider_ids,
    }
