"""Tables of the answers to forms that programs send for a schedule, and their queries."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, delete, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.custom_forms import NOTE_MAX
from portal.storage.base import Base
from portal.storage.core import run
from portal.storage.prepared import Prepared


class FormResponse(Base):
    """One form, filled in for one schedule; sent again it takes the place of what was there."""

    __tablename__ = "form_response"
    __table_args__ = (UniqueConstraint("schedule_id", "custom_form_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"))
    custom_form_id: Mapped[UUID]
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    status_id: Mapped[int | None]
    encounter_id: Mapped[UUID | None]
    encounter_type_id: Mapped[UUID | None]
    module_id: Mapped[int]
    module_name: Mapped[str | None]
    record_type_id: Mapped[int]
    area_id: Mapped[int]
    modified_at: Mapped[datetime]
    modified_by: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))


class FormResponseAnswer(Base):
    """What was answered to one field of a form, in the order sent."""

    __tablename__ = "form_response_answer"

    form_response_id: Mapped[UUID] = mapped_column(ForeignKey("form_response.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    field_id: Mapped[UUID]
    value: Mapped[str | None]
    is_multi_entry: Mapped[bool]


_FOUND = Prepared(
    select(FormResponse.id).where(FormResponse.schedule_id == bindparam("schedule"), FormResponse.custom_form_id == bindparam("custom_form"))
)


def found(session: Session, schedule_id: UUID, custom_form_id: UUID) -> UUID | None:
    """Return the id under which a form is filled in for a schedule, or None."""
    row = _FOUND.one(session, {"schedule": schedule_id, "custom_form": custom_form_id})
    return None if row is None else row[0]


def add(session: Session, response: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> None:
    """Write a form that was not there yet, given by column, and its answers."""
    run(session, insert(FormResponse), response)
    _add_answers(session, response["id"], answers)


def replace(session: Session, response: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> None:
    """Write a form and its answers in place of those that are there under its id."""
    run(session, update(FormResponse).where(FormResponse.id == response["id"]).values(**response))
    run(session, delete(FormResponseAnswer).where(FormResponseAnswer.form_response_id == response["id"]))
    _add_answers(session, response["id"], answers)


def _add_answers(session: Session, response_id: UUID, answers: Sequence[Mapping[str, Any]]) -> None:
    if answers:
        rows = [{"form_response_id": response_id, "position": place, **answer} for place, answer in enumerate(answers)]
        run(session, insert(FormResponseAnswer), rows)
