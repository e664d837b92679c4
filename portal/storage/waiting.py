"""Tables of the wait list: who waits for an earlier time, and what was offered to them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.booking import NOTE_MAX, REASON_MAX
from portal.storage.base import Base

_OPEN = text("state = 'open'")


class Waiting(Base):
    """Somebody who waits for a time, or with `schedule_id` for an earlier one than a visit they have; the answers are those of a draft.

    Wanted are days from `from_on` to `until_on` (null: without an end), by the facility's calendar. `private` is that of the draft, for
    the visit that comes of it.
    """

    __tablename__ = "waiting"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'offered', 'done', 'left')", name="state"),
        Index(None, "visit_option_id", "state", "created_at"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(8))
    speciality_id: Mapped[UUID]
    facility_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    visit_option_id: Mapped[UUID]
    reason_ids: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"), index=True)
    private: Mapped[bool] = mapped_column(default=False, server_default=false())


class Offer(Base):
    """A freed time that was offered to one waiting person: a draft of theirs holds it until `expires_at`."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'accepted', 'declined', 'passed')", name="state"),
        # Whoever waits is offered one time at a time.
        Index("uq_offer_open", "waiting_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    waiting_id: Mapped[UUID] = mapped_column(ForeignKey("waiting.id"))
    draft_id: Mapped[UUID] = mapped_column(ForeignKey("draft.id"), index=True)
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    starts_at: Mapped[datetime]
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(8))
