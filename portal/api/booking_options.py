"""The call that answers what an account offers, so that a program can fill its pickers."""

from collections.abc import Iterable
from http import HTTPStatus
from uuid import UUID

from flask import Response

from portal import context
from portal.api import access, errors
from portal.api.schedule import MODE_NAMES
from portal.domain.catalogue import Account, Catalogue, EncounterType, Facility, Provider, Reason, Speciality, VisitOption
from portal.storage.catalogue import current_catalogue


def booking_options_get() -> Response:
    """Answer everything that can be chosen in a booking, each list in the order in which people see it."""
    program = access.program_for(access.caller())
    catalogue = current_catalogue(context.db(), program.account_id)
    return errors.answer(HTTPStatus.OK, _written(catalogue))


def _written(catalogue: Catalogue) -> dict[str, object]:
    order = {provider_id: place for place, provider_id in enumerate(catalogue.providers)}
    return {
        **_account(catalogue.account),
        "Facilities": [_facility(facility) for facility in catalogue.facilities.values()],
        "Specialities": [_named(speciality) for speciality in catalogue.specialities.values()],
        "Providers": [_provider(provider) for provider in catalogue.providers.values()],
        "EncounterTypes": [_encounter_type(encounter_type) for encounter_type in catalogue.encounter_types.values()],
        "EncounterTypeModeDurations": [
            _visit_option(option, sorted(option.provider_ids & order.keys(), key=order.__getitem__)) for option in catalogue.visit_options.values()
        ],
        "Reasons": [{**_named(reason), "Code": reason.code} for reason in catalogue.reasons.values()],
    }


def _account(account: Account) -> dict[str, object]:
    return {"AccountId": account.id, "AccountName": account.name, "TimeZone": account.time_zone}


def _named(entry: Facility | Speciality | Provider | EncounterType | Reason) -> dict[str, object]:
    return {"Id": entry.id, "Name": entry.name}


def _facility(facility: Facility) -> dict[str, object]:
    return {**_named(facility), "Place": facility.place, "Address": facility.address, "TimeZone": facility.time_zone}


def _provider(provider: Provider) -> dict[str, object]:
    return {
        **_named(provider),
        "FacilityId": provider.facility_id,
        "SpecialityIds": provider.speciality_ids,
        "DefaultEncounterTypeModeDurationId": provider.default_visit_option_id,
    }


def _encounter_type(encounter_type: EncounterType) -> dict[str, object]:
    return {**_named(encounter_type), "DefaultEncounterTypeModeDurationId": encounter_type.default_visit_option_id}


def _visit_option(option: VisitOption, provider_ids: Iterable[UUID]) -> dict[str, object]:
    return {
        "Id": option.id,
        "EncounterTypeId": option.encounter_type_id,
        "EncounterTypeModeId": option.mode,
        "VisitMode": MODE_NAMES[option.mode],
        "Duration": option.minutes,
        "Fee": option.fee,
        "NoticeMinutes": option.notice_minutes,
        "HorizonDays": option.horizon_days,
        "ProviderIds": list(provider_ids),
    }
