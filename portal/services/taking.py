"""Taking a time: the insert, not the look before it, decides who gets it."""

from collections.abc import Callable
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.booking import Code
from portal.domain.openings import Asked, Occupied
from portal.domain.slots import Slot, blocked, by_room, cells_held
from portal.services import openings
from portal.services.openings import Holding, Whose
from portal.storage import occupancy
from portal.storage.core import savepoint

_T = TypeVar("_T")


def first_free(session: Session, candidates: list[Slot], asked: Asked, whose: Whose, take: Callable[[Slot], _T]) -> _T | Code:
    """Let `take` write the first slot that nobody holds, the provider with most room first, and return what it returns; or who is in the way.

    `take` holds cells by `storage.occupancy`, and may be called again for another slot.
    """
    held = _look(session, candidates, asked, whose)
    for slot in by_room(candidates, asked, held):
        if blocked(slot, asked.option, held) is not None:
            continue
        taken = _written(session, slot, asked, whose.patient_id, partial(take, slot))
        if taken is not None:
            return taken[0]
        held = _look(session, candidates, asked, whose)
    codes = {blocked(slot, asked.option, held) for slot in candidates}
    return Code.PATIENT_BUSY if codes == {Code.PATIENT_BUSY} else Code.TIME_TAKEN


def in_the_way(session: Session, candidates: list[Slot], asked: Asked, whose: Whose) -> Code | None:
    """Return who holds every one of the slots, or None when one is free."""
    held = _look(session, candidates, asked, whose)
    codes = {blocked(slot, asked.option, held) for slot in candidates}
    return None if None in codes else Code.PATIENT_BUSY if codes == {Code.PATIENT_BUSY} else Code.TIME_TAKEN


def _written(session: Session, slot: Slot, asked: Asked, patient_id: UUID | None, write: Callable[[], _T]) -> tuple[_T] | None:
    """Return what `write` returns, or None when another holds one of the slot's cells.

    A draft whose time is over is in nobody's way, but its rows may be: they are taken away, and it is tried once more.
    """
    for _ in range(2):
        try:
            with savepoint(session):
                return (write(),)
        except IntegrityError as error:
            if not occupancy.is_taken(error):
                raise
        if patient_id is None or not occupancy.clear_expired(session, cells_held(slot, asked.option, patient_id), asked.now):
            break
    return None


def _look(session: Session, candidates: list[Slot], asked: Asked, whose: Whose) -> Occupied:
    providers = tuple(slot.provider.id for slot in candidates)
    return openings.occupied(session, Holding(providers, openings.around(candidates[0].start), asked.now, whose))
