"""The table of who read and wrote what: rows are added, in one chain for each patient, and never changed; and its queries."""

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, bindparam, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.audit import DETAIL_MAX, FIRST, WHO_MAX, Deed, Entry
from portal.storage.base import Base
from portal.storage.people import Patient
from portal.storage.prepared import Prepared


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
# Of two transactions that write about one patient the second waits here, so that each finds the row before its own.
_LOCK = Prepared(select(Patient.id).where(Patient.id == bindparam("patient")).with_for_update(key_share=True))
_LAST = Prepared(select(Audit.number, Audit.digest).where(Audit.patient_id == bindparam("patient")).order_by(Audit.number.desc()).limit(1))
_ADD = Prepared(insert(Audit).values({column.name: bindparam(column.name) for column in Audit.__table__.columns}))
_CHAIN = Prepared(select(*_COLUMNS, Audit.digest).where(Audit.patient_id == bindparam("patient")).order_by(Audit.number))


def last(session: Session, patient_id: UUID) -> tuple[int, str]:
    """Return number and digest of a patient's newest row (0 and FIRST when there is none), and let no other transaction add one meanwhile."""
    _LOCK.one(session, {"patient": patient_id})
    row = _LAST.one(session, {"patient": patient_id})
    return (0, FIRST) if row is None else (row[0], row[1])


def add(session: Session, entry: Entry, digest: str) -> None:
    """Write the row that follows the newest."""
    _ADD.write(session, {**asdict(entry), "digest": digest})


def chain(session: Session, patient_id: UUID) -> list[tuple[Entry, str]]:
    """Return a patient's rows with their digests, oldest first."""
    return [_entry(*row) for row in _CHAIN.rows(session, {"patient": patient_id})]


def _entry(*row: Any) -> tuple[Entry, str]:  # noqa: ANN401 - the columns of the query
    columns = dict(zip(_NAMES, row, strict=False))
    return Entry(**{**columns, "deed": Deed(columns["deed"])}), row[-1]
