"""What the calls answer, as data: one description that the Schedule is written by and the help pages are generated from."""

from portal.api.model import CUSTOM_FORM, Kind, Member, Model
from portal.api.offer_answers import AVAILABLE_TIMES, BOOKING_OPTIONS

_KINDS = {
    "guid": Kind.GUID,
    "char": Kind.CHARACTER,
    "string": Kind.STRING,
    "date": Kind.DATE,
    "integer": Kind.INTEGER,
    "decimal": Kind.DECIMAL,
}
# Members in the order of the original page with their types there; a type with a capital letter is another model, * a collection. What is never
# null ends with an exclamation mark.
_SCHEDULE = """
ID:guid! FacilityId:guid! ResourceID:guid! AppointmentTypeId:guid PreferredPharmacyId:guid EncounterTypeModeDurationId:guid! ServiceId:guid
FromUserType:char! FromUserID:guid! UserId:guid! Title:string! Reason:string! CancelReason:string Type:string! AppointmentOn:date!
SecondaryAppointmentOn:date FromDate:date! Duration:integer! Note:string ToDate:date! StatusId:integer! AppointmentCount:integer!
EncounterTypeModeId:integer! RoomNo:string Option:string CallType:string CallRefId:string GuardianName:string Location:string
SpecialityId:guid ParentScheduleId:guid DoctorId:guid! PaidDate:date AppointmentOnUTC:date! SecondaryAppointmentOnUTC:date
PaidAmount:decimal! AccountId:guid! GuardianId:guid PatientReferralId:guid ParentId:guid PatientId:guid! IsGuardian:integer!
AppointmentModeId:integer ReferenceId:string! VisitMode:string! VisitCode:string Doctor:string! MethodId:integer PayConceptId:integer
PayMethodId:integer DocIds:*string! ReasonId:string DocId:string DoctorTimeZone:string! PatientTimeZone:string! PatientHummyurl:string
DoctorOffset:integer! PatientOffset:integer! EncounterId:guid DoctorZoneDate:string! PrimaryPatient:string SessionId:string
OldAppointmentOn:date OldAppointmentOnUTC:date OldSecondaryAppointmentOnUTC:date PortalType:string! UserOffset:integer! EncounterNo:string
StatusName:string! InsuranceName:string InsuranceId:guid EncounterTypeId:guid! Patient:Patient EncounterType:EncounterType Resource:Resource
Status:Status Facility:Facility Encounter:Encounter Member:Member Notification:Notification Speciality:Speciality
ScheduleDetails:*ScheduleDetail! Members:*Member! customFormModel:*CustomFormModel! ModifiedBy:guid! ModifiedOn:date! Modified:Member
"""


def _member(word: str) -> Member:
    name, _, marked = word.partition(":")
    kind, nullable = marked.rstrip("!"), not marked.endswith("!")
    if kind in _KINDS:
        return Member(name, _KINDS[kind], nullable=nullable)
    return Member(name, Kind.COLLECTION if kind.startswith("*") else Kind.OBJECT, nullable=nullable, model=Model(kind.lstrip("*"), ()))


SCHEDULE = Model("Schedule", tuple(map(_member, _SCHEDULE.split())))
# By the name that a call's description gives to what it answers; "Collection of" one of these needs no entry of its own. The model's name
# differs where a request has the same one: what is answered always has every member.
ANSWERS = {
    **{model.name: model for model in (SCHEDULE, BOOKING_OPTIONS, AVAILABLE_TIMES)},
    CUSTOM_FORM.name: Model("SavedCustomForm", CUSTOM_FORM.members),
}
