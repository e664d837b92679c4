"""What has been answered so far, in words: the panel beside the steps and the list on the check page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from portal.domain.catalogue import Catalogue, Facility, Mode, VisitOption
from portal.domain.schedule import ScheduleView
from portal.domain.together import Arrangement, Part
from portal.services.drafts import named_reasons, providers_of
from portal.storage.drafts import DraftFacts
from portal.storage.patients import PatientFacts
from portal.web import display
from portal.web.language import gettext as _
from portal.web.language import lazy, ngettext


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
        return _("For"), all_names(self.people), _("who it is for")

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
        wanted = [self.draft.visit_option_id, *(one.visit_option_id for one in self.draft.companions)]
        options = [self.catalogue.visit_options.get(option_id) if option_id else None for option_id in wanted]
        told = [f"{self.catalogue.encounter_types[one.encounter_type_id].name}: {option_words(one)}" if one else "" for one in options]
        return _("Visit"), self._each(told), _("kind of visit")

    @property
    def arrangement(self) -> tuple[str, str, str]:
        """How the visits of several people lie."""
        return _("How"), str(ARRANGEMENTS[Arrangement(self.draft.arrangement or Arrangement.IN_TURN)]), _("how you are seen")

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
        first = ". ".join(filter(None, said))
        return _("Reason"), self._each([first, *(one.reason or first for one in self.draft.companions)]), _("reason for the visit")

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

    @property
    def people(self) -> list[PatientFacts]:
        """Everybody whom it is for."""
        return [self.patient, *(one.patient for one in self.draft.companions)]

    def _each(self, told: list[str]) -> str:
        """Return what is told of each person, once where it is the same for all."""
        if len(set(told)) == 1:
            return told[0]
        return "; ".join(f"{person.given_name}: {words}" for person, words in zip(self.people, told, strict=True))

    def _moment(self, instant: datetime | None) -> str:
        zone, locale = facility_of(self.draft, self.catalogue).time_zone, display.locale()
        return f"{display.day_at(instant, zone, locale)}, {display.clock(instant, zone, locale)}" if instant else _("Not provided")


SO_FAR = {"who": ["who"], "provider": ["provider"], "visit": ["visit"], "reasons": ["reasons"], "time": ["time"]}
IN_FULL = {**SO_FAR, "provider": ["provider", "where"], "reasons": ["reasons", "note"], "time": ["time", "second_choice"]}
PRIVATELY = {**IN_FULL, "reasons": ["reasons", "note", "privacy"]}


TOGETHER = {**IN_FULL, "visit": ["visit", "arrangement"], "time": []}
ARRANGEMENTS = {
    Arrangement.IN_TURN: lazy("One after another, with one clinician"),
    Arrangement.AT_ONCE: lazy("At the same time, with different clinicians"),
}


def part_rows(parts: Iterable[Part], answers: Answers, change_url: str) -> list[Row]:
    """Return a row for each person of a group: when they are seen, and by whom."""
    facility, locale = facility_of(answers.draft, answers.catalogue), display.locale()
    names = {person.id: person.name for person in answers.people}
    rows = []
    for part in parts:
        start, zone = part.slot.start, facility.time_zone
        when = {"day": display.day_at(start, zone, locale), "time": display.clock(start, zone, locale), "name": part.slot.provider.name}
        words = f"{_('%(day)s, %(time)s with %(name)s') % when} ({facility.place}, {display.zone(zone, locale)})"
        rows.append(Row(names[part.member.patient_id], words, change_url, _("date and time")))
    return rows


def all_names(people: Iterable[PatientFacts | ScheduleView]) -> str:
    """Return the names of everybody, or of those whose visits these are."""
    names = [person.patient_name if isinstance(person, ScheduleView) else person.name for person in people]
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]} if len(names) > 1 else names[0]


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
