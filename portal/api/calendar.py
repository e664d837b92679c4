"""The booking call: bind, ask the one booking function, answer the whole Schedule."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort

from portal import context
from portal.api import access, asked, errors
from portal.api.dates import Form, form_of
from portal.api.model import APPOINTMENT
from portal.api.schedule import schedule_answer
from portal.domain.booking import BookingRequest, Echo
from portal.domain.guardianship import Actor
from portal.domain.schedule import ScheduleView, seen_with
from portal.services import audit, booking
from portal.services.booking import Booked, Refused
from portal.storage import schedules
from portal.storage.catalogue import current_catalogue


def patient_appointment_post() -> Response:
    """Book, in the order of judgement: 401, 411, 415, 400 of binding, 403, 400 of the rules, 409, 200."""
    access.caller()
    members = asked.body(APPOINTMENT)
    actor = access.actor_for(access.begin_write(), members["UserId"], members["AccountId"])
    outcome = booking.book(context.db(), actor, _request(members, actor), context.now())
    if isinstance(outcome, Booked):
        return told(actor, outcome.schedule_id, replayed=outcome.replayed)
    if isinstance(outcome, Refused):
        return errors.refused(outcome.problems, outcome.alternatives, taken=outcome.taken)
    return errors.denied(HTTPStatus.FORBIDDEN)


def _request(members: dict[str, Any], actor: Actor) -> BookingRequest:
    patient_id = members["PatientId"] or actor.own_patient_id
    if patient_id is None:
        abort(errors.invalid({"model.PatientId": ["This user has no patient record of their own; name the patient."]}))
    return BookingRequest(
        user_id=members["UserId"],
        account_id=members["AccountId"],
        patient_id=patient_id,
        first_choice=members["AppointmentOn"],
        second_choice=members["SecondaryAppointmentOn"],
        reason=members["Reason"],
        provider_id=members["ProviderId"],
        speciality_id=members["SpecialityId"],
        encounter_type_id=members["EncounterTypeId"],
        visit_option_id=members["EncounterTypeModeDurationId"],
        note=members["Note"],
        reason_ids=tuple(members["Reasons"] or ()),
        paid_amount=members["PaidAmount"],
        echo=_echo(members),
    )


def _echo(members: dict[str, Any]) -> Echo:
    return Echo(
        parent_id=members["ParentId"],
        referred_parent_id=members["ReferredParentId"],
        service_id=members["ServiceId"],
        method_id=members["MethodId"],
        is_custom_form_flow=members["IsCustomFormFlow"],
        doc_ids=members["DocIds"],
        first_choice_form=form_of(members["AppointmentOn"]).value,
        second_choice_form=form_of(second).value if (second := members["SecondaryAppointmentOn"]) else Form.UTC.value,
    )


def told(actor: Actor, schedule_id: UUID, *, replayed: bool) -> Response:
    """Commit, and answer the whole Schedule as this request's transaction sees it, but for what the actor may not read.

    That it was booked or changed is written down already; to tell again what was done before is to read it.
    """
    schedule = schedules.view(context.db(), schedule_id)
    if schedule is None:
        raise LookupError(f"the schedule {schedule_id} was booked but cannot be read")
    answer = shown(seen_with(schedule, access.rights_over(actor, [schedule.patient_id])[schedule.patient_id]))
    if replayed:
        audit.record_all(context.db(), actor, access.by_links(actor, access.seen(schedule)), context.now())
    return access.commit(answer)


def shown(schedule: ScheduleView) -> Response:
    """Answer a Schedule that has been read."""
    account = current_catalogue(context.db(), schedule.account_id).account
    zone = context.portal().config.api_zone or account.time_zone
    return errors.answer(HTTPStatus.OK, schedule_answer(schedule, zone, account.time_zone), zone)
