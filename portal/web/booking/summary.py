"""What has been answered so far, in words: the panel beside the steps and the list on the check page."""

from collections.abc import Callable, Mapping
from typing import NamedTuple
from uuid import UUID

from portal.domain.catalogue import Catalogue, VisitOption
from portal.storage.drafts import DraftFacts
from portal.storage.patients import PatientFacts
from portal.web import display
from portal.web.language import gettext as _
from portal.web.language import ngettext


class Row(NamedTuple):
    """One answered question: what it is called, what was said, and where to change it."""

    label: str
    value: str
    change_url: str
    hidden_text: str


def rows_of(patient: PatientFacts, draft: DraftFacts, catalogue: Catalogue, urls: Mapping[str, str]) -> list[Row]:
    """Return a row for each answered step, in the order of the journey; `urls` names the answered steps."""
    makers: dict[str, Callable[[], tuple[str, str, str]]] = {
        "who": lambda: _who(patient),
        "provider": lambda: _with(draft, catalogue),
        "visit": lambda: _visit(draft, catalogue),
    }
    makers |= {"reasons": lambda: _reasons(draft, catalogue), "time": lambda: _time(draft, catalogue)}
    return [Row(label, value, urls[step], hidden) for step, make in makers.items() if step in urls for label, value, hidden in [make()]]


def _who(patient: PatientFacts) -> tuple[str, str, str]:
    return _("For"), patient.name, _("who it is for")


def _with(draft: DraftFacts, catalogue: Catalogue) -> tuple[str, str, str]:
    speciality = catalogue.specialities[draft.speciality_id].name if draft.speciality_id else ""
    provider = catalogue.providers[draft.provider_id].name if draft.provider_id else any_words(draft.facility_id, catalogue)
    return _("With"), f"{provider}, {speciality}", _("speciality or clinician")


def _visit(draft: DraftFacts, catalogue: Catalogue) -> tuple[str, str, str]:
    option = catalogue.visit_options[draft.visit_option_id] if draft.visit_option_id else None
    value = f"{catalogue.encounter_types[option.encounter_type_id].name}, {option_words(option)}" if option else ""
    return _("Visit"), value, _("kind of visit")


def _reasons(draft: DraftFacts, catalogue: Catalogue) -> tuple[str, str, str]:
    names = [catalogue.reasons[reason].name for reason in draft.reason_ids if reason in catalogue.reasons]
    return _("Reason"), ". ".join([*filter(None, [", ".join(names)]), draft.reason or ""]), _("reason for the visit")


def _time(draft: DraftFacts, catalogue: Catalogue) -> tuple[str, str, str]:
    zone, place = zone_and_place(draft, catalogue)
    locale = display.locale()
    chosen = [time for time in (draft.first_choice_at, draft.second_choice_at) if time]
    words = [f"{display.day_at(time, zone, locale)}, {display.clock(time, zone, locale)}" for time in chosen]
    return _("Date and time"), f"{_(' or else ').join(words)} ({place}, {display.zone(zone, locale)})", _("date and time")


def any_words(facility_id: UUID | None, catalogue: Catalogue) -> str:
    """Return "any clinician" in words, with the town where it is one town of several."""
    facility = catalogue.facilities.get(facility_id) if facility_id else None
    return _("Any clinician in %(place)s") % {"place": facility.place} if facility else _("Any clinician")


def option_words(option: VisitOption) -> str:
    """Return mode, length and fee of a visit option in words."""
    locale = display.locale()
    minutes = ngettext("%(number)s minute", "%(number)s minutes", option.minutes) % {"number": option.minutes}
    fee = [display.money(option.fee, locale)] if option.fee else []
    return ", ".join([display.mode(option.mode, locale), minutes, *fee])


def zone_and_place(draft: DraftFacts, catalogue: Catalogue) -> tuple[str, str]:
    """Return the zone in which the draft's times are shown, and the town people know it by."""
    providers = [one for one in catalogue.providers_of(draft.speciality_id, None, draft.facility_id) if draft.provider_id in (None, one.id)]
    facility = catalogue.facilities[providers[0].facility_id]
    return facility.time_zone, facility.place
