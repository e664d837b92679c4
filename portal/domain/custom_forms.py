"""The answers to a form of the practice's own that a program sends for a schedule."""

from dataclasses import dataclass
from uuid import UUID

NOTE_MAX = 500


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What was answered to one field; a field with several entries has several of these."""

    field_id: UUID
    value: str | None
    is_multi_entry: bool


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """A form as it was filled in. The portal keeps the codes of module, record type, area and status and decides nothing by them."""

    custom_form_id: UUID
    schedule_id: UUID
    patient_id: UUID
    answers: tuple[FormAnswer, ...]
    note: str | None
    status_id: int | None
    encounter_id: UUID | None
    encounter_type_id: UUID | None
    module_id: int
    module_name: str | None
    record_type_id: int
    area_id: int
