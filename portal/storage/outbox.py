"""The table of mail that waits to be sent, and its queries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, String, Text, bindparam, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.storage.base import Base
from portal.storage.prepared import Prepared


class Mail(Base):
    """One mail to one address, written in the transaction of what it tells of. `facts` is a JSON object; it is emptied when the mail is sent.

    It is tried at `try_at`, which is null once it was sent (`sent_at`) or given up.
    """

    __tablename__ = "mail"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID | None] = mapped_column(ForeignKey("patient.id"))
    kind: Mapped[str] = mapped_column(String(32))
    to: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    facts: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    try_at: Mapped[datetime | None] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"), index=True)
    failure: Mapped[str | None] = mapped_column(String(250))


_ADD = Prepared(insert(Mail).values({column.name: bindparam(column.name) for column in Mail.__table__.columns}))


def add(session: Session, mail: Mapping[str, Any]) -> None:
    """Write a new mail, given by column."""
    _ADD.write(session, {"tries": 0, "sent_at": None, "failure": None, "schedule_id": None, **mail})
