"""What the calls about an account's offer answer, as data, in the order in which members are written."""

from portal.api.model import Kind, Member, Model


def _of(kind: Kind, *names: str) -> tuple[Member, ...]:
    return tuple(Member(name, kind, nullable=False) for name in names)


def _list(name: str, model: Model) -> Member:
    return Member(name, Kind.COLLECTION, nullable=False, model=model)


_IDS = Model(Kind.STRING.value, ())
_NAMED = (*_of(Kind.GUID, "Id"), *_of(Kind.STRING, "Name"))
_DEFAULT = Member("DefaultEncounterTypeModeDurationId", Kind.GUID)

FACILITY = Model("FacilityOption", (*_NAMED, *_of(Kind.STRING, "Place", "Address", "TimeZone")))
SPECIALITY = Model("SpecialityOption", _NAMED)
PROVIDER = Model("ProviderOption", (*_NAMED, *_of(Kind.GUID, "FacilityId"), _list("SpecialityIds", _IDS), _DEFAULT))
ENCOUNTER_TYPE = Model("EncounterTypeOption", (*_NAMED, _DEFAULT))
VISIT_OPTION = Model(
    "EncounterTypeModeDurationOption",
    (
        *_of(Kind.GUID, "Id", "EncounterTypeId"),
        *_of(Kind.INTEGER, "EncounterTypeModeId"),
        *_of(Kind.STRING, "VisitMode"),
        *_of(Kind.INTEGER, "Duration"),
        *_of(Kind.DECIMAL, "Fee"),
        *_of(Kind.INTEGER, "NoticeMinutes", "HorizonDays"),
        _list("ProviderIds", _IDS),
    ),
)
REASON = Model("ReasonOption", (*_NAMED, *_of(Kind.STRING, "Code")))
BOOKING_OPTIONS = Model(
    "BookingOptions",
    (
        *_of(Kind.GUID, "AccountId"),
        *_of(Kind.STRING, "AccountName", "TimeZone"),
        _list("Facilities", FACILITY),
        _list("Specialities", SPECIALITY),
        _list("Providers", PROVIDER),
        _list("EncounterTypes", ENCOUNTER_TYPE),
        _list("EncounterTypeModeDurations", VISIT_OPTION),
        _list("Reasons", REASON),
    ),
)

AVAILABLE_TIME = Model(
    "AvailableTime", (*_of(Kind.DATE, "AppointmentOn", "AppointmentOnUTC"), *_of(Kind.GUID, "FacilityId"), _list("ProviderIds", _IDS))
)
AVAILABLE_DAY = Model("AvailableDay", (*_of(Kind.DATE, "Date"), *_of(Kind.STRING, "State"), _list("Times", AVAILABLE_TIME)))
AVAILABLE_TIMES = Model(
    "AvailableTimes", (*_of(Kind.GUID, "EncounterTypeModeDurationId"), *_of(Kind.INTEGER, "Duration"), _list("Days", AVAILABLE_DAY))
)
