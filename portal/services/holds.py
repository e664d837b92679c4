"""Holding the chosen time for whoever is making a booking, for some minutes: others are not offered it meanwhile."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.slots import Slot, cells_held, slots
from portal.services import openings
from portal.services.openings import Search, Whose
from portal.services.taking import first_free
from portal.storage import drafts, occupancy
from portal.storage.drafts import DraftFacts, Holder


class Held(NamedTuple):
    """With whom a time is held, and up to when; and what its user held before."""

    provider_id: UUID
    until: datetime
    before: tuple[Holder, ...]


def hold(session: Session, draft: DraftFacts, search: Search, wanted: datetime, minutes: int) -> Held | Code:
    """Hold a wanted instant for a draft from now on, in place of all else that its user holds; or return why it cannot be had.

    Other transactions of the same user wait, so that one of their drafts holds something at a time. Flushes, never commits.
    """
    before = tuple(give_up_all(session, draft.user_id))
    found = slots(search.providers, search.asked, wanted)
    if isinstance(found, Code):
        return found
    until = search.asked.now + timedelta(minutes=minutes)

    def take(slot: Slot) -> Held:
        occupancy.hold(session, draft.id, until, cells_held(slot, search.asked.option, draft.patient_id))
        return Held(slot.provider.id, until, before)

    return first_free(session, found, search.asked, Whose(draft.patient_id), take)


def give_up_all(session: Session, user_id: UUID) -> list[Holder]:
    """Let go of whatever a user holds and return it, and let no other transaction of theirs hold anything meanwhile. Flushes, never commits."""
    held = drafts.holding(session, user_id)
    for holder in held:
        give_up(session, holder)
    return held


def let_go(session: Session, holder: Holder) -> None:
    """Free the cells that a draft holds, and leave what the draft itself says of it to the caller. Flushes, never commits."""
    if holder.group_until is not None:
        return occupancy.let_go_all(session, holder.draft_id, holder.group_until)
    return occupancy.let_go(session, holder.draft_id, holder.provider_id, holder.patient_id, openings.around(holder.starts_at))


def give_up(session: Session, holder: Holder) -> None:
    """Let go of what a draft holds. Flushes, never commits."""
    let_go(session, holder)
    drafts.change(session, holder.draft_id, {"held_until": None, "held_provider_id": None})
