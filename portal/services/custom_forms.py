"""Keeping the answers to a form with the schedule that they are for."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from portal.domain.audit import Deed
from portal.domain.booking import storable
from portal.domain.custom_forms import FormAnswers
from portal.domain.programs import Program
from portal.services import audit
from portal.services.booking import Forbidden
from portal.services.programs import right_to_book
from portal.storage import custom_forms, schedules

_NOT_COLUMNS = ("patient_id", "answers")


@dataclass(frozen=True, slots=True)
class Saved:
    """A form as it is now kept, its texts as a database can hold them; `modified_by` None means the practice itself."""

    id: UUID
    form: FormAnswers
    modified_at: datetime
    modified_by: UUID | None


def save(session: Session, program: Program, form: FormAnswers, form_id: UUID | None, now: datetime) -> Saved | Forbidden:
    """Keep a form for a schedule, in place of what was answered to it before; the session must have begun as a writer.

    `form_id` None is whatever is there; any other must be the id under which this very form is kept for this schedule.
    A schedule that is unknown, or another patient's, is as forbidden as one that is somebody else's. Flushes, never commits.
    """
    schedule = schedules.locked(session, form.schedule_id)
    if schedule is None or schedule.patient_id != form.patient_id:
        return Forbidden()
    right = right_to_book(session, program, schedule.patient_id, now, private=schedule.private)
    if right is None:
        return Forbidden()
    found = custom_forms.found(session, form.schedule_id, form.custom_form_id)
    if form_id not in (None, found):
        return Forbidden()
    saved = Saved(found or uuid4(), _storable(form), now, program.user_id)
    write = custom_forms.add if found is None else custom_forms.replace
    write(session, _response(saved), [asdict(answer) for answer in saved.form.answers])
    audit.record(session, program.actor or program.origin, right.done(Deed.SAVED_FORM, schedule), now)
    return saved


def _storable(form: FormAnswers) -> FormAnswers:
    answers = tuple(replace(answer, value=_text(answer.value)) for answer in form.answers)
    return replace(form, answers=answers, note=_text(form.note), module_name=_text(form.module_name))


def _text(text: str | None) -> str | None:
    return None if text is None else storable(text)


def _response(saved: Saved) -> dict[str, Any]:
    columns = {name: value for name, value in asdict(saved.form).items() if name not in _NOT_COLUMNS}
    return {"id": saved.id, **columns, "modified_at": saved.modified_at, "modified_by": saved.modified_by}
