"""Holding a time for a whole group: the cells of all its people and their providers, in one statement or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.booking import Field, Problem
from portal.domain.catalogue import Catalogue
from portal.domain.together import Part
from portal.services import group_times, holds
from portal.services.group_times import GroupSearch
from portal.services.groups import search_for
from portal.services.offering import offer_given_up
from portal.storage import companions, drafts, occupancy
from portal.storage.core import savepoint
from portal.storage.drafts import DraftFacts

_TRIES = 3


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why one person of a group cannot be booked; None stands for the group."""

    patient_id: UUID | None
    problem: Problem


def choose_time(session: Session, draft: DraftFacts, start: datetime, catalogue: Catalogue, now: datetime) -> list[Trouble]:
    """Hold a time for the whole group in place of all else that its user holds, or return why it cannot be had."""
    search = search_for(draft, catalogue, now)
    before = holds.give_up_all(session, draft.user_id)
    until = now + timedelta(minutes=catalogue.account.rules.hold_minutes)
    parts = seated(session, draft, search, start, until)
    if parts is None:
        return why_not(session, search, start)
    first, *others = (part.slot.provider.id for part in parts)
    chosen = {"first_choice_at": start, "second_choice_at": None, "held_until": until, "held_provider_id": first}
    drafts.change(session, draft.id, chosen)
    for companion, provider_id in zip(draft.companions, others, strict=True):
        companions.change(session, draft.id, companion.patient_id, {"held_provider_id": provider_id})
    offer_given_up(session, catalogue.account.id, before, now)
    return []


def planned(session: Session, draft: DraftFacts, catalogue: Catalogue, now: datetime) -> tuple[Part, ...] | None:
    """Return who would be seen by whom and when if the draft were booked now, or None when its time is gone; one query."""
    if draft.first_choice_at is None:
        return None
    return group_times.planned(session, search_for(draft, catalogue, now), draft.first_choice_at, _wishes(draft))


def seated(session: Session, draft: DraftFacts, search: GroupSearch, start: datetime, until: datetime) -> tuple[Part, ...] | None:
    """Hold the cells of a whole group by its draft in one statement, and return who is seen by whom; the insert decides, not the look."""
    free = replace(search, besides=None)
    for _ in range(_TRIES):
        parts = group_times.planned(session, free, start, _wishes(draft))
        if parts is None:
            return None
        if _hold(session, draft.id, until, _spans(parts), search.group.now):
            return parts
    return None


def _hold(session: Session, draft_id: UUID, until: datetime, spans: dict[UUID, list[int]], now: datetime) -> bool:
    """Hold some cells, or return False when another holds one; the rows of drafts whose time is over are taken away."""
    for _ in range(2):
        try:
            with savepoint(session):
                occupancy.hold(session, draft_id, until, spans)
                return True
        except IntegrityError as error:
            if not occupancy.is_taken(error):
                raise
        if not occupancy.clear_expired(session, spans, now):
            break
    return False


def _spans(parts: Sequence[Part]) -> dict[UUID, list[int]]:
    spans: dict[UUID, list[int]] = {}
    for part in parts:
        for resource_id, cells in part.cells().items():
            spans.setdefault(resource_id, []).extend(cells)
    return {resource_id: sorted(cells) for resource_id, cells in spans.items()}


def why_not(session: Session, search: GroupSearch, start: datetime) -> list[Trouble]:
    """Return which of the group cannot be seen then, and why; what their draft held has been let go."""
    found = group_times.obstacles(session, replace(search, besides=None), start)
    return [Trouble(patient_id, Problem(Field.FIRST_CHOICE, code)) for patient_id, code in found]


def _wishes(draft: DraftFacts) -> list[UUID | None]:
    return [draft.held_provider_id, *(one.held_provider_id for one in draft.companions)]
