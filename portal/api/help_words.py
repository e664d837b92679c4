"""What the help pages and the OpenAPI document say in words, beyond what the models say by themselves."""

from portal.api.model import Model
from portal.api.schedule import MODE_NAMES, STATUS_NAMES

_STATUSES = ", ".join(f"{status.value} {name}" for status, name in STATUS_NAMES.items())
_MODES = ", ".join(f"{mode.value} {name}" for mode, name in MODE_NAMES.items())
_MEMBERS = {
    "AppointmentModel": {
        "EncounterTypeId": "The kind of visit. Without a visit option, its default one is booked.",
        "EncounterTypeModeDurationId": "The visit option: kind of visit, mode, minutes and fee in one.",
        "ProviderId": "The clinician. Without one, any free clinician of the speciality.",
        "UserId": "The user who books: the key's own user, or a user of the key's account.",
        "PatientId": "Whom the visit is for. Without it, the user's own patient record.",
        "SpecialityId": "The speciality wanted, when no clinician is named.",
        "AppointmentOn": "The start wanted most. Without a zone it is wall time at the facility; where the clocks skip it, it is refused.",
        "SecondaryAppointmentOn": "The start that is booked when the first is taken.",
        "Reason": "Why the patient comes, in their own words; not blank. Length counts UTF-16 units.",
        "Note": "More for the clinician to read. Length counts UTF-16 units.",
        "ParentId": "The appointment that this one follows.",
        "ReferredParentId": "The referral that this appointment comes from.",
        "PaidAmount": "What has been paid already; 0 when left out, and never null.",
        "AccountId": "The practice.",
        "MethodId": "How it was paid.",
        "DocIds": "Ids of documents, separated by commas.",
        "Reasons": "Coded reasons for the visit.",
    },
    "Schedule": {
        "ID": "The appointment.",
        "FromUserType": "Who booked: P the patient, G a guardian, S staff.",
        "AppointmentOn": "The start that was booked, written as it was sent: with Z, with the offset of the portal's zone, or with neither.",
        "SecondaryAppointmentOn": "The other choice.",
        "Duration": "Minutes.",
        "StatusId": f"{_STATUSES}.",
        "StatusName": "The word for StatusId.",
        "EncounterTypeModeId": f"{_MODES}.",
        "VisitMode": "The word for EncounterTypeModeId.",
        "ReferenceId": "The short reference that people are shown.",
        "IsGuardian": "1 when a guardian booked, else 0.",
        "AppointmentOnUTC": "The instant that was booked.",
        "DoctorTimeZone": "The IANA name of the facility's zone.",
        "PatientTimeZone": "The IANA name of the patient's zone.",
        "DoctorOffset": "Minutes, east of UTC positive.",
        "PatientOffset": "Minutes, east of UTC positive.",
        "UserOffset": "Minutes, east of UTC positive.",
        "DoctorZoneDate": "The start as wall time at the facility.",
        "PortalType": "Always Patient.",
        "DocIds": "The ids of documents that were sent, one by one.",
        "ReasonId": "The coded reasons, separated by commas.",
        "OldAppointmentOn": "The start before the appointment was moved.",
    },
}
BEARER = "A live key in the header Authorization: Bearer KEY. Cookies and keys in the address never count."
STANDING = (
    "Dates are ISO 8601, with Z, with an offset of at most 14 hours, or with neither.",
    "The case of the address and of member names does not matter, a trailing slash is allowed, and members that are not listed are ignored.",
    "Answers are JSON whatever the Accept header says; text/json is answered to those who ask for it. Null members are written out.",
    "Every error is an object with a Message; where values are wrong, ModelState holds their texts by member, all at once.",
    "Another method is answered 405 with the allowed ones in the header Allow.",
)
KEYED = (
    (
        "The header Idempotency-Key makes a retry safe: the same key with the same body is given the first answer again, with the header "
        "Idempotent-Replayed: true; the same key with another body is refused with 422."
    ),
    "Without that header, the same user who sends the same booking again is given the appointment it already made, while that is live.",
)
ALTERNATIVES = (
    (
        "When the time is taken, the answer is 409 with two more members: Code, which is time_taken (or patient_busy when it is the patient who "
        "has another appointment then), and Alternatives, the nearest starts that can be booked."
    ),
)


def description(model: Model, member: str) -> str:
    """Return what a member means; empty where its name says it."""
    return _MEMBERS.get(model.name, {}).get(member, "")
