"""Tables of the calls of client programs: how many there were, and what those with an Idempotency-Key were answered."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.throttle import SUBJECT_MAX
from portal.storage.base import Base


class CallCount(Base):
    """How many calls of one kind a key or an address has used in the span that ends at `ends_at`."""

    __tablename__ = "call_count"

    subject: Mapped[str] = mapped_column(String(SUBJECT_MAX), primary_key=True)
    used: Mapped[int]
    ends_at: Mapped[datetime] = mapped_column(index=True)


class Repeat(Base):
    """A call with an Idempotency-Key: which request it was, and its answer.

    The row is written without the answer when the call begins to write, so that a second one waits for the first, and the answer
    follows in the same transaction.
    """

    __tablename__ = "repeat"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(index=True)
    status: Mapped[int | None]
    media_type: Mapped[str | None] = mapped_column(String(120))
    body: Mapped[bytes | None] = mapped_column(LargeBinary)
