"""The booking journey as a whole: its order, its addresses, and what every step of it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal import context
from portal.domain.catalogue import Catalogue
from portal.domain.guardianship import Act
from portal.services import drafts as service
from portal.services import groups
from portal.services.sign_in import token_hash
from portal.storage import drafts
from portal.storage.catalogue import catalogue as catalogue_at
from portal.storage.drafts import DraftFacts
from portal.storage.patients import PatientFacts
from portal.web.access import may_act_for_others, require_right
from portal.web.booking.summary import SO_FAR, Answers, Row, all_names, rows_of
from portal.web.leading import ask_to_sign_in
from portal.web.pages import page
from portal.web.permissions import Kind, Permission, View, marked
from portal.web.visitor import admit, begin_write, is_signed_in, token, visitor

blueprint = Blueprint("booking", __name__, url_prefix="/booking")
STEP = "/<uuid:patient_id>/<uuid:draft_id>/"
STEPS = ("provider", "visit", "reasons", "time", "check")


@dataclass(frozen=True, slots=True)
class Journey:
    """One draft on its way: the patient it is for, what has been answered, and what the practice offers."""

    patient: PatientFacts
    draft: DraftFacts
    catalogue: Catalogue
    base: str

    def url(self, step: str, /, **query: str) -> str:
        """Return the address of a step of this journey; a page needs thirty of them, too many to ask the router."""
        return f"{self.base}{step}?{urlencode(query)}" if query else f"{self.base}{step}"

    @property
    def people(self) -> tuple[PatientFacts, ...]:
        """Everybody whom it is for, in the order in which they are seen."""
        return (self.patient, *(one.patient for one in self.draft.companions))

    @property
    def for_self(self) -> bool:
        """Tell whether the visitor books for themselves."""
        return self.patient.id == visitor().own_patient_id

    @property
    def by_request(self) -> bool:
        """Tell whether the practice decides about the visit chosen."""
        option = self.catalogue.visit_options.get(self.draft.visit_option_id) if self.draft.visit_option_id else None
        return option is not None and option.rules.by_request

    @property
    def answered(self) -> dict[str, bool]:
        """Which steps have an answer that still holds."""
        option = self.catalogue.visit_options.get(self.draft.visit_option_id) if self.draft.visit_option_id else None
        providers = service.providers_of(self.draft, self.catalogue)
        return {
            "provider": self.draft.speciality_id is not None and bool(providers),
            "visit": option is not None and any(provider.id in option.provider_ids for provider in providers) and self._is_possible,
            "reasons": self.draft.reason is not None,
            "time": self.draft.first_choice_at is not None and bool(providers),
        }

    @property
    def _is_possible(self) -> bool:
        return not self.draft.arrangement or groups.group_of(self.draft, self.catalogue, context.now()) is not None

    @property
    def next_step(self) -> str:
        """The first step without an answer; changing an earlier answer so leads straight back to the check."""
        return next((step for step, done in self.answered.items() if not done), "check")

    def rows(self, shown: Mapping[str, list[str]] = SO_FAR) -> list[Row]:
        """Return what has been answered so far, as pages list it."""
        urls = {step: self.url(step) for step, done in self.answered.items() if done}
        return rows_of(Answers(self.patient, self.draft, self.catalogue), {"who": url_for("booking.who"), **urls}, shown)


def reading(view: Callable[[Journey], ResponseReturnValue]) -> View:
    """Mark a page of a step: the view gets the visitor's draft; others learn nothing, and a booked one leads to its appointment."""
    return _step(view, _read)


def writing(view: Callable[[Journey], ResponseReturnValue]) -> View:
    """Mark the answer to a step: the view gets the draft as the writing transaction sees it, locked against a second writer."""
    return _step(view, _locked)


def choosing(view: Callable[[Journey], ResponseReturnValue]) -> View:
    """Mark the answer to a step that lets go of what the visitor holds by another draft: two tabs of theirs come in turn.

    They meet before either has its draft; later each would wait for the other's.
    """
    return _step(view, _locked_in_turn)


def _step(view: Callable[[Journey], ResponseReturnValue], find: Callable[[UUID, UUID], Journey | None]) -> View:
    @wraps(view)
    def guarded(patient_id: UUID, draft_id: UUID) -> ResponseReturnValue:
        found = find(patient_id, draft_id)
        if found is None:
            return ask_to_sign_in()
        return redirect(found.url("booked"), 303) if found.draft.schedule_id else view(found)

    return marked(Permission(Kind.DRAFT, act=Act.BOOK))(guarded)


def _read(patient_id: UUID, draft_id: UUID) -> Journey | None:
    """Return the draft of whoever is signed in, or None for a stranger: one statement for both, on the pages asked for most."""
    carried = token()
    read = drafts.visited(context.db(), token_hash(carried), draft_id, patient_id) if carried else None
    signed_in, draft = read or (None, None)
    return _journey(draft) if admit(carried or "", signed_in) else None


def _locked(patient_id: UUID, draft_id: UUID) -> Journey | None:
    if not is_signed_in():
        return None
    begin_write()
    return _journey(drafts.draft(context.db(), draft_id, visitor().user_id, patient_id, lock=True))


def _locked_in_turn(patient_id: UUID, draft_id: UUID) -> Journey | None:
    if not is_signed_in():
        return None
    begin_write()
    drafts.wait_for_others(context.db(), visitor().user_id)
    return _journey(drafts.draft(context.db(), draft_id, visitor().user_id, patient_id, lock=True))


def _journey(read: tuple[DraftFacts, PatientFacts] | None) -> Journey:
    """Return the visitor's draft for a patient, or answer 404 when there is none or they may not book for them now."""
    if read is None:
        abort(404)
    draft, patient = read
    for person in (patient, *(one.patient for one in draft.companions)):
        require_right(person, Act.BOOK)
    base = f"{request.script_root}{blueprint.url_prefix}/{patient.id}/{draft.id}/"
    return Journey(patient, draft, catalogue_at(context.db(), patient.account_id, patient.revision), base)


def require(found: Journey, step: str) -> None:
    """Send a person who jumped ahead back to the first step they have not answered."""
    missing = STEPS.index(found.next_step)
    if missing < STEPS.index(step):
        abort(redirect(found.url(found.next_step), 303))


def onward(found: Journey) -> Response:
    """Commit the step and go to the next one without an answer."""
    context.commit()
    after = _journey(drafts.draft(context.db(), found.draft.id, visitor().user_id, found.patient.id))
    return redirect(after.url(after.next_step), 303)


def step_page(template: str, found: Journey, step: str, **values: Any) -> str:  # noqa: ANN401 - whatever the template shows
    """Render a step with the strip that says for whom, the way back and the summary so far."""
    place = STEPS.index(step)
    switch = url_for("booking.who") if may_act_for_others(Act.BOOK) else None
    back = found.url(STEPS[place - 1]) if place else switch or url_for("appointments.coming")
    shared = {"journey": True, "acting_for": all_names(found.people), "switch_url": switch, "back_url": back, "summary": found.rows()}
    return page(template, **{**shared, "action": found.url(step), **values})
