"""What has been answered so far, in words: the panel beside the steps and the list on the check page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal.domain.catalogue import Catalogue, Facility, Mode, VisitOption
from portal.services.drafts import named_reasons, providers_of
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


@dataclass(frozen=True, slots=True)
class Answers:
    """A draft's answers in words, each as (label, value, what its Change link is for)."""

    patient: PatientFacts
    draft: DraftFacts
    catalogue: Catalogue

    @property
    def who(self) -> tuple[str, str, str]:
        """The person receiving care."""
        return _("For"), self.patient.name, _("who it is for")

    @property
    def provider(self) -> tuple[str, str, str]:
        """Speciality, and clinician or any of a place."""
        draft = self.draft
        speciality = self.catalogue.specialities[draft.speciality_id].name if draft.speciality_id else ""
        name = self.catalogue.providers[draft.provider_id].name if draft.provider_id else any_words(draft.facility_id, self.catalogue)
        return _("With"), f"{name}, {speciality}", _("speciality or clinician")

    @property
    def visit(self) -> tuple[str, str, str]:
        """Kind of visit, mode, length and fee."""
        option = self._option
        value = f"{self.catalogue.encounter_types[option.encounter_type_id].name}: {option_words(option)}" if option else ""
        return _("Visit"), value, _("kind of visit")

    @property
    def where(self) -> tuple[str, str, str]:
        """The place of a visit in person, or that there is none to go to."""
        facility = facility_of(self.draft, self.catalogue)
        in_person = self._option is not None and self._option.mode is Mode.IN_PERSON
        return _("Where"), f"{facility.name}, {facility.address}" if in_person else _("No need to travel"), _("the place")

    @property
    def reasons(self) -> tuple[str, str, str]:
        """Coded reasons and the patient's own words."""
        said = [named_reasons(self.draft.reason_ids, self.catalogue), self.draft.reason]
        return _("Reason"), ". ".join(filter(None, said)), _("reason for the visit")

    @property
    def note(self) -> tuple[str, str, str]:
        """The note for the clinician."""
        return _("Note"), self.draft.note or _("Not provided"), _("note for the clinician")

    @property
    def privacy(self) -> tuple[str, str, str]:
        """That nobody who acts for the patient sees the visit."""
        return _("Privacy"), _("Kept private from people who act for you"), _("who sees the visit")

    @property
    def time(self) -> tuple[str, str, str]:
        """The first choice, with its zone."""
        facility = facility_of(self.draft, self.catalogue)
        zone = display.zone(facility.time_zone, display.locale())
        return _("Date and time"), f"{self._moment(self.draft.first_choice_at)} ({facility.place}, {zone})", _("date and time")

    @property
    def second_choice(self) -> tuple[str, str, str]:
        """The second choice, if there is one."""
        return _("Second choice"), self._moment(self.draft.second_choice_at), _("second-choice time")

    @property
    def _option(self) -> VisitOption | None:
        return self.catalogue.visit_options.get(self.draft.visit_option_id) if self.draft.visit_option_id else None

    def _moment(self, instant: datetime | None) -> str:
        zone, locale = facility_of(self.draft, self.catalogue).time_zone, display.locale()
        return f"{display.day_at(instant, zone, locale)}, {display.clock(instant, zone, locale)}" if instant else _("Not provided")


SO_FAR = {"who": ["who"], "provider": ["provider"], "visit": ["visit"], "reasons": ["reasons"], "time": ["time"]}
IN_FULL = {**SO_FAR, "provider": ["provider", "where"], "reasons": ["reasons", "note"], "time": ["time", "second_choice"]}
PRIVATELY = {**IN_FULL, "reasons": ["reasons", "note", "privacy"]}


def rows_of(answers: Answers, urls: Mapping[str, str], shown: Mapping[str, list[str]] = SO_FAR) -> list[Row]:
    """Return a row for each answer shown of the steps that `urls` names, in the order of the journey."""
    asked = [(step, name) for step, names in shown.items() if step in urls for name in names]
    told = [(step, getattr(answers, name)) for step, name in asked]
    return [Row(label, value, urls[step], hidden) for step, (label, value, hidden) in told]


def any_words(facility_id: UUID | None, catalogue: Catalogue) -> str:
    """Return "any clinician" in words, with the town where it is one town of several."""
    facility = catalogue.facilities.get(facility_id) if facility_id else None
    return _("Any clinician in %(place)s") % {"place": facility.place} if facility else _("Any clinician")


def option_words(option: VisitOption) -> str:
    """Return mode, length and fee of a visit option in words."""
    locale = display.locale()
    minutes = ngettext("%(number)s minute", "%(number)s minutes", option.minutes) % {"number": option.minutes}
    fee = [display.money(option.fee, locale)] if option.fee else []
    how = display.mode(option.mode, locale)
    return ", ".join([how, minutes, *fee])


def facility_of(draft: DraftFacts, catalogue: Catalogue) -> Facility:
    """Return the place of the draft's clinicians: its zone is the one in which times are shown."""
    return catalogue.facilities[providers_of(draft, catalogue)[0].facility_id]
