"""The Schedule as the wire has it: 87 members in the order of the original page, nulls included."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from portal.api.answers import SCHEDULE
from portal.api.dates import Form
from portal.domain.catalogue import Mode
from portal.domain.schedule import ScheduleView, Status
from portal.domain.walltime import local, offset_minutes, zone_of

MODE_NAMES = {Mode.IN_PERSON: "In person", Mode.VIDEO: "Video", Mode.PHONE: "Phone"}
STATUS_NAMES = {
    Status.REQUESTED: "Requested",
    Status.BOOKED: "Booked",
    Status.ARRIVED: "Arrived",
    Status.FULFILLED: "Fulfilled",
    Status.CANCELLED: "Cancelled",
    Status.NO_SHOW: "NoShow",
    Status.DECLINED: "Declined",
}
PATIENT, GUARDIAN = "P", "G"
MEMBERS = tuple(member.name for member in SCHEDULE.members)


def schedule_answer(schedule: ScheduleView, api_zone: str, user_zone: str) -> dict[str, object]:
    """Return every member by wire name; dates are in the form in which they were sent, `api_zone` that of local ones."""
    return {**dict.fromkeys(MEMBERS), **{name: member(schedule) for name, member in _FROM_SCHEDULE.items()}, **_zoned(schedule, api_zone, user_zone)}


def _zoned(schedule: ScheduleView, api_zone: str, user_zone: str) -> dict[str, object]:
    given, other = schedule.first_choice_form, schedule.second_choice_form
    if not schedule.first_choice_given:
        given, other = other, given
    patient_zone = schedule.patient_time_zone or user_zone

    def sent(instant: datetime | None, form: str) -> datetime | None:
        return instant and _as_sent(instant, Form(form), schedule.time_zone, api_zone)

    return {
        "AppointmentOn": sent(schedule.starts_at, given),
        "SecondaryAppointmentOn": sent(schedule.other_choice_at, other),
        "FromDate": sent(schedule.starts_at, given),
        "ToDate": sent(schedule.ends_at, given),
        "OldAppointmentOn": sent(schedule.old_starts_at, schedule.old_form or given),
        "DoctorOffset": offset_minutes(schedule.starts_at, schedule.time_zone),
        "PatientTimeZone": patient_zone,
        "PatientOffset": offset_minutes(schedule.starts_at, patient_zone),
        "UserOffset": offset_minutes(schedule.starts_at, user_zone),
        "DoctorZoneDate": local(schedule.starts_at, schedule.time_zone).replace(tzinfo=None).isoformat(timespec="seconds"),
    }


def _as_sent(instant: datetime, form: Form, facility_zone: str, api_zone: str) -> datetime:
    """Return an instant so that it is written as it was sent: see `dates.form_of`."""
    if form is Form.UNSPECIFIED:
        return local(instant, facility_zone).replace(tzinfo=None, fold=0)
    return instant.astimezone(UTC if form is Form.UTC else zone_of(api_zone))


def _reason_ids(schedule: ScheduleView) -> str | None:
    return ",".join(str(reason_id) for reason_id, _ in schedule.reasons) or None


def _doc_ids(schedule: ScheduleView) -> list[str]:
    return [part.strip() for part in (schedule.doc_ids or "").split(",") if part.strip()]


def _by_guardian(schedule: ScheduleView) -> bool:
    return schedule.guardian_link_id is not None


_FROM_SCHEDULE: dict[str, Callable[[ScheduleView], Any]] = {
    "ID": lambda s: s.id,
    "FacilityId": lambda s: s.facility_id,
    "ResourceID": lambda s: s.provider_id,
    "AppointmentTypeId": lambda s: s.encounter_type_id,
    "EncounterTypeModeDurationId": lambda s: s.visit_option_id,
    "ServiceId": lambda s: s.service_id,
    "FromUserType": lambda s: GUARDIAN if _by_guardian(s) else PATIENT,
    "FromUserID": lambda s: s.user_id,
    "UserId": lambda s: s.user_id,
    "Title": lambda s: s.encounter_type_name,
    "Reason": lambda s: s.reason,
    "Type": lambda _: "Appointment",
    "Duration": lambda s: s.minutes,
    "Note": lambda s: s.note,
    "StatusId": lambda s: s.status,
    "AppointmentCount": lambda _: 0,
    "EncounterTypeModeId": lambda s: s.mode,
    "GuardianName": lambda s: s.user_name if _by_guardian(s) else None,
    "Location": lambda s: s.facility_address if s.mode == Mode.IN_PERSON else None,
    "SpecialityId": lambda s: s.speciality_id,
    "ParentScheduleId": lambda s: s.parent_id,
    "DoctorId": lambda s: s.provider_id,
    "PaidDate": lambda s: s.paid_at,
    "AppointmentOnUTC": lambda s: s.starts_at,
    "SecondaryAppointmentOnUTC": lambda s: s.other_choice_at,
    "PaidAmount": lambda s: s.paid_amount,
    "AccountId": lambda s: s.account_id,
    "GuardianId": lambda s: s.user_id if _by_guardian(s) else None,
    "PatientReferralId": lambda s: s.referred_parent_id,
    "ParentId": lambda s: s.parent_id,
    "PatientId": lambda s: s.patient_id,
    "IsGuardian": lambda s: int(_by_guardian(s)),
    "ReferenceId": lambda s: s.reference,
    "VisitMode": lambda s: MODE_NAMES[Mode(s.mode)],
    "Doctor": lambda s: s.provider_name,
    "MethodId": lambda s: s.method_id,
    "PayMethodId": lambda s: s.method_id,
    "DocIds": _doc_ids,
    "ReasonId": _reason_ids,
    "DoctorTimeZone": lambda s: s.time_zone,
    "PrimaryPatient": lambda s: s.user_name if _by_guardian(s) else None,
    "PortalType": lambda _: "Patient",
    "CancelReason": lambda s: s.cancel_reason,
    "OldAppointmentOnUTC": lambda s: s.old_starts_at,
    "OldSecondaryAppointmentOnUTC": lambda s: s.old_other_choice_at,
    "StatusName": lambda s: STATUS_NAMES[Status(s.status)],
    "EncounterTypeId": lambda s: s.encounter_type_id,
    "ScheduleDetails": lambda _: [],
    "Members": lambda _: [],
    "customFormModel": lambda _: [],
    "ModifiedBy": lambda s: s.modified_by,
    "ModifiedOn": lambda s: s.modified_at,
}
