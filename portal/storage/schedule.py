"""Tables of bookings: the Schedule, the cells it holds, and the draft it grows from."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from portal.domain.booking import NOTE_MAX, REASON_MAX
from portal.domain.schedule import CANCEL_REASON_MAX
from portal.storage.base import Base


class Schedule(Base):
    """The saved record of one booked appointment.

    `starts_at` is the time given, `other_choice_at` the choice not given; a choice's form says how the program that
    sent it wrote it (utc, local or unspecified), so that it reads back the same way. The `old` ones are those before the last move.
    What is `private` no guardian sees.
    """

    __tablename__ = "schedule"
    __table_args__ = (
        UniqueConstraint("account_id", "reference"),
        CheckConstraint("starts_at < ends_at", name="span"),
        CheckConstraint("status BETWEEN 1 AND 7", name="status"),
        Index(None, "patient_id", "starts_at"),
        Index(None, "provider_id", "starts_at"),
        Index(None, "fingerprint"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    reference: Mapped[str] = mapped_column(String(8))
    status: Mapped[int]
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    guardian_link_id: Mapped[UUID | None] = mapped_column(ForeignKey("guardian_link.id"))
    provider_id: Mapped[UUID] = mapped_column(ForeignKey("provider.id"))
    facility_id: Mapped[UUID] = mapped_column(ForeignKey("facility.id"))
    speciality_id: Mapped[UUID] = mapped_column(ForeignKey("speciality.id"))
    visit_option_id: Mapped[UUID] = mapped_column(ForeignKey("visit_option.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    other_choice_at: Mapped[datetime | None]
    first_choice_given: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(REASON_MAX))
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    paid_amount: Mapped[Decimal]
    paid_at: Mapped[datetime | None]
    parent_id: Mapped[UUID | None]
    referred_parent_id: Mapped[UUID | None]
    service_id: Mapped[UUID | None]
    method_id: Mapped[int | None]
    is_custom_form_flow: Mapped[str | None]
    doc_ids: Mapped[str | None]
    first_choice_form: Mapped[str] = mapped_column(String(12))
    second_choice_form: Mapped[str] = mapped_column(String(12))
    fingerprint: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    modified_at: Mapped[datetime]
    modified_by: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    cancel_reason: Mapped[str | None] = mapped_column(String(CANCEL_REASON_MAX))
    cancelled_at: Mapped[datetime | None]
    old_starts_at: Mapped[datetime | None]
    old_other_choice_at: Mapped[datetime | None]
    old_form: Mapped[str | None] = mapped_column(String(12))
    private: Mapped[bool] = mapped_column(default=False, server_default=false())


class ScheduleReason(Base):
    """The coded reasons of a schedule, in the order given."""

    __tablename__ = "schedule_reason"

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    reason_id: Mapped[UUID] = mapped_column(ForeignKey("reason.id"))


class Occupancy(Base):
    """One five-minute cell of one provider or patient, held by one schedule. The primary key refuses a second holder.

    `cell` counts from 1970-01-01T00:00Z. The key leads with the resource, so a day of a resource is one range of it.
    """

    __tablename__ = "occupancy"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - the form that declarative classes take

    resource_id: Mapped[UUID] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedule.id"))


class Draft(Base):
    """A booking being made in the browser. It outlives the session, and remembers the schedule it became."""

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"), index=True)
    patient_id: Mapped[UUID] = mapped_column(ForeignKey("patient.id"))
    created_at: Mapped[datetime]
    speciality_id: Mapped[UUID | None]
    facility_id: Mapped[UUID | None]
    provider_id: Mapped[UUID | None]
    visit_option_id: Mapped[UUID | None]
    reason_ids: Mapped[str] = mapped_column(default="")
    reason: Mapped[str | None] = mapped_column(String(REASON_MAX))
    note: Mapped[str | None] = mapped_column(String(NOTE_MAX))
    first_choice_at: Mapped[datetime | None]
    second_choice_at: Mapped[datetime | None]
    schedule_id: Mapped[UUID | None] = mapped_column(ForeignKey("schedule.id"))
    private: Mapped[bool] = mapped_column(default=False, server_default=false())
