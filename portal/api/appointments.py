"""The calls about appointments that are booked: list them, read one, cancel it, move it."""

from collections import Counter
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from flask import Response, abort

from portal import context
from portal.api import access, asked, errors
from portal.api.calendar import shown, told
from portal.api.dates import Form, form_of
from portal.api.model import Kind, Member, Model
from portal.api.schedule import schedule_answer
from portal.domain.audit import Deed
from portal.domain.guardianship import Act, Actor
from portal.domain.moving import MoveRequest
from portal.domain.schedule import CANCEL_REASON_MAX, seen_with
from portal.domain.walltime import zone_of
from portal.services import cancelling, moving
from portal.services.audit import Done
from portal.services.booking import Forbidden, Refused
from portal.services.cancelling import Cancelled
from portal.services.moving import Moved
from portal.storage import schedules
from portal.storage.catalogue import current_catalogue

TAKE_MAX = 200
_WHO = (Member("UserId", Kind.GUID), Member("AccountId", Kind.GUID))
_ID = Member("ID", Kind.GUID, nullable=False, required=True)

APPOINTMENTS = Model(
    "AppointmentsQuery",
    (
        *_WHO,
        Member("PatientId", Kind.GUID),
        Member("From", Kind.DATE),
        Member("To", Kind.DATE),
        Member("Skip", Kind.INTEGER),
        Member("Take", Kind.INTEGER),
    ),
)


def patient_appointments() -> Response:
    """Answer the schedules, in any state, of the patients whom the caller may see, soonest first.

    They start in [From, To), dates without zone being the account's; `Take` of them, TAKE_MAX at most, after the first `Skip`.
    """
    key = access.caller()
    members = asked.query(APPOINTMENTS)
    skip, take = _paging(members)
    actor = access.acting(key, members)
    wanted = _wanted_patients(actor, members["PatientId"])
    account = current_catalogue(context.db(), actor.account_id).account
    since = _bound(members["From"] or datetime.min, account.time_zone)  # noqa: DTZ901 - year 1 stands for none
    until = _bound(members["To"] or datetime.max, account.time_zone)  # noqa: DTZ901 - year 9999 stands for none
    found = schedules.listed(context.db(), schedules.Part(wanted, actor.own_patient_id, since, until, skip, take))
    rights = access.rights_over(actor, [schedule.patient_id for schedule in found])
    zone = context.portal().config.api_zone or account.time_zone
    answers = [schedule_answer(seen_with(one, rights[one.patient_id]), zone, account.time_zone) for one in found]
    answer = errors.answer(HTTPStatus.OK, answers, zone)
    counts = Counter(schedule.patient_id for schedule in found)
    access.note_seen(actor, *(Done(patient_id, Deed.SAW_LIST, detail=str(counts[patient_id])) for patient_id in wanted))
    return answer


def _paging(members: dict[str, Any]) -> tuple[int, int]:
    skip, take = members["Skip"] or 0, TAKE_MAX if members["Take"] is None else members["Take"]
    state = {}
    if skip < 0:
        state["query.Skip"] = ["The field Skip must be 0 or more."]
    if not 1 <= take <= TAKE_MAX:
        state["query.Take"] = [f"The field Take must be between 1 and {TAKE_MAX}."]
    return abort(errors.invalid(state)) if state else (skip, take)


def _wanted_patients(actor: Actor, patient_id: UUID | None) -> tuple[UUID, ...]:
    seen = access.patients_for(actor, Act.SEE)
    if patient_id is None:
        return seen
    return (patient_id,) if patient_id in seen else abort(errors.denied(HTTPStatus.FORBIDDEN))


def _bound(sent: datetime, account_zone: str) -> datetime:
    if sent.year in (MINYEAR, MAXYEAR):
        # an offset could carry it beyond the calendar; nothing is booked there anyway
        return sent.replace(tzinfo=UTC)
    return sent if sent.tzinfo else sent.replace(tzinfo=zone_of(account_zone))


APPOINTMENT = Model("AppointmentQuery", (_ID, *_WHO))


def patient_appointment() -> Response:
    """Answer one schedule, whatever its state."""
    key = access.caller()
    members = asked.query(APPOINTMENT)
    actor = access.acting(key, members)
    schedule = schedules.view(context.db(), members["ID"])
    if schedule is None or not access.may_see(actor, schedule):
        return errors.denied(HTTPStatus.FORBIDDEN)
    answer = shown(seen_with(schedule, access.rights_over(actor, [schedule.patient_id])[schedule.patient_id]))
    access.note_seen(actor, access.seen(schedule))
    return answer


CANCEL = Model("AppointmentCancelModel", (_ID, *_WHO, Member("CancelReason", Kind.STRING, max_length=CANCEL_REASON_MAX)))


def patient_appointment_cancel() -> Response:
    """Cancel, in the order of judgement: 401, 411, 415, 400 of binding, 403, 400 of the rules, 200."""
    members, actor = _begun(CANCEL)
    return _told(actor, cancelling.cancel(context.db(), actor, members["ID"], members["CancelReason"], context.now()))


RESCHEDULE = Model(
    "AppointmentRescheduleModel",
    (_ID, *_WHO, Member("AppointmentOn", Kind.DATE, nullable=False, required=True), Member("SecondaryAppointmentOn", Kind.DATE)),
)


def patient_appointment_reschedule() -> Response:
    """Move, in the order of judgement: 401, 411, 415, 400 of binding, 403, 400 of the rules, 409, 200."""
    members, actor = _begun(RESCHEDULE)
    first, second = members["AppointmentOn"], members["SecondaryAppointmentOn"]
    forms = form_of(first), form_of(second) if second else Form.UTC
    request = MoveRequest(members["ID"], first, second, *(form.value for form in forms))
    return _told(actor, moving.move(context.db(), actor, request, context.now()))


def _begun(model: Model) -> tuple[dict[str, Any], Actor]:
    """Read the body, and then begin to write and find out again, inside the transaction, who is acting."""
    access.caller()
    members = asked.body(model)
    return members, access.acting(access.begin_write(), members)


def _told(actor: Actor, outcome: Cancelled | Moved | Refused | Forbidden) -> Response:
    if isinstance(outcome, Refused):
        return errors.refused(outcome.problems, outcome.alternatives, taken=outcome.taken)
    if isinstance(outcome, Forbidden):
        return errors.denied(HTTPStatus.FORBIDDEN)
    return told(actor, outcome.schedule_id, replayed=outcome.replayed)
