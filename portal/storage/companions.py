"""Named queries about those of a family whose visits are booked together with a draft's."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from portal.storage.clinic import Account
from portal.storage.core import run
from portal.storage.patients import COLUMNS, PatientFacts
from portal.storage.people import Patient
from portal.storage.prepared import Prepared
from portal.storage.schedule import Companion, Schedule


@dataclass(frozen=True, slots=True)
class CompanionFacts:
    """One more person of a draft: their visit, and why they come; an empty reason is the same as the first person's."""

    patient_id: UUID
    visit_option_id: UUID | None
    reason: str | None
    held_provider_id: UUID | None
    patient: PatientFacts = field(repr=False)


_OF_DRAFT = Prepared(
    select(Companion.patient_id, Companion.visit_option_id, Companion.reason, Companion.held_provider_id, *COLUMNS)
    .join(Patient, Patient.id == Companion.patient_id)
    .join(Account, Account.id == Patient.account_id)
    .where(Companion.draft_id == bindparam("draft_id"))
    .order_by(Companion.position)
)
_OF_GROUP = Prepared(select(Schedule.id).where(Schedule.group_id == bindparam("group_id")).order_by(Schedule.starts_at, Schedule.id))


def of_draft(session: Session, draft_id: UUID) -> tuple[CompanionFacts, ...]:
    """Return the others of a draft, in the order in which they are seen."""
    rows = _OF_DRAFT.rows(session, {"draft_id": draft_id})
    return tuple(_facts(row) for row in rows)


def _facts(row: Sequence[Any]) -> CompanionFacts:
    patient_id, visit_option_id, reason, held_provider_id, *patient = row
    return CompanionFacts(patient_id, visit_option_id, reason, held_provider_id, PatientFacts(*patient))


def add(session: Session, draft_id: UUID, patient_ids: Sequence[UUID]) -> None:
    """Write the others of a new draft."""
    rows = [{"draft_id": draft_id, "position": position, "patient_id": patient_id} for position, patient_id in enumerate(patient_ids, 1)]
    run(session, insert(Companion), rows)


def change(session: Session, draft_id: UUID, patient_id: UUID, answers: dict[str, Any]) -> None:
    """Write answers of one of the others."""
    statement = update(Companion).where(Companion.draft_id == bindparam("draft"), Companion.patient_id == bindparam("patient"))
    run(session, statement.values({name: bindparam(name) for name in answers}), {"draft": draft_id, "patient": patient_id, **answers})


def of_group(session: Session, group_id: UUID) -> list[UUID]:
    """Return the schedules that were booked together, by their starts."""
    return [row[0] for row in _OF_GROUP.rows(session, {"group_id": group_id})]
