"""Finding the schedule that a program's record belongs to, by its id or its reference."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Record:
    """A schedule as those need to know it who add something to it."""

    schedule_id: UUID
    account_id: UUID
    patient_id: UUID
    paid_amount: Decimal


# Locked, so that of two programs that send the same the second waits and finds what the first has stored.
_RECORD: Select[*tuple[Any, ...]] = select(Schedule.id, Schedule.account_id, Schedule.patient_id, Schedule.paid_amount).with_for_update()
_BY_ID = Prepared(_RECORD.where(Schedule.id == bindparam("schedule_id")))
_BY_REFERENCE = Prepared(_RECORD.where(Schedule.account_id == bindparam("account_id"), Schedule.reference == bindparam("reference")))


def by_id(session: Session, schedule_id: UUID) -> Record | None:
    """Return the schedule with an id, or None; a second writer waits for the first."""
    row = _BY_ID.one(session, {"schedule_id": schedule_id})
    return None if row is None else Record(*row)


def by_reference(session: Session, account_id: UUID, reference: str) -> Record | None:
    """Return an account's schedule with a reference, or None; a second writer waits for the first."""
    row = _BY_REFERENCE.one(session, {"account_id": account_id, "reference": reference})
    return None if row is None else Record(*row)
