"""Visits of a family made together in one draft: the first person is the draft's own, the others are its companions.

Each visit is a Schedule of its own with its own rights, rules and history; that they were booked together only says so.
A group has no second choice, and takes no visits that the practice has to confirm.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.booking import storable
from portal.domain.catalogue import Catalogue, Provider, VisitOption
from portal.domain.guardianship import Actor
from portal.domain.together import MEMBERS_MAX, Arrangement, Group, Member, is_possible
from portal.services import drafts
from portal.services.group_times import GroupSearch
from portal.storage import companions
from portal.storage import drafts as stored
from portal.storage.drafts import DraftFacts


def start(session: Session, actor: Actor, patient_ids: Sequence[UUID], now: datetime) -> UUID | None:
    """Write a new draft for several different patients and return its id, or None when the actor may not book for one of them.

    Raises ValueError for too many patients or one named twice.
    """
    if len(patient_ids) > MEMBERS_MAX or len(set(patient_ids)) < len(patient_ids):
        raise ValueError(patient_ids)
    first, *others = patient_ids
    if not all(drafts.may_book(session, actor, patient_id, now) for patient_id in others):
        return None
    draft_id = drafts.start(session, actor, first, now)
    if draft_id is not None:
        stored.change(session, draft_id, {"arrangement": Arrangement.IN_TURN.value})
        companions.add(session, draft_id, others)
    return draft_id


def visit_options(draft: DraftFacts, catalogue: Catalogue) -> list[VisitOption]:
    """Return the visit options from which each person of a group can have one."""
    return [option for option in drafts.visit_options(draft, catalogue) if not option.rules.by_request]


@dataclass(frozen=True, slots=True)
class Visits:
    """The visit option of each person, the draft's own first, and how the visits lie."""

    option_ids: tuple[UUID, ...]
    arrangement: Arrangement


def can_be(draft: DraftFacts, wanted: Visits, catalogue: Catalogue, now: datetime) -> bool:
    """Tell whether the draft's providers could take these visits together, whatever the time."""
    return group_of(_with(draft, wanted), catalogue, now) is not None


def choose_visits(session: Session, draft: DraftFacts, wanted: Visits, catalogue: Catalogue, now: datetime) -> bool:
    """Write each person's visit and the arrangement; False when the providers cannot take them. A change forgets the time."""
    if not can_be(draft, wanted, catalogue, now):
        return False
    first, *others = wanted.option_ids
    answers: dict[str, Any] = {"visit_option_id": first, "arrangement": wanted.arrangement.value}
    if _with(draft, wanted) != draft:
        drafts.give_up(session, draft, catalogue, now)
        answers |= drafts.UNBOOKED
    stored.change(session, draft.id, answers)
    for companion, option_id in zip(draft.companions, others, strict=True):
        companions.change(session, draft.id, companion.patient_id, {"visit_option_id": option_id, "held_provider_id": None})
    return True


def say_why(session: Session, draft: DraftFacts, said: Sequence[str]) -> None:
    """Write why each of the others comes; an empty text says the same as the first person's."""
    for companion, reason in zip(draft.companions, said, strict=True):
        companions.change(session, draft.id, companion.patient_id, {"reason": storable(reason)})


def group_of(draft: DraftFacts, catalogue: Catalogue, now: datetime) -> Group | None:
    """Return the group that a draft asks for, or None while it cannot be: a visit is missing, or nobody offers all of them."""
    options = {option.id: option for option in visit_options(draft, catalogue)}
    wanted = [(draft.patient_id, draft.visit_option_id), *((one.patient_id, one.visit_option_id) for one in draft.companions)]
    found = [(patient_id, options.get(option_id)) for patient_id, option_id in wanted if option_id]
    members = tuple(Member(patient_id, option, _providers(draft, catalogue, option)) for patient_id, option in found if option)
    if len(members) < len(wanted):
        return None
    group = Group(members, Arrangement(draft.arrangement or Arrangement.IN_TURN), now)
    return group if is_possible(group) else None


def search_for(draft: DraftFacts, catalogue: Catalogue, now: datetime) -> GroupSearch:
    """Return the search for a group's times; raises KeyError when its visits cannot be had together any more."""
    group = group_of(draft, catalogue, now)
    if group is None:
        raise KeyError(draft.visit_option_id)
    return GroupSearch(group, draft.holding)


def _with(draft: DraftFacts, wanted: Visits) -> DraftFacts:
    first, *others = wanted.option_ids
    told = tuple(replace(one, visit_option_id=option_id) for one, option_id in zip(draft.companions, others, strict=True))
    return replace(draft, visit_option_id=first, arrangement=wanted.arrangement.value, companions=told)


def providers_of(draft: DraftFacts, catalogue: Catalogue) -> tuple[Provider, ...]:
    """Return the draft's providers at the place of the first of them: a family goes to one place."""
    everybody = drafts.providers_of(draft, catalogue)
    return tuple(one for one in everybody if one.facility_id == everybody[0].facility_id)


def _providers(draft: DraftFacts, catalogue: Catalogue, option: VisitOption) -> tuple[Provider, ...]:
    return tuple(one for one in providers_of(draft, catalogue) if one.id in option.provider_ids)
