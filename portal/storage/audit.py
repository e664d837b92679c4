"""The table of who read and wrote what: rows are added, in one chain for each patient, and never changed; and its queries."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, bindparam, exists, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.audit import DETAIL_MAX, FIRST, WHO_MAX, Deed, Entry
from portal.storage.base import Base
from portal.storage.core import engine_of, run
from portal.storage.people import Patient
from portal.storage.prepared import Prepared
from portal.storage.schedule import Schedule


class Audit(Base):
    """One read or write of a patient's data. The database refuses to change or delete a row; `digest` covers the one before."""

    __tablename__ = "audit"

    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    link_id: Mapped[UUID | None]
    deed: Mapped[str] = mapped_column(String(24))
    object_id: Mapped[UUID | None]
    private: Mapped[bool]
    detail: Mapped[str] = mapped_column(String(DETAIL_MAX))
    door: Mapped[str] = mapped_column(String(8))
    address: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(WHO_MAX))
    digest: Mapped[str] = mapped_column(String(64))


_NAMES = [field.name for field in fields(Entry)]
_COLUMNS = tuple(getattr(Audit, name) for name in _NAMES)
# Of two transactions that write about one patient the second waits here, so that each finds the row before its own. Whoever writes rows
# that only point to the patient (schedules, drafts) takes a weaker lock on theirs and does not wait.
_LOCK = Prepared(select(Patient.id).where(Patient.id == bindparam("patient")).with_for_update(key_share=True))
_LAST = Prepared(select(Audit.number, Audit.digest).where(Audit.patient_id == bindparam("patient")).order_by(Audit.number.desc()).limit(1))
_ADD = Prepared(insert(Audit).values({column.name: bindparam(column.name) for column in Audit.__table__.columns}))
_IN_PARTS: Mapping[str, Any] = {"stream_results": True, "yield_per": 500}
_EVERY = select(*_COLUMNS, Audit.digest).order_by(Audit.patient_id, Audit.number)
_BOOKED = exists().where(Audit.patient_id == Schedule.patient_id, Audit.object_id == Schedule.id, Audit.deed == Deed.BOOKED)
_UNRECORDED = (
    select(Schedule.patient_id, Schedule.id)
    .where(Schedule.created_at >= select(func.min(Audit.at)).scalar_subquery(), ~_BOOKED)
    .order_by(Schedule.patient_id, Schedule.created_at)
)


def last(session: Session, patient_id: UUID) -> tuple[int, str]:
    """Return number and digest of a patient's newest row (0 and FIRST when there is none), and let no other transaction add one meanwhile."""
    if engine_of(session).dialect.name != "sqlite":
        # SQLite has one writer at a time anyway.
        _LOCK.one(session, {"patient": patient_id})
    row = _LAST.one(session, {"patient": patient_id})
    return (0, FIRST) if row is None else (row[0], row[1])


def add(session: Session, entry: Entry, digest: str) -> None:
    """Write the row that follows the newest."""
    _ADD.write(session, {**{name: getattr(entry, name) for name in _NAMES}, "digest": digest})


def chains(session: Session, patient_id: UUID | None = None) -> Iterator[tuple[Entry, str]]:
    """Give every row with its digest, chain after chain and oldest first, or those of one patient, without holding them all.

    All are as of one moment, whatever is written meanwhile. Raises ValueError at a row that says what no row can.
    """
    wanted = _EVERY if patient_id is None else _EVERY.where(Audit.patient_id == patient_id)
    for row in run(session, wanted.execution_options(**_IN_PARTS)):
        yield Entry(*row[:-1]), row[-1]


def unrecorded(session: Session, patient_id: UUID | None = None) -> Iterator[tuple[UUID, UUID]]:
    """Give patient and id of every schedule that was booked since the oldest row was written, of whose booking there is no row."""
    wanted = _UNRECORDED if patient_id is None else _UNRECORDED.where(Schedule.patient_id == patient_id)
    for row in run(session, wanted.execution_options(**_IN_PARTS)):
        yield row[0], row[1]
